import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.alignment.word import Word
from mtser.alignment.word_times import (
    END_TOLERANCE,
    TimedLabel,
    UnusableAlignmentError,
    check_order,
    place_in_audio,
    share_evenly,
)

spans = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=6)


@given(spans)
def test_rows_are_in_order_exactly_if_no_time_is_left_or_counted_twice(spans: list[tuple[int, int]]) -> None:
    rows = [TimedLabel("x", start / 10, end / 10, line) for line, (start, end) in enumerate(spans, 1)]
    times = [time for span in spans for time in span]
    in_order = times == sorted(times) and all(start < end for start, end in spans)
    if in_order:
        check_order(rows, "a.wdseg")
    else:
        with pytest.raises(UnusableAlignmentError, match="a.wdseg:"):
            check_order(rows, "a.wdseg")


@pytest.mark.parametrize(
    "second, reason",
    [
        ((0.2, 0.6), "alignment rows overlap"),
        ((0.0, 0.6), "alignment rows run backwards"),
        ((0.5, 0.5), "alignment rows run backwards"),
        ((0.6, 0.5), "alignment rows run backwards"),
    ],
)
def test_reasons_of_disorder(second: tuple[float, float], reason: str) -> None:
    with pytest.raises(UnusableAlignmentError) as caught:
        check_order([TimedLabel("a", 0.1, 0.3, 2), TimedLabel("b", *second, 7)], "a.wdseg")
    assert (caught.value.reason, caught.value.detail) == (reason, "a.wdseg:7")


def test_a_word_that_ends_a_little_late_is_cut() -> None:
    (word,) = place_in_audio([TimedLabel("a", 0.1, 1.0 + 0.99 * END_TOLERANCE, 2)], 1.0, "a.wdseg")
    assert word == Word("a", 0.1, 1.0)


@pytest.mark.parametrize("start, end", [(0.1, 1.0 + 1.01 * END_TOLERANCE), (-0.01, 0.2), (1.0, 1.01)])
def test_a_word_outside_the_audio(start: float, end: float) -> None:
    with pytest.raises(UnusableAlignmentError) as caught:
        place_in_audio([TimedLabel("a", start, end, 2)], 1.0, "a.wdseg")
    assert caught.value.reason == "alignment outside the audio"
    assert caught.value.detail.startswith("a.wdseg:2: a at")


def test_no_word_at_all() -> None:
    with pytest.raises(UnusableAlignmentError, match="no words in the alignment"):
        place_in_audio([], 1.0, "a.wdseg")


@given(st.lists(st.text(min_size=1), max_size=20), st.floats(0.01, 60))
def test_even_shares_fill_the_audio(words: list[str], duration: float) -> None:
    shared = share_evenly(words, duration)
    assert [word.word for word in shared] == words
    for word in shared:
        assert word.end - word.start == pytest.approx(duration / len(words))
    if words:
        assert (shared[0].start, shared[-1].end) == (0.0, duration)
    assert all(one.end == other.start for one, other in zip(shared, shared[1:], strict=False))
