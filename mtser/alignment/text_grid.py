"""Praat TextGrid files: words and phones with their times, as the Montreal Forced Aligner and people write them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mtser.alignment.phone_times import BOUNDARY_TOLERANCE
from mtser.alignment.praat_format import Tier, parse_text_grid
from mtser.alignment.word import Phone, Word
from mtser.alignment.word_times import TimedLabel, UnusableAlignmentError, check_order, place_in_audio
from mtser.errors import CorpusError
from mtser.files import write_text
from mtser.text_files import read_text

WORD_TIERS = ("words", "word", "ort", "orthography")
"""Names of a tier of words, whatever their case; the first that is there is taken. ``speaker - words`` is one, too."""

PHONE_TIERS = ("phones", "phone", "phonemes", "mau")
"""Names of a tier of phones, likewise."""

NO_WORD = frozenset({"", "sil", "sp", "spn", "<eps>", "<sil>", "<p:>", "<s>", "</s>", "#"})
"""Labels of silences and noises, in lower case."""


def read_text_grid(
    path: str | Path,
    duration: float | None = None,
    *,
    tier: str | None = None,
    shown_as: str | Path | None = None,
) -> tuple[Word, ...]:
    """Read the words of a TextGrid file, with their phones if it has a tier of phones.

    Parameters
    ----------
    path
        A file in Praat's long or short text format, in UTF-8 or UTF-16.
    duration
        Of the audio, in seconds: words have to lie inside of it. Unknown: any time counts.
    tier
        The name of the tier of words; default: one of :data:`WORD_TIERS`, alone or behind ``speaker - ``; with several
        speakers their words together, in order of time.
    shown_as
        What errors call the file; default: ``path``.

    Returns
    -------
    tuple of Word
        In order of time. Labels of :data:`NO_WORD` are none.

    Raises
    ------
    UnusableAlignmentError
        "unreadable alignment", "malformed TextGrid", "no tier of words", "no words in the alignment", or what is wrong
        with the times.
    """
    file = path if shown_as is None else shown_as
    try:
        tiers = parse_text_grid(read_text(path), file)
    except CorpusError as error:
        raise UnusableAlignmentError("unreadable alignment", str(error)) from error
    chosen = _named(tiers, (tier,) if tier else WORD_TIERS)
    if not chosen:
        there = ", ".join(repr(one.name) for one in tiers) or "no interval tier at all"
        wanted = repr(tier) if tier else f"{WORD_TIERS[0]!r} or 'speaker - {WORD_TIERS[0]}'"
        raise UnusableAlignmentError("no tier of words", f"{file}: it has {there}, not {wanted}")
    found: list[Word] = []
    for one in chosen:
        rows = _spoken(one.rows)
        check_order(rows, file)
        phones = _phones_beside(tiers, one.name)
        found += _with_phones(
            place_in_audio(rows, duration or max((row.end for row in rows), default=0.0), file), phones
        )
    found.sort(key=lambda word: word.start)
    for word, after in zip(found, found[1:], strict=False):
        if after.start < word.end:
            where = f"{file}: {word.word!r} and {after.word!r} at {after.start:.3f} s"
            raise UnusableAlignmentError("alignment rows overlap", where)
    return tuple(found)


def _named(tiers: Sequence[Tier], names: Sequence[str]) -> list[Tier]:
    """The tiers of the first name that is there: exactly, else behind "speaker - "."""
    for name in names:
        same = [one for one in tiers if one.name.lower() == name.lower()]
        if same:
            return same[:1]
        if behind := [one for one in tiers if one.name.lower().endswith(f"- {name.lower()}")]:
            return behind
    return []


def _phones_beside(tiers: Sequence[Tier], words: str) -> list[TimedLabel]:
    """The rows of the tier of phones that belongs to a tier of words: of the same speaker."""
    speaker, dash, _ = words.rpartition("- ")
    for name in PHONE_TIERS:
        for one in tiers:
            if one.name.lower() == f"{speaker}{dash}{name}".lower():
                return _spoken(one.rows)
    return []


def _spoken(rows: Iterable[TimedLabel]) -> list[TimedLabel]:
    return [row for row in rows if row.label.lower() not in NO_WORD]


def _with_phones(words: Sequence[Word], rows: Sequence[TimedLabel]) -> Iterable[Word]:
    """Give each word the phones in its span; none to any of them if they contradict the words."""
    inside: list[list[Phone]] = [[] for _ in words]
    number = 0
    for row in rows:
        while number < len(words) and words[number].end <= (row.start + row.end) / 2:
            number += 1
        if number == len(words):
            break
        word = words[number]
        start, end = max(row.start, word.start), min(row.end, word.end)
        if max(start - row.start, row.end - end) > BOUNDARY_TOLERANCE + 1e-9 or start >= end:
            continue
        inside[number].append(Phone(row.label.rstrip("012") or row.label, start, end))
    return [Word(word.word, word.start, word.end, tuple(phones)) for word, phones in zip(words, inside, strict=True)]


def write_text_grid(
    path: str | Path,
    words: Sequence[Word],
    duration: float,
    more_tiers: Mapping[str, Sequence[tuple[float, float, str]]] | None = None,
) -> Path:
    """Write a TextGrid file in Praat's long format, atomically, in UTF-8.

    Parameters
    ----------
    path
        The file.
    words
        In order of time, without overlap: the tier "words"; their phones, if any has some, are the tier "phones".
    duration
        Of the audio, in seconds.
    more_tiers
        Name → intervals (start, end, label) in order of time, without overlap.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.TextGrid"
    >>> _ = write_text_grid(file, [Word("no", 0.2, 0.5, (Phone("N", 0.2, 0.3), Phone("OW", 0.3, 0.5)))], 1.0)
    >>> read_text_grid(file)
    (Word(word='no', start=0.2, end=0.5),)
    >>> read_text_grid(file)[0].phones
    (Phone(phone='N', start=0.2, end=0.3), Phone(phone='OW', start=0.3, end=0.5))
    """
    from praatio.utilities.textgrid_io import getTextgridAsStr

    phones = [phone for word in words for phone in word.phones]
    tiers: dict[str, Sequence[tuple[float, float, str]]] = {"words": [(one.start, one.end, one.word) for one in words]}
    if phones:
        tiers["phones"] = [(one.start, one.end, one.phone) for one in phones]
    tiers.update(more_tiers or {})
    grid = {"xmin": 0.0, "xmax": float(duration), "tiers": [_tier(*tier, float(duration)) for tier in tiers.items()]}
    return write_text(
        path, getTextgridAsStr(grid, "long_textgrid", includeBlankSpaces=True, minimumIntervalLength=None)
    )


def _tier(name: str, rows: Sequence[tuple[float, float, str]], duration: float) -> dict[str, object]:
    entries = [(float(start), min(float(end), duration), label) for start, end, label in rows]
    return {"class": "IntervalTier", "name": name, "xmin": 0.0, "xmax": duration, "entries": entries}
