"""Words of a file for the words of a transcript."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.alignment.matching import match_words
from mtser.alignment.word import Phone, Word
from mtser.alignment.word_times import UnusableAlignmentError

FOUND = [
    Word("I'M", 0.0, 0.2, (Phone("AY", 0.0, 0.1), Phone("M", 0.1, 0.2))),
    Word("all", 0.3, 0.6),
    Word("right", 0.6, 1.1),
]


def test_spelling_and_case_do_not_count_and_phones_stay() -> None:
    words = match_words(FOUND, ["I'm", "all", "right"], "a")
    assert [word.word for word in words] == ["I'm", "all", "right"]
    assert words[0].phones == FOUND[0].phones


def test_a_word_may_be_several_there_or_part_of_one() -> None:
    assert match_words(FOUND, ["I", "m", "all-right"], "a") == (
        Word("I", 0.0, 0.1),
        Word("m", 0.1, 0.2),
        Word("all-right", 0.3, 1.1),
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["I'm", "all", "wrong"], "it has 'right' where the transcript has 'wrong'"),
        (["I'm", "all"], "it has 3 words, the transcript 2"),
    ],
)
def test_other_words_are_named(words: list[str], message: str) -> None:
    with pytest.raises(UnusableAlignmentError, match=f"a.TextGrid: {message}") as found:
        match_words(FOUND, words, "a.TextGrid")
    assert found.value.reason == "words differ from the transcript"


@given(st.text("ab", min_size=1, max_size=20), st.data())
def test_any_two_ways_to_split_the_same_letters_match(letters: str, data: st.DataObject) -> None:
    theirs, ours = (data.draw(st.sets(st.integers(1, max(len(letters) - 1, 1)))) for _ in range(2))

    def cut(at: set[int]) -> list[str]:
        bounds = [0, *sorted(place for place in at if place < len(letters)), len(letters)]
        return [letters[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]

    found = [Word(part, float(i), i + 1.0) for i, part in enumerate(cut(theirs))]
    matched = match_words(found, cut(ours), "a")
    assert [word.word for word in matched] == cut(ours)
    assert matched[0].start == 0.0 and matched[-1].end == len(found)
    for word, after in zip(matched, matched[1:], strict=False):
        assert word.start < word.end <= after.start + 1e-9
