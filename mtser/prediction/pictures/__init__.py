"""Pictures of what was found: a recording with its words, and a time line."""

from mtser.prediction.pictures.recording import draw_recording
from mtser.prediction.pictures.time_line import draw_time_line

__all__ = ["draw_recording", "draw_time_line"]
