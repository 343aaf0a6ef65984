"""The pictures of a report, as SVG texts."""

from mtser.tables.pictures.forest import draw_forest
from mtser.tables.pictures.protocols import draw_protocols
from mtser.tables.pictures.reliability import draw_reliability
from mtser.tables.pictures.seeds import draw_seeds

__all__ = ["draw_forest", "draw_protocols", "draw_reliability", "draw_seeds"]
