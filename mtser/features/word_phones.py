"""The phones of every word, as inputs of a model: which they are, and how many frames belong to each."""

import json
from itertools import chain
from pathlib import Path

import numpy as np
import torch

from mtser.corpora.corpus import Skipped
from mtser.corpora.utterance import Utterance
from mtser.errors import ModelError
from mtser.features.input import Input
from mtser.features.pronunciations import Pronunciations
from mtser.features.source import FeatureSource
from mtser.features.word_frames import phone_frame_counts
from mtser.features.word_input import WordFrames
from mtser.files import write_json
from mtser.pronunciation import Pronouncer
from mtser.ragged import Ragged


class WordPhones(Input):
    """Which phones a word has, one row a word, as numbers of a vocabulary.

    Parameters
    ----------
    pronouncer
        For words without phones in the corpus (see :class:`~mtser.features.pronunciations.Pronunciations`).

    Attributes
    ----------
    phones
        The vocabulary, learned from the training part; a phone's number is its place. The first, ``<unk>``, is every
        phone that the training part does not have.

    Example
    -------
    >>> from mtser.alignment.word import Phone, Word
    >>> no = Word("NO", 0, 1, (Phone("N", 0, 0.2), Phone("OW", 0.2, 1)))
    >>> said = Utterance("u", "u.wav", 1.0, "1F", "sad", "No", (no,))
    >>> phones = WordPhones()
    >>> phones.fit([said])
    >>> phones.phones, phones.load([said], None).values
    (['<unk>', 'N', 'OW'], tensor([1, 2]))
    """

    def __init__(self, pronouncer: Pronouncer | None = None) -> None:
        self._pronunciations = Pronunciations(pronouncer)
        self._learn([])

    def __len__(self) -> int:
        return len(self.phones)

    # An input is a key of the batch's data: the object itself counts, not how many phones it knows.
    def __bool__(self) -> bool:
        return True

    def _learn(self, phones: list[str]) -> None:
        self.phones = ["<unk>", *phones]
        self._number = {phone: number for number, phone in enumerate(self.phones)}

    def fit(self, utterances: list[Utterance]) -> None:
        """Take every phone of the training part, in alphabetical order."""
        self._learn(sorted(set(chain.from_iterable(self._pronunciations.of(utterances)))))

    def load(self, utterances: list[Utterance], source: FeatureSource | None) -> Ragged:
        """The phones of every word: ``values [phones]`` int64."""
        rows = self._pronunciations.of(utterances)
        self.notes = self._pronunciations.notes
        numbers = [self._number.get(phone, 0) for phone in chain.from_iterable(rows)]
        return Ragged(torch.tensor(numbers, dtype=torch.int64), _lengths(rows))

    def save(self, folder: Path) -> None:
        """Write ``phones.json``."""
        write_json(folder / "phones.json", self.phones[1:])

    def restore(self, folder: Path) -> None:
        """Read ``phones.json``."""
        try:
            phones = json.loads((folder / "phones.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ModelError(f"{folder / 'phones.json'}: cannot be read ({error}).") from error
        if not isinstance(phones, list) or not all(isinstance(phone, str) for phone in phones):
            raise ModelError(f"{folder / 'phones.json'}: is no list of phones; the model is damaged.")
        self._learn(phones)


class PhoneFrames(Input):
    """How many of a word's frames belong to each of its phones, one row a word.

    A phone has the frames whose centre lies behind its start and before that of the next phone; the first one those
    before it, too. So the phones share all frames of their word, each frame in one phone, in the order in which
    ``frames`` has them. A phone that is shorter than a step, or lies behind the frames that ``frames.max_frames``
    keeps, has none: a word has always a phone with frames, a phone not always.

    Where the corpus has no times, the phones of the word's pronunciation share its time evenly, and a note says so.

    Parameters
    ----------
    frames
        The frames of the words that are to be shared out.
    pronouncer
        For words without phones in the corpus (see :class:`~mtser.features.pronunciations.Pronunciations`).

    Example
    -------
    >>> from mtser.features import TorchMFCC
    >>> PhoneFrames(WordFrames(TorchMFCC())).unit
    'word'
    """

    def __init__(self, frames: WordFrames, pronouncer: Pronouncer | None = None) -> None:
        self.frames = frames
        self._pronunciations = Pronunciations(pronouncer)

    def key(self) -> str:
        """That of the frames, and what determines the pronunciations."""
        return json.dumps([type(self).__name__, self.frames.key(), self._pronunciations.settings()])

    def prepare(self, source: FeatureSource) -> list[Skipped]:
        """Extract the features of the whole corpus."""
        return self.frames.prepare(source)

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """``values [phones]`` int64: the number of frames of each phone."""
        stored = source.features(self.frames.extractor)
        word_spans, _ = self.frames.spans(utterances, stored)
        rows = self._pronunciations.of(utterances)
        words = [word for one in utterances for word in one.words]
        n_phones = _lengths(rows)
        times = np.array([(word.start, word.end) for word in words]).reshape(-1, 2)
        place = np.arange(n_phones.sum()) - np.repeat(np.cumsum(n_phones) - n_phones, n_phones)
        starts = np.repeat(times[:, 0], n_phones) + place * np.repeat((times[:, 1] - times[:, 0]) / n_phones, n_phones)
        timed = np.repeat([bool(word.phones) for word in words], n_phones) if words else np.zeros(0, bool)
        starts[timed] = [phone.start for word in words for phone in word.phones]
        untimed = sum(not word.phones for word in words)
        self.notes = self._pronunciations.notes
        if untimed:
            self.notes = (
                f"{untimed} of {len(words)} words have no phone times: their phones share the word's time evenly.",
                *self.notes,
            )
        counts = phone_frame_counts(word_spans, starts, n_phones, stored.frame_length, stored.frame_step)
        return Ragged(torch.from_numpy(counts), n_phones)


def _lengths(rows: list[tuple[str, ...]]) -> np.ndarray:
    return np.fromiter(map(len, rows), np.int64, len(rows))
