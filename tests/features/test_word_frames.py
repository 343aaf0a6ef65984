"""Which frames belong to which word: against a slow loop in exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtser.errors import FeatureError
from mtser.features.word_frames import word_frame_spans


def slow_span(
    start: Fraction, end: Fraction, n_frames: int, length: Fraction, step: Fraction, max_frames: int
) -> tuple[int, int, int]:
    """First frame, one behind the last, frames cut: straight from the definition."""
    centres = [frame * step + length / 2 for frame in range(n_frames)]
    inside = [frame for frame, centre in enumerate(centres) if start <= centre < end]
    if not inside:
        middle = (start + end) / 2
        inside = [min(range(n_frames), key=lambda frame: (abs(centres[frame] - middle), frame))]
    kept = inside[:max_frames]
    return kept[0], kept[-1] + 1, len(inside) - len(kept)


milliseconds = st.integers(-200, 3000)
# Steps of half a millisecond make word boundaries fall exactly onto centres of frames.
half_milliseconds = st.integers(1, 120)


@settings(max_examples=300)
@given(
    words=st.lists(st.tuples(milliseconds, st.integers(1, 1500), st.integers(1, 150)), min_size=1, max_size=8),
    length=st.integers(8, 120),
    step=half_milliseconds,
    max_frames=st.integers(1, 70),
)
def test_as_the_slow_loop(words: list[tuple[int, int, int]], length: int, step: int, max_frames: int) -> None:
    times = np.array([(start / 1000, (start + lasting) / 1000) for start, lasting, _ in words])
    n_frames = np.array([n for _, _, n in words])
    spans, cut = word_frame_spans(times, n_frames, length / 2000, step / 2000, max_frames)
    expected = [
        slow_span(
            Fraction(start, 1000),
            Fraction(start + lasting, 1000),
            n,
            Fraction(length, 2000),
            Fraction(step, 2000),
            max_frames,
        )
        for start, lasting, n in words
    ]
    assert spans.tolist() == [[first, stop] for first, stop, _ in expected]
    assert cut.tolist() == [one for _, _, one in expected]


def test_adjacent_words_share_all_frames_between_them() -> None:
    bounds = np.cumsum(np.random.default_rng(0).uniform(0.05, 0.6, 20))
    words = np.stack([bounds[:-1], bounds[1:]], axis=1)
    spans, cut = word_frame_spans(words, 10000, 0.025, 0.015, 10000)
    assert np.array_equal(spans[1:, 0], spans[:-1, 1])
    assert not cut.any()


def test_a_boundary_on_a_centre_belongs_to_the_later_word() -> None:
    # Centres at 12.5, 27.5, 42.5 ms; 0.1 + 0.2 style noise in the times must not matter.
    boundary = 0.0425
    for noise in (0.0, 1e-12, -1e-12):
        words = np.array([[0.0, boundary + noise], [boundary + noise, 0.06]])
        assert word_frame_spans(words, 10, 0.025, 0.015)[0].tolist() == [[0, 2], [2, 4]]


def test_words_outside_of_the_audio_get_the_nearest_frame() -> None:
    words = np.array([[-5.0, -4.0], [0.0, 0.001], [9.0, 9.5], [1e12, 2e12]])
    assert word_frame_spans(words, 10, 0.025, 0.015)[0].tolist() == [[0, 1], [0, 1], [9, 10], [9, 10]]


def test_a_corpus_at_once_is_its_utterances_one_by_one() -> None:
    random = np.random.default_rng(1)
    starts = random.uniform(0, 5, 1000)
    words = np.stack([starts, starts + random.exponential(0.3, 1000)], axis=1)
    n_frames = random.integers(1, 400, 1000)
    spans, cut = word_frame_spans(words, n_frames, 0.025, 0.010)
    for row in range(1000):
        one_span, one_cut = word_frame_spans(words[row], int(n_frames[row]), 0.025, 0.010)
        assert one_span.tolist() == [spans[row].tolist()] and one_cut.tolist() == [cut[row]]


def test_no_words() -> None:
    spans, cut = word_frame_spans(np.empty((0, 2)), 10, 0.025, 0.015)
    assert spans.shape == (0, 2) and cut.shape == (0,)


@pytest.mark.parametrize(
    ("words", "n_frames", "max_frames"), [([[0, np.nan]], 5, 64), ([[0, 1]], 0, 64), ([[0, 1]], 5, 0)]
)
def test_what_cannot_be(words: list[list[float]], n_frames: int, max_frames: int) -> None:
    with pytest.raises(FeatureError):
        word_frame_spans(np.array(words), n_frames, 0.025, 0.015, max_frames)
