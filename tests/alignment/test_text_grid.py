"""Praat TextGrid files."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from praatio import textgrid
from praatio.utilities.textgrid_io import getTextgridAsStr

from mtser.alignment import praat_format
from mtser.alignment.praat_format import parse_text_grid
from mtser.alignment.text_grid import read_text_grid, write_text_grid
from mtser.alignment.word import Phone, Word
from mtser.alignment.word_times import UnusableAlignmentError

WORDS = (
    Word("oh", 0.1, 0.3, (Phone("OW", 0.1, 0.3),)),
    Word('say "no"', 0.3, 0.75, (Phone("N", 0.3, 0.5), Phone("OW", 0.5, 0.75))),
)


def grid(tiers: dict[str, list[tuple[float, float, str]]], style: str = "long_textgrid", end: float = 1.0) -> str:
    made = [
        {"class": "IntervalTier", "name": name, "xmin": 0.0, "xmax": end, "entries": list(rows)}
        for name, rows in tiers.items()
    ]
    return getTextgridAsStr({"xmin": 0.0, "xmax": end, "tiers": made}, style, True)  # type: ignore[arg-type]


@st.composite
def timed_words(draw: st.DrawFn) -> tuple[Word, ...]:
    label = st.text(
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=12
    ).filter(lambda text: text.lower() not in {"sil", "sp", "spn", "#"} and not text.startswith("<"))
    bounds = sorted(draw(st.lists(st.integers(1, 2000), min_size=2, max_size=12, unique=True)))
    times = [bound / 1000 for bound in bounds]
    pairs = list(zip(times, times[1:], strict=False))
    keep = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    return tuple(Word(draw(label), *pair) for pair, kept in zip(pairs, [True, *keep[1:]], strict=True) if kept)


@given(timed_words())
def test_what_was_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, words: tuple[Word, ...]) -> None:
    file = tmp_path_factory.mktemp("grids") / "a.TextGrid"
    write_text_grid(file, words, 2.5)
    assert read_text_grid(file, 2.5) == words


@given(timed_words(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_short_files_in_all_encodings_are_read(
    tmp_path_factory: pytest.TempPathFactory, words: tuple[Word, ...], encoding: str
) -> None:
    file = tmp_path_factory.mktemp("grids") / "a.TextGrid"
    rows = [(word.start, word.end, word.word) for word in words]
    file.write_bytes(grid({"Words": rows}, "short_textgrid", 2.5).encode(encoding))
    assert read_text_grid(file, 2.5) == words


def test_praatio_reads_what_was_written_with_more_tiers(tmp_path: Path) -> None:
    file = write_text_grid(tmp_path / "sub" / "a.TextGrid", WORDS, 1.0, {"segments": [(0.0, 0.9, "Oh, say no.")]})
    found = textgrid.openTextgrid(str(file), includeEmptyIntervals=False)
    assert found.tierNames == ("words", "phones", "segments")
    assert [entry.label for entry in found.getTier("words").entries] == ["oh", 'say "no"']
    assert read_text_grid(file) == WORDS
    assert [word.phones for word in read_text_grid(file)] == [word.phones for word in WORDS]
    assert [one.name for one in file.parent.iterdir()] == ["a.TextGrid"]  # nothing half-written is left


def test_speakers_of_the_montreal_forced_aligner_are_joined(tmp_path: Path) -> None:
    file = tmp_path / "a.TextGrid"
    tiers = {
        "Ann - words": [(0.0, 0.2, "hi"), (0.6, 0.8, "yes")],
        "Ann - phones": [(0.0, 0.1, "HH"), (0.1, 0.2, "AY1"), (0.6, 0.8, "Y")],
        "Bob - words": [(0.3, 0.5, "no"), (0.5, 0.6, "<eps>")],
        "Bob - phones": [(0.3, 0.5, "N"), (0.5, 0.6, "sil")],
    }
    file.write_text(grid(tiers))
    words = read_text_grid(file, 1.0)
    assert [(word.word, [phone.phone for phone in word.phones]) for word in words] == [
        ("hi", ["HH", "AY"]),
        ("no", ["N"]),
        ("yes", ["Y"]),
    ]


def test_silences_are_no_words_and_a_tier_can_be_named(tmp_path: Path) -> None:
    file = tmp_path / "a.TextGrid"
    rows = [(0.1 * i, 0.1 * (i + 1), mark) for i, mark in enumerate(["", "sil", "SP", "spn", "<eps>", "yes"])]
    file.write_text(grid({"mine": rows}))
    assert [word.word for word in read_text_grid(file, 1.0, tier="mine")] == ["yes"]
    with pytest.raises(UnusableAlignmentError, match=r"it has 'mine', not 'words'.*no tier of words"):
        read_text_grid(file, 1.0)


ROWS = [(0.0, 0.5, "oh"), (0.5, 1.0, "no")]
LONG = grid({"words": ROWS})
SHORT = grid({"words": ROWS}, "short_textgrid")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "malformed TextGrid"),
        ("Dear Sir or Madam", "malformed TextGrid"),
        (LONG[: len(LONG) * 2 // 3], "malformed TextGrid"),
        (LONG[: LONG.rindex("xmin")], "malformed TextGrid"),
        (LONG.replace("xmax = 0.5", "xmax = half"), "malformed TextGrid"),
        (LONG.replace("IntervalTier", "IntervallTier"), "malformed TextGrid"),
        (SHORT.replace('"oh"\n', '"oh"'), "malformed TextGrid"),
        (LONG.replace("size = 1 ", "size = -1 "), "malformed TextGrid"),
        (LONG.replace('"oh"', '"sil"').replace('"no"', '""'), "no words in the alignment"),
        (LONG.replace("xmin = 0.5", "xmin = 0.4"), "alignment rows overlap"),
        (LONG.replace("xmin = 0.5", "xmin = 1.5"), "alignment rows run backwards"),
        (LONG.replace("xmax = 1", "xmax = 2"), "alignment outside the audio"),
    ],
)
def test_damaged_files_are_named_with_what_is_wrong(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "bad.TextGrid"
    file.write_text(text)
    with pytest.raises(UnusableAlignmentError, match=re.escape(str(file))) as found:
        read_text_grid(file, 1.0)
    assert found.value.reason == reason


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnusableAlignmentError) as found:
        read_text_grid(tmp_path / "none.TextGrid")
    assert found.value.reason == "unreadable alignment"


def test_labels_that_look_like_the_format_do_no_harm() -> None:
    label = 'item [1]: intervals [2]: xmin = 3 "" <exists>\n! no remark'
    text = grid({"words": [(0.0, 1.0, label.replace('""', '"'))]})
    assert parse_text_grid(text, "a")[0].rows[0].label == " ".join(label.replace('""', '"').split())


def test_points_between_interval_tiers_are_left_out() -> None:
    points = '"TextTier"\n"clicks"\n0\n1\n2\n0.1\n"a"\n0.2\n"b"\n'
    intervals = '"IntervalTier"\n"words"\n0\n1\n1\n0\n1\n"no"\n'
    text = f'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n1\n<exists>\n2\n{points}{intervals}'
    assert [(tier.name, tier.rows[0].label) for tier in parse_text_grid(text, "a")] == [("words", "no")]


def outcome(text: str) -> object:
    try:
        return parse_text_grid(text, "a.TextGrid")
    except UnusableAlignmentError as error:
        return str(error)


@given(timed_words(), st.sampled_from(["long_textgrid", "short_textgrid"]), st.data())
def test_intervals_read_at_once_are_those_read_token_by_token(
    words: tuple[Word, ...], style: str, data: st.DataObject
) -> None:
    text = grid({"words": [(word.start, word.end, word.word) for word in words]}, style, 2.5)
    for _ in range(data.draw(st.integers(0, 3))):
        where = data.draw(st.integers(0, len(text)))
        mess = data.draw(
            st.sampled_from(["", "\n", " ", '"', '""', "! no", "-", "1", "1e9", ".", "<exists>", "xmin ="])
        )
        text = text[:where] + mess + text[where + data.draw(st.integers(0, 2)) :]
    at_once = outcome(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(praat_format, "_INTERVAL", re.compile(r"(?!)"))  # matches nothing
        assert outcome(text) == at_once


def test_usual_files_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = parse_text_grid(LONG, "a")
    monkeypatch.setattr(praat_format._Reader, "string", _heads_only(praat_format._Reader.string))
    assert parse_text_grid(LONG, "a") == read


def _heads_only(string: Callable[[praat_format._Reader, str], str]) -> Callable[[praat_format._Reader, str], str]:
    def checked(reader: praat_format._Reader, what: str) -> str:
        assert what != "an interval's label"
        return string(reader, what)

    return checked
