"""What all pictures share: texts that fit, in fonts that have their letters, and the way to a file.

Pictures are drawn without ``pyplot``: no display is needed.
"""

import contextlib
import io
import logging
import re
import unicodedata
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import matplotlib
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from mtser.files import write_atomically

_NO_LETTERS = re.compile(r"\.?last ?resort|adobe ?(blank|notdef)|stix|cm[a-z]+\d+$|dejavu sans display", re.I)
_NOT_DRAWN = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # classes of Unicode
_family_of: dict[str, str] = {}  # letter → the font that was found for it, "" if none has it
_told: set[str] = set()  # letters that were boxes in a picture of this process


def save_png(figure: Figure, path: str | Path, dpi: int = 130) -> Path:
    """Write a picture as PNG: the same bytes for the same picture.

    Parameters
    ----------
    figure
        Its texts get fonts that have their letters, where such are installed; letters that are boxes nevertheless are
        told in a warning, once in a process.
    path
        Where to; missing folders are made.
    dpi
        Pixels an inch.

    Raises
    ------
    MtserError
        If it cannot be written.
    """
    return write_atomically(path, lambda file: _save(figure, file, format="png", dpi=dpi, metadata={"Software": None}))


def svg(figure: Figure) -> str:
    """The picture as SVG, its letters as shapes: the same text for the same picture.

    Parameters
    ----------
    figure
        See :func:`save_png`.
    """
    content = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "mtser", "svg.fonttype": "path"}):
        _save(figure, content, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return content.getvalue().decode("utf-8")


def columns_of(text: str) -> int:
    """How many letters wide a text is: those of Chinese, Japanese and Korean count as two, accents beside them as none.

    Example
    -------
    >>> columns_of("happy"), columns_of("高兴"), columns_of("e" + chr(0x301))
    (5, 4, 1)
    """
    drawn = (letter for letter in text if unicodedata.category(letter) not in ("Mn", "Me", "Cf"))
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in drawn)


def shortened(text: str, longest: int) -> str:
    """A text of at most so many columns (see :func:`columns_of`), at least one.

    Example
    -------
    >>> shortened("Donaudampfschifffahrt", 8), shortened("高兴", 4), shortened("高兴的", 4)
    ('Donauda…', '高兴', '高…')
    """
    return text if columns_of(text) <= longest else beginning_of(text, longest - 1) + "…"


def shortened_within(text: str, longest: int, share: float = 0.5) -> str:
    """A text of at most so many columns, at least one, that keeps its beginning and its end.

    Parameters
    ----------
    share
        How much of the room its beginning gets, from 0 to 1.

    Example
    -------
    >>> shortened_within("full_without_spec_augment", 12), shortened_within("full", 4)
    ('full_…ugment', 'full')
    """
    if columns_of(text) <= longest:
        return text
    room = longest - 1
    first = int(share * room)
    return f"{beginning_of(text, first)}…{_end_of(text, room - first)}"


def _end_of(text: str, longest: int) -> str:
    start = max(len(text) - 4 * longest, 0) if longest else len(text)  # accents count nothing
    while start < len(text) and (columns_of(text[start:]) > longest or not columns_of(text[start])):
        start += 1  # nor an accent without its letter
    return text[start:]


def beginning_of(text: str, longest: int) -> str:
    """As much of a text as has at most so many columns.

    Example
    -------
    >>> beginning_of("neutral", 3), beginning_of("高兴的", 5)
    ('neu', '高兴')
    """
    kept = text[: 4 * longest]  # accents count nothing
    while kept and columns_of(kept) > longest:
        kept = kept[:-1]
    return kept


def _save(figure: Figure, file: BinaryIO, **options: Any) -> None:
    FigureCanvasAgg(figure)
    with _boxes_told(), _weights_not_told():
        _use_fonts_that_have_the_letters(figure)
        figure.savefig(file, **options)


def _use_fonts_that_have_the_letters(figure: Figure) -> None:
    """Give texts in other scripts installed fonts that have their letters, beside their own."""
    for text in figure.findobj(Text):
        if isinstance(text, Text) and (lacking := _lacking(text)):
            families = dict.fromkeys(_family(letter, lacking) for letter in sorted(lacking))
            text.set_fontfamily([*text.get_fontfamily(), *filter(None, families)])


def _lacking(text: Text) -> set[str]:
    """The letters of a text that its own fonts have not."""
    letters = {one for one in text.get_text() if not one.isascii() and unicodedata.category(one) not in _NOT_DRAWN}
    if letters:
        for family in text.get_fontfamily():
            own = text.get_fontproperties().copy()
            own.set_family(family)
            letters -= _having(font_manager.findfont(own), letters)
    return letters


def _family(letter: str, others: set[str]) -> str:
    """A font that has a letter: one that was found before, else of those installed the one that has most of others."""
    if letter not in _family_of:
        known = [name for name in dict.fromkeys(_family_of.values()) if name and _draws(name, letter)]
        _family_of[letter] = known[0] if known else _installed_with(letter, others)
    return _family_of[letter]


def _draws(name: str, letter: str) -> bool:
    try:
        file = font_manager.findfont(FontProperties(name), fallback_to_default=False)
    except ValueError:
        return False
    return letter in _having(file, {letter})


def _installed_with(letter: str, others: set[str]) -> str:
    having: dict[str, int] = {}
    for entry in font_manager.fontManager.ttflist:
        if not _NO_LETTERS.match(entry.name):
            found = _having(_face(entry), others)
            if letter in found:
                having[entry.name] = max(len(found), having.get(entry.name, 0))
    best = sorted(having, key=lambda name: (-having[name], "Sans" not in name, len(name), name))
    return next((name for name in best if _draws(name, letter)), "")


def _face(entry: font_manager.FontEntry) -> str:
    """Its file, and from matplotlib 3.11 on which font of a collection (.ttc) it is."""
    of_collection = getattr(font_manager, "FontPath", None)
    return entry.fname if of_collection is None else of_collection(entry.fname, entry.index)


def _having(file: str, letters: set[str]) -> set[str]:
    try:
        font = font_manager.get_font(file)
    except (OSError, RuntimeError):  # taken away since matplotlib looked, or damaged
        return set()
    return {one for one in letters if font.get_char_index(ord(one))}


@contextlib.contextmanager
def _boxes_told() -> Iterator[None]:
    """Tell all letters that were drawn as boxes in one sentence, where matplotlib has a warning for each time."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    boxes = set()
    for one in caught:
        if glyph := re.match(r"Glyph (\d+) .*missing from", str(one.message)):
            boxes.add(chr(int(glyph[1])))
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if fresh := sorted(boxes - _told):
        _told.update(fresh)
        letters = [one if one.isprintable() and columns_of(one) else f"U+{ord(one):04X}" for one in fresh[:20]]
        warnings.warn(
            f"no installed font has {' '.join(letters)}{' …' if len(fresh) > 20 else ''}: they are boxes in pictures. "
            "Install one, for example Noto Sans (Debian and Ubuntu: apt install fonts-noto fonts-noto-cjk).",
            stacklevel=2,
        )


@contextlib.contextmanager
def _weights_not_told() -> Iterator[None]:
    """Most fonts of other scripts have no bold letters, which matplotlib logs for each text."""

    def keeps(record: logging.LogRecord) -> bool:
        return "Failed to find font weight" not in record.getMessage()

    logger = logging.getLogger("matplotlib.font_manager")
    logger.addFilter(keeps)
    try:
        yield
    finally:
        logger.removeFilter(keeps)
