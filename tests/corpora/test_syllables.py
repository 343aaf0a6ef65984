from pathlib import Path

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from mtser.alignment.word_times import TimedLabel, UnusableAlignmentError
from mtser.corpora.emodb_sentences import SENTENCES
from mtser.corpora.syllables import _edit_distance, _letters, parse_syllables, syllables_to_words
from mtser.text_files import numbered_lines, read_text

WORDS = SENTENCES["a04"].words  # Heu|te a|bend könn|te ich es ihm sa|gen.


def labelled(syllables: str) -> list[TimedLabel]:
    """Syllables of a tenth of a second each."""
    return [TimedLabel(label, n / 10, (n + 1) / 10, n + 1) for n, label in enumerate(syllables.split())]


def spans(syllables: str) -> list[tuple[int, int]]:
    """First syllable and the one after the last, of every word."""
    return [
        (round(word.start * 10), round(word.end * 10)) for word in syllables_to_words(labelled(syllables), WORDS, "x")
    ]


BY_COUNT = [(0, 2), (2, 4), (4, 6), (6, 7), (7, 8), (8, 9), (9, 11)]


@pytest.mark.parametrize(
    "syllables",
    [
        "heu te a bend könn te ich es ihm sa gen",
        "heu te A bend könnte t ich es ihm sa gen",
        "heute te abend md könnte t ich s ihm sa gen",
        "heu te a bend k nn te ich es ihm sa gn",
        "heu te a bend k?nn te ich es ihm sa gen",
        "heu te a bend könn t ich es ihm sagen gn",
    ],
)
def test_spellings_by_ear(syllables: str) -> None:
    assert spans(syllables.replace("k nn", "knn")) == BY_COUNT


def test_a_swallowed_syllable_and_one_too_many() -> None:
    assert spans("heu te a bend könnt ich es ihm sa gen") == [(0, 2), (2, 4), (4, 5), (5, 6), (6, 7), (7, 8), (8, 10)]
    assert spans("heu te a be end könn te ich es ihm sa gen") == [
        (0, 2),
        (2, 5),
        (5, 7),
        (7, 8),
        (8, 9),
        (9, 10),
        (10, 12),
    ]


@pytest.mark.parametrize("code", sorted(set(SENTENCES) - {"a04"}))
def test_another_sentence_is_refused(code: str) -> None:
    other = " ".join(syllable for word in SENTENCES[code].words for syllable in word)
    with pytest.raises(UnusableAlignmentError, match="alignment is of another sentence"):
        syllables_to_words(labelled(other), WORDS, "03a04Fd.silb")


@pytest.mark.parametrize("syllables", ["", "heu", "heu te a bend", "heu te a bend könn te ich es ihm sa gen sa gen sa"])
def test_half_a_sentence_is_refused(syllables: str) -> None:
    with pytest.raises(UnusableAlignmentError, match="alignment is of another sentence"):
        syllables_to_words(labelled(syllables), WORDS, "03a04Fd.silb")


def test_pauses_are_no_words_and_end_them() -> None:
    rows = parse_syllables("0.5\tla\n0.7  pen \r\n0.9\t(\n1.2\tliegt\n2.0\t.\n".replace("\r", ""), 3.0, "a.silb")
    words = syllables_to_words(rows, [("Lap", "pen"), ("liegt",)], "a.silb")
    assert [(word.label, word.start, word.end) for word in words] == [("Lappen", 0.5, 0.9), ("liegt", 1.2, 2.0)]


def test_without_an_end_the_last_syllable_lasts_until_the_end() -> None:
    assert parse_syllables("0.5\tla\n0.7\tpen", 3.0, "a.silb")[-1].end == 3.0


def test_rounded_times_may_run_back_a_little() -> None:
    rows = parse_syllables("1.43185\ttragen\n1.431848\ttrage\n1.8\t.", 3.0, "a.silb")
    assert [(row.start, row.end) for row in rows] == [(1.43185, 1.43185), (1.43185, 1.8)]


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "empty alignment"),
        ("\n \n", "empty alignment"),
        ("0.1\tder\nx\tla", "unreadable alignment row"),
        ("0.1\tder\nnan\tla", "unreadable alignment row"),
        ("0.1\tder\n0.3", "unreadable alignment row"),
        ("0.1\tder\n0.05\tla", "alignment rows run backwards"),
    ],
)
def test_damage(text: str, reason: str) -> None:
    with pytest.raises(UnusableAlignmentError) as caught:
        parse_syllables(text, 3.0, "silb/a.silb")
    assert caught.value.reason == reason
    assert caught.value.detail.startswith("silb/a.silb:2" if text.startswith("0.1") else "silb/a.silb")


def slow_distance(one: str, other: str) -> int:
    """The textbook's recursion."""
    if not one or not other:
        return len(one) + len(other)
    if one[0] == other[0]:
        return slow_distance(one[1:], other[1:])
    return 1 + min(slow_distance(one[1:], other), slow_distance(one, other[1:]), slow_distance(one[1:], other[1:]))


short = st.text("abc", max_size=5)


@given(short, short)
def test_edit_distance_equals_the_recursion(one: str, other: str) -> None:
    assert _edit_distance(one, other) == slow_distance(one, other)


def test_umlauts_and_case_make_no_difference() -> None:
    assert _letters("Tü-ten?") == _letters("tuten") == "tuten"


def test_real_labels_fall_on_words_by_their_number(shared_data: Path) -> None:
    """All hand labels count the syllables of their sentence, so counting is an independent check of the spelling."""
    n_files = n_starts = n_on_phones = 0
    for file in sorted((shared_data / "emodb" / "silb").glob("*.silb")):
        text = read_text(file)
        if not text.strip():
            continue
        duration = soundfile.info(shared_data / "emodb" / "wav" / f"{file.stem}.wav").duration
        rows, sentence = parse_syllables(text, duration, file.name), SENTENCES[file.stem[2:5]]
        assert len(rows) == sum(map(len, sentence.words)), file
        words = syllables_to_words(rows, sentence.words, file.name)
        first = 0
        for word, syllables in zip(words, sentence.words, strict=True):
            assert (word.start, word.end) == (rows[first].start, rows[first + len(syllables) - 1].end), file
            first += len(syllables)
        phones = phone_starts(shared_data / "emodb" / "lablaut" / f"{file.stem}xx.lablaut")
        if phones:
            n_starts += len(words)
            n_on_phones += sum(min(abs(word.start - start) for start in phones) < 0.02 for word in words)
        n_files += 1
    assert n_files == 338
    assert n_on_phones / n_starts > 0.93  # phones were labelled apart from syllables, by other people


def phone_starts(file: Path) -> list[float]:
    _, _, body = read_text(file).partition("\n#\n")
    return [float(line.split()[0]) for _, line in numbered_lines(body)]
