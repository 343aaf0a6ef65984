"""Words → token numbers, with a vocabulary from the training part of the fold only."""

import io
import json
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch

from mtser.checks import check_whole_number
from mtser.corpora.utterance import Utterance
from mtser.errors import ConfigError, ModelError
from mtser.features.input import Input
from mtser.features.source import FeatureSource
from mtser.files import write_atomically, write_json
from mtser.ragged import Ragged


class Tokenizer(Input):
    """Splits every word into one or more tokens.

    Attributes
    ----------
    tokens
        The vocabulary; a token's number is its place.
    unknown
        The number of the token for what the vocabulary lacks.
    splits_words
        True if a word may have several tokens.
    """

    tokens: list[str]
    unknown: int = 0
    splits_words: bool = False

    def __len__(self) -> int:
        return len(self.tokens)

    # An input is a key of the batch's data: the object itself counts, not how many tokens it knows.
    def __bool__(self) -> bool:
        return True

    @abstractmethod
    def fit(self, utterances: list[Utterance]) -> None:
        """Build the vocabulary from the words of the training part."""

    @abstractmethod
    def encode(self, words: list[str]) -> list[list[int]]:
        """Token numbers of each word; at least one a word."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the vocabulary into ``folder``."""

    @abstractmethod
    def restore(self, folder: Path) -> None:
        """Read what :meth:`save` wrote."""

    def load(self, utterances: list[Utterance], source: FeatureSource | None) -> Ragged:
        """The tokens of every word: ``values [tokens]`` int64."""
        spelled = [word.word.lower() for utterance in utterances for word in utterance.words]
        distinct = sorted(set(spelled))
        numbers = dict(zip(distinct, self.encode(distinct), strict=True))
        rows = [numbers[word] for word in spelled]
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        return Ragged(torch.tensor(list(chain.from_iterable(rows)), dtype=torch.int64), lengths)


def checked_names(names: Any, file: Path) -> list[str]:
    """What a file of a model lists, if it is a list of different words.

    Raises
    ------
    ModelError
        If it is none.
    """
    good = isinstance(names, list) and all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    if not good:
        raise ModelError(f"{file}: is no list of different words; the model is damaged.")
    return names


class WordTokenizer(Tokenizer):
    """One token a word, lower-cased.

    Parameters
    ----------
    min_count
        A word that the training part has fewer times is ``<unk>``. With 1 (every word its own token) nothing trains
        ``<unk>`` and its vector stays zero.

    Example
    -------
    >>> from mtser.alignment.word import Word
    >>> said = Utterance("u", "u.wav", 1.0, "1F", "sad", "Oh no", (Word("Oh", 0, 0.5), Word("no", 0.5, 1)))
    >>> tokenizer = WordTokenizer()
    >>> tokenizer.fit([said])
    >>> tokenizer.tokens, tokenizer.encode(["no", "yes"])
    (['<unk>', 'no', 'oh'], [[1], [0]])
    """

    def __init__(self, min_count: int = 1) -> None:
        check_whole_number("min_count", min_count)
        self.min_count = min_count
        self.learn([])

    def learn(self, words: list[str]) -> None:
        """Take these words as the vocabulary."""
        self.tokens = ["<unk>", *words]
        self._number = {token: number for number, token in enumerate(self.tokens)}

    def fit(self, utterances: list[Utterance]) -> None:
        """Take every word that occurs ``min_count`` times, in alphabetical order."""
        counts = Counter(word.word.lower() for utterance in utterances for word in utterance.words)
        self.learn(sorted(word for word, count in counts.items() if count >= self.min_count and word != "<unk>"))

    def add(self, words: Iterable[str]) -> None:
        """Take more words into the vocabulary, behind those that it has."""
        self.learn([*self.tokens[1:], *(word for word in words if word not in self._number)])

    def encode(self, words: list[str]) -> list[list[int]]:
        """One number a word."""
        return [[self._number.get(word, self.unknown)] for word in words]

    def save(self, folder: Path) -> None:
        """Write ``vocabulary.json``."""
        write_json(folder / "vocabulary.json", self.tokens[1:])

    def restore(self, folder: Path) -> None:
        """Read ``vocabulary.json``."""
        try:
            words = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ModelError(f"{folder / 'vocabulary.json'}: cannot be read ({error}).") from error
        self.learn(checked_names(words, folder / "vocabulary.json"))


class SubwordTokenizer(Tokenizer):
    """SentencePiece subwords of each lower-cased word, trained on the training part.

    Parameters
    ----------
    size
        Of the vocabulary at most; a small training part gets fewer pieces.
    model_type
        "unigram" or "bpe".

    Example
    -------
    >>> from mtser.alignment.word import Word
    >>> words = tuple(Word(w, i, i + 1) for i, w in enumerate("happy happier unhappy sad sadder sadly".split()))
    >>> tokenizer = SubwordTokenizer(size=30)
    >>> tokenizer.fit([Utterance("u", "u.wav", 6.0, "1F", "sad", "", words)])
    >>> len(tokenizer.encode(["unsad"])[0]) > 1
    True
    """

    splits_words = True

    def __init__(self, size: int = 1000, model_type: str = "unigram") -> None:
        if model_type not in ("unigram", "bpe"):
            raise ConfigError(f"model_type of the subwords is {model_type!r}; it can be unigram or bpe.")
        self.size = size
        self.model_type = model_type
        self.tokens = []

    def fit(self, utterances: list[Utterance]) -> None:
        """Train SentencePiece on the words, each as often as it occurs."""
        counts = Counter(word.word.lower() for utterance in utterances for word in utterance.words)
        model = io.BytesIO()
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(sorted(counts.elements())),
                model_writer=model,
                vocab_size=self.size,
                hard_vocab_limit=False,
                model_type=self.model_type,
                character_coverage=1.0,
                bos_id=-1,
                eos_id=-1,
                minloglevel=2,
                num_threads=1,  # the same pieces on every machine
            )
        except RuntimeError as error:
            raise ConfigError(
                f"SentencePiece cannot learn {self.size} {self.model_type} pieces from {len(counts)} different words "
                f"({str(error).splitlines()[-1]}); choose another size."
            ) from error
        self._use(model.getvalue())

    def encode(self, words: list[str]) -> list[list[int]]:
        """The numbers of each word's pieces."""
        return [pieces or [self.unknown] for pieces in self._processor.encode(words)]

    def save(self, folder: Path) -> None:
        """Write ``subwords.model``, which any SentencePiece program reads."""
        write_atomically(folder / "subwords.model", lambda file: file.write(self._model))

    def restore(self, folder: Path) -> None:
        """Read ``subwords.model``."""
        try:
            self._use((folder / "subwords.model").read_bytes())
        except (OSError, RuntimeError) as error:
            raise ModelError(f"{folder / 'subwords.model'}: cannot be read ({error}).") from error

    def _use(self, model: bytes) -> None:
        if not model:  # which the processor takes without a word
            raise RuntimeError("it is empty")
        self._model = model
        self._processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        self.unknown = self._processor.unk_id()
        self.tokens = [self._processor.id_to_piece(number) for number in range(self._processor.get_piece_size())]
