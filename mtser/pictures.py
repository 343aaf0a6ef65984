"""What all pictures share: texts that fit, in fonts that have their letters, and the way to a file.

Pictures are drawn without ``pyplot``: nothing global is touched, no display is needed.
"""

import functools
import io
import logging
import unicodedata
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import matplotlib
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from mtser.files import write_atomically

_NO_LETTERS = ("Last Resort", "STIX", "cm", "DejaVu Sans Display")  # beginnings of names: boxes, mathematics


def save_png(figure: Figure, path: str | Path, dpi: int = 130) -> Path:
    """Write a picture as PNG, atomically: the same bytes for the same picture."""
    return write_atomically(path, lambda file: _save(figure, file, format="png", dpi=dpi, metadata={"Software": None}))


def svg(figure: Figure) -> str:
    """The picture as SVG, its letters as shapes: the same bytes for the same picture."""
    content = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "mtser", "svg.fonttype": "path"}):
        _save(figure, content, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return content.getvalue().decode("utf-8")


def n_columns(text: str) -> int:
    """How many letters wide a text is: those of Chinese, Japanese and Korean count as two.

    Example
    -------
    >>> n_columns("happy"), n_columns("高兴")
    (5, 4)
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def shortened(text: str, longest: int) -> str:
    """A text of at most so many columns.

    Example
    -------
    >>> shortened("Donaudampfschifffahrt", 8), shortened("高兴", 4), shortened("高兴的", 4)
    ('Donauda…', '高兴', '高…')
    """
    if n_columns(text) <= longest:
        return text
    kept = text
    while len(kept) > 1 and n_columns(kept) >= longest:
        kept = kept[:-1]
    return kept + "…"


def use_fonts_that_have_the_letters(figure: Figure) -> None:
    """Give texts in other scripts the installed fonts that have their letters, beside matplotlib's own.

    Letters that no installed font has are told in a warning; they are boxes in the picture.
    """
    texts = {text: _lacking(text.get_text()) for text in figure.findobj(Text) if isinstance(text, Text)}
    wanted = frozenset().union(*texts.values()) if texts else frozenset()
    if not wanted:
        return
    fonts, missing = _fonts_with(wanted)
    for text, lacking in texts.items():
        if lacking:
            text.set_fontfamily([*text.get_fontfamily(), *fonts])
    if fonts:  # most have no bold letters, which matplotlib would tell for each text
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    if missing:
        letters = "".join(sorted(missing))
        warnings.warn(
            f"no installed font has {letters[:20]}{'…' if len(letters) > 20 else ''}: there are boxes in the pictures. "
            "Install one, for example Noto Sans (Debian and Ubuntu: apt install fonts-noto fonts-noto-cjk).",
            stacklevel=2,
        )


def _save(figure: Figure, file: BinaryIO, **options: Any) -> None:
    FigureCanvasAgg(figure)
    use_fonts_that_have_the_letters(figure)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # one sentence has told of all
        figure.savefig(file, **options)


def _lacking(text: str) -> frozenset[str]:
    """The letters of a text that matplotlib's own font has not."""
    if text.isascii():
        return frozenset()
    own = font_manager.get_font(font_manager.findfont("DejaVu Sans"))
    return frozenset(
        one for one in text if one.isprintable() and not one.isspace() and not own.get_char_index(ord(one))
    )


@functools.lru_cache(32)
def _fonts_with(letters: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Names of fonts that have all the letters together, as few as possible; and the letters that none has."""
    having = {name: found for name, file in _installed() if (found := _having(file, letters))}
    fonts: list[str] = []
    while letters and having:
        best = max(having, key=lambda name: (len(having[name] & letters), "Sans" in name, -len(name), name))
        if not having[best] & letters:
            break
        fonts.append(best)
        letters -= having.pop(best)
    return tuple(fonts), letters


def _installed() -> Iterable[tuple[str, str]]:
    """Name and file of each installed font, upright and of normal weight where there is one."""
    entries = sorted(font_manager.fontManager.ttflist, key=lambda one: (one.style != "normal", abs(_weight(one) - 400)))
    return {one.name: one.fname for one in reversed(entries) if not one.name.startswith(_NO_LETTERS)}.items()


def _weight(entry: font_manager.FontEntry) -> int:
    return entry.weight if isinstance(entry.weight, int) else 400


def _having(file: str, letters: frozenset[str]) -> frozenset[str]:
    try:
        font = font_manager.get_font(file)
    except (OSError, RuntimeError):  # taken away since matplotlib looked, or damaged
        return frozenset()
    return frozenset(one for one in letters if font.get_char_index(ord(one)))
