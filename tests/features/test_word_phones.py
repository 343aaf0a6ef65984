"""Which phones words have, as numbers, and how many frames belong to each."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.alignment.word import Phone, Word
from mtser.corpora.utterance import Utterance
from mtser.errors import ModelError
from mtser.features import PhoneFrames, TorchMFCC, WordFrames, WordPhones
from mtser.features.word_frames import phone_frame_counts, word_frame_spans
from tests.features.test_pronunciations import Table, said
from tests.helpers.synthetic import SyntheticSource

LENGTH, STEP = 0.025, 0.015


def slow_counts(word: Word, starts: list[float], frames: list[int]) -> list[int]:
    """Frame by frame: the last phone that starts no later than the frame's centre, else the first."""
    counts = [0] * len(starts)
    for frame in frames:
        centre = round(frame * STEP * 1e9) + round(LENGTH / 2 * 1e9)
        counts[max([0, *(i for i, start in enumerate(starts) if round(start * 1e9) <= centre)])] += 1
    return counts


@st.composite
def utterances(draw: st.DrawFn) -> Utterance:
    """Words with and without phones, with pauses and gaps, some shorter than a frame."""
    at, words = 0.0, []
    for number in range(draw(st.integers(1, 5))):
        at += draw(st.integers(0, 30)) / 100
        start = at
        phones = []
        for _ in range(draw(st.integers(1, 6))):
            gap, length = draw(st.integers(0, 2)) / 100, draw(st.integers(1, 40)) / 100
            phones.append(Phone("K", at + gap, at + gap + length))
            at += gap + length
        timed = draw(st.booleans())
        words.append(Word("NO" if number % 2 else "OH", start, at, tuple(phones) if timed else ()))
    return Utterance("u", "u.wav", at + draw(st.integers(0, 20)) / 100, "1F", "sad", "", tuple(words))


@given(utterances(), st.sampled_from([3, 64]))
def test_phones_share_the_frames_of_their_word(one: Utterance, max_frames: int) -> None:
    source = SyntheticSource([one])
    frames = WordFrames(TorchMFCC(frame_length=LENGTH, frame_step=STEP), "none", max_frames)
    counts = PhoneFrames(frames, Table()).load([one], source)  # type: ignore[arg-type]
    lengths = frames.load([one], source).lengths  # type: ignore[arg-type]
    n_frames = max(1, int((one.duration - LENGTH) / STEP) + 1)
    of_word, _ = word_frame_spans(
        np.array([(word.start, word.end) for word in one.words]), n_frames, LENGTH, STEP, max_frames
    )
    found = [row.tolist() for row in counts.values.split(counts.lengths.tolist())]
    for word, n, (first, stop), row in zip(one.words, lengths, of_word.tolist(), found, strict=True):
        starts = [phone.start for phone in word.phones]
        if not word.phones:
            k = len(Table.known[word.word, "en"])
            starts = [word.start + i * ((word.end - word.start) / k) for i in range(k)]
        assert row == slow_counts(word, starts, list(range(first, stop)))
        assert sum(row) == n and min(row) >= 0


def test_no_words_no_phones() -> None:
    nothing = np.zeros((0, 2), np.int64)
    assert phone_frame_counts(nothing, np.zeros(0), np.zeros(0, np.int64), LENGTH, STEP).tolist() == []


def test_a_phone_may_be_without_frames() -> None:
    phones = (Phone("N", 0.0, 0.01), Phone("OW", 0.01, 0.3), Phone("Z", 0.3, 0.31))
    one = Utterance("u", "u.wav", 0.4, "1F", "sad", "", (Word("NOS", 0.0, 0.31, phones),))
    counts = PhoneFrames(WordFrames(TorchMFCC()), Table()).load([one], SyntheticSource([one]))  # type: ignore[arg-type]
    assert counts.values.tolist() == [0, 20, 0]


def test_a_cut_word_keeps_its_first_phones() -> None:
    one = said("NO")
    frames = WordFrames(TorchMFCC(), max_frames=5)
    counts = PhoneFrames(frames, Table()).load([one], SyntheticSource([one]))  # type: ignore[arg-type]
    assert counts.values.tolist() == [5, 0]


@pytest.mark.parametrize("make", [WordPhones, lambda who: PhoneFrames(WordFrames(TorchMFCC()), who)])
def test_notes_tell_whose_phones_they_are(make) -> None:  # type: ignore[no-untyped-def]
    timed = Utterance("t", "t.wav", 1.0, "1F", "sad", "", (Word("NO", 0, 1, (Phone("N", 0, 1),)),))
    phones = make(Table())
    phones.load([said("OH", "NO"), timed], SyntheticSource([said("OH", "NO"), timed]))
    assert phones.notes[-1] == "The phones of 2 of 3 words are Table's, not the corpus's."
    evenly = "2 of 3 words have no phone times: their phones share the word's time evenly."
    assert (evenly in phones.notes) == isinstance(phones, PhoneFrames)
    phones.load([timed], SyntheticSource([timed]))
    assert phones.notes == ()


def test_counts_depend_on_nothing_that_is_learned_and_keys_tell_why_they_differ() -> None:
    frames = WordFrames(TorchMFCC())
    keys = [
        PhoneFrames(frames, Table()).key(),
        PhoneFrames(WordFrames(TorchMFCC(), max_frames=5), Table()).key(),
        PhoneFrames(WordFrames(TorchMFCC(frame_step=0.01)), Table()).key(),
    ]
    assert len(set(keys)) == 3 and keys[0] == PhoneFrames(WordFrames(TorchMFCC()), Table()).key()


def test_the_vocabulary_is_that_of_the_training_part(tmp_path: Path) -> None:
    phones = WordPhones(Table())
    assert phones.key() is None and phones and len(phones) == 1
    phones.fit([said("NO", "++LAUGHTER++")])
    assert phones.phones == ["<unk>", "++LAUGHTER++", "N", "OW"] and len(phones) == 4
    table = phones.load([said("OH", "NO"), said("NO", language="de")], None)
    assert table.values.tolist() == [3, 2, 3, 0, 0] and table.lengths.tolist() == [1, 2, 2]
    phones.save(tmp_path / "text")
    other = WordPhones(Table())
    other.restore(tmp_path / "text")
    assert other.phones == phones.phones and other.load([said("NO")], None).values.tolist() == [2, 3]
    phones.fit([said("OH")])
    assert phones.phones == ["<unk>", "OW"]


@pytest.mark.parametrize("content", [None, b"\xff junk", b"", b"5", b'[["a"]]', b'{"a": 1}', b"[" * 100_000])
def test_what_cannot_be_restored(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "phones.json").write_bytes(content)
    with pytest.raises(ModelError, match="phones.json"):
        WordPhones().restore(tmp_path)
