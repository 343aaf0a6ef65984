import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.alignment.sphinx_segmentation import parse_segmentation, spoken_words
from mtser.alignment.word import Word
from mtser.alignment.word_times import TimedLabel, UnusableAlignmentError
from tests.corpora.iemocap_writer import wdseg_text

LABELS = ["<s>", "<sil>", "I'M", "THE(2)", "++LAUGHTER++", "++LIPSMACK++", "READ(12)", "(2)X", "</s>"]

labels = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1)
rows = st.lists(st.tuples(st.integers(-99, 99_999), st.integers(-99, 99_999), labels))


@given(rows)
def test_what_is_written_is_read(rows: list[tuple[int, int, str]]) -> None:
    parsed = parse_segmentation(wdseg_text(rows), "a.wdseg")
    assert [(round(row.start * 100), round(row.end * 100) - 1, row.label) for row in parsed] == rows
    assert [row.line for row in parsed] == list(range(2, len(rows) + 2))


@given(st.integers(0, 99_999), st.integers(0, 500))
def test_a_row_ends_exactly_where_the_next_one_starts(first: int, length: int) -> None:
    one, other = parse_segmentation(f"{first} {first + length} 0 A\n{first + length + 1} 200000 0 B", "a.wdseg")
    assert one.end == other.start


def test_phones_keep_their_context() -> None:
    (row,) = parse_segmentation("SFrm EFrm SegAScr Phone\n 0 4 -12 AY SIL K b", "a.phseg")
    assert row == TimedLabel("AY SIL K b", 0.0, 0.05, 2)


def test_syllables_have_no_score() -> None:
    (row,) = parse_segmentation(" 0 4 HH_AW", "a.syseg", label_column=2)
    assert row == TimedLabel("HH_AW", 0.0, 0.05, 1)


@pytest.mark.parametrize(
    "line",
    [
        "x 20 -9 OH",
        "1 2.5 -9 OH",
        "1 nan -9 OH",
        "1 20 -9",
        "1 1_0 -9 OH",
        "1",
        "9" * 5000 + " 2 3 OH",
        "١ ٢ -9 OH",
        "\x00 1 2 3",
    ],
)
def test_a_row_that_is_none(line: str) -> None:
    with pytest.raises(UnusableAlignmentError) as caught:
        parse_segmentation(f" SFrm EFrm SegAScr Word\n 0 9 -1 <s>\n{line}\n", "Session1/a.wdseg")
    assert caught.value.reason == "unreadable alignment row"
    assert caught.value.detail == f"Session1/a.wdseg:3: {line!r}"


@pytest.mark.parametrize("text", ["", "\n\n", " SFrm EFrm SegAScr Word\n", " SFrm EFrm\n Total score: 0\n"])
def test_a_file_without_rows_is_empty(text: str) -> None:
    assert parse_segmentation(text, "a.wdseg") == ()


@pytest.mark.parametrize("keep", [False, True])
def test_words_of_an_alignment(keep: bool) -> None:
    rows = [TimedLabel(label, line / 10, (line + 1) / 10, line) for line, label in enumerate(LABELS)]
    words = spoken_words(rows, 0.9, "a.wdseg", keep_tags=keep)
    tags = ["++LAUGHTER++", "++LIPSMACK++"] if keep else []
    assert [word.word for word in words] == ["I'M", "THE", *tags, "READ", "(2)X"]
    assert {word.word: word.start for word in words}["READ"] == 0.6


@pytest.mark.parametrize("silence", [(5, 29, "<sil>"), (0, 999, "<s>"), (20, 10, "</s>"), (12, 15, "++LAUGHTER++")])
def test_where_silence_lies_makes_no_difference(silence: tuple[int, int, str]) -> None:
    parsed = parse_segmentation(wdseg_text([(10, 19, "OH"), silence, (20, 29, "NO")]), "a.wdseg")
    assert spoken_words(parsed, 0.5, "a.wdseg") == (Word("OH", 0.1, 0.2), Word("NO", 0.2, 0.3))


def test_words_that_overlap_are_refused() -> None:
    parsed = parse_segmentation(wdseg_text([(0, 9, "<s>"), (10, 20, "OH"), (20, 29, "NO")]), "a.wdseg")
    with pytest.raises(UnusableAlignmentError, match="a.wdseg:4: alignment rows overlap"):
        spoken_words(parsed, 0.5, "a.wdseg")
