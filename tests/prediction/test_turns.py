import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtser.alignment import Word
from mtser.prediction.turns import cut_at_pauses, cut_between_words
from tests.prediction.fakes import loud_parts
from tests.prediction.sounds import talk, tone

RATE = 16000


def pieces(samples, seconds):
    return [samples[i : i + seconds * RATE] for i in range(0, len(samples), seconds * RATE)]


def spans(samples, longest=20.0, seconds=60):
    return [(turn.start, turn.end) for turn in cut_at_pauses(pieces(samples, seconds), loud_parts, longest)]


def test_pauses_end_turns_and_short_silences_do_not():
    found = spans(talk([2.0, 0.3, 1.0, 1.0, 3.0, 2.0]))
    assert found == [(0.0, pytest.approx(3.5, abs=0.11)), (pytest.approx(4.1, abs=0.11), pytest.approx(7.5, abs=0.11))]


def test_a_turn_that_gets_too_long_ends_at_a_short_silence():
    found = spans(talk([4.0, 0.3, 4.0, 0.3, 4.0]), longest=9.0)
    assert len(found) == 2 and all(end - start <= 9.4 for start, end in found)
    assert found[0][1] == pytest.approx(found[1][0], abs=1e-4), "cut in the middle of the silence"


def test_silence_has_no_turns():
    assert spans(np.zeros(5 * RATE, np.float32)) == [] and spans(np.zeros(0, np.float32)) == []


@settings(max_examples=25)
@given(st.lists(st.integers(3, 40), min_size=1, max_size=25), st.sampled_from([7, 20, 60]))
def test_the_pieces_that_sound_comes_in_do_not_matter(tenths, seconds):
    """Whatever is read at once: the same turns, in order, that hold all of the sound."""
    samples = talk([n / 10 if i % 2 == 0 else max(n, 6) / 10 for i, n in enumerate(tenths)])
    turns = list(cut_at_pauses(pieces(samples, seconds), loud_parts, 20.0))
    whole = list(cut_at_pauses([samples], loud_parts, 20.0))
    assert [round(turn.start, 1) for turn in turns] == [round(turn.start, 1) for turn in whole]
    before = 0.0
    heard = np.zeros(len(samples), bool)
    for turn in turns:
        assert turn.start >= before - 1e-6
        before = turn.end
        first = round(turn.start * RATE)
        heard[first : first + len(turn.samples)] = True
        np.testing.assert_array_equal(turn.samples, samples[first : first + len(turn.samples)])
    assert not np.abs(samples[~heard]).max(initial=0) > 0.03, "speech got lost"


def test_sound_without_any_pause_is_cut_where_it_is_least_loud():
    samples = np.concatenate([tone(40), tone(0.1, loudness=0.03), tone(150)])
    found = spans(samples)
    assert found[0] == (0.0, pytest.approx(40.05, abs=0.1))
    assert found[-1][1] == pytest.approx(190.1, abs=0.2) and all(end - start <= 60.3 for start, end in found)
    assert all(a[1] == pytest.approx(b[0], abs=1e-3) for a, b in zip(found, found[1:], strict=False))


def test_words_are_cut_at_pauses_then_in_the_widest_gap():
    times = [(0, 1), (1.1, 2), (2.4, 3), (3.05, 4), (4.9, 6), (6, 7)]
    words = [Word(str(i), a, b) for i, (a, b) in enumerate(times)]
    assert [len(one) for one in cut_between_words(words, 20.0)] == [4, 2]
    assert [len(one) for one in cut_between_words(words, 3.0)] == [2, 2, 2]
    assert cut_between_words([], 3.0) == []
    assert [len(one) for one in cut_between_words(words[:1], 0.5)] == [1], "a word is never cut"


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(5, 90)), min_size=1, max_size=60))
def test_no_word_gets_lost_and_turns_are_short(gaps):
    words, at = [], 0.0
    for i, (gap, length) in enumerate(gaps):
        words.append(Word(str(i), at + gap / 100, at + (gap + length) / 100))
        at = words[-1].end
    turns = cut_between_words(words, 5.0)
    assert [word for turn in turns for word in turn] == words
    assert all(turn[-1].end - turn[0].start <= 5.0 + 1e-9 for turn in turns)
