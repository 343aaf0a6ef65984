"""Utterances in memory, as a model reads them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch

from mtser.cores import free_memory
from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.encoders.loaded_table import check_loaded
from mtser.features.input import Input
from mtser.features.source import FeatureSource
from mtser.ragged import Ragged, spans


class UtteranceData:
    """Some utterances, and the data that a model's inputs make of them, on the device that computes.

    Parameters
    ----------
    utterances
        Their order is the order of rows.
    max_words
        Longer utterances are cut to this many words.
    device
        Where batches are wanted. Data that would fill more than half of a GPU's free memory stay on the CPU and are
        copied batch by batch.
    preceding
        For models that look at dialogs: for every row the rows of the turns before it, and last its own.

    Example
    -------
    >>> from mtser.alignment.word import Word
    >>> from mtser.encoders.tokens import WordTokenizer
    >>> said = Utterance("u", "u.wav", 1.0, "1F", "sad", "Oh no", (Word("Oh", 0, 0.5), Word("no", 0.5, 1)))
    >>> data, tokenizer = UtteranceData([said], max_words=128, device="cpu"), WordTokenizer()
    >>> data.load([tokenizer], None)
    >>> data.inputs(np.array([0]))[tokenizer].values
    tensor([0, 0])
    """

    def __init__(
        self,
        utterances: Sequence[Utterance],
        max_words: int,
        device: torch.device | str,
        preceding: Ragged | None = None,
    ) -> None:
        self.utterances = [
            one if len(one.words) <= max_words else replace(one, words=one.words[:max_words]) for one in utterances
        ]
        self.n_words = np.array([len(one.words) for one in self.utterances], dtype=np.int64)
        self.device = torch.device(device)
        self._first_word = np.cumsum(self.n_words) - self.n_words
        self._preceding = preceding
        self._tables: dict[Input, Ragged] = {}
        self._kept: dict[str, tuple[Input, Ragged]] = {}

    def load(self, inputs: Iterable[Input], source: FeatureSource) -> None:
        """Load what these inputs make of all utterances; what an equal input made before is used again."""
        for input in inputs:
            key = input.key()
            if key is None:
                self._tables[input] = self._place(self._loaded(input, source))
            else:
                if key not in self._kept:
                    self._kept[key] = input, self._place(self._loaded(input, source))
                loader, self._tables[input] = self._kept[key]
                input.cut, input.notes = loader.cut, loader.notes

    def drop(self, inputs: Iterable[Input]) -> None:
        """Forget what some inputs made."""
        for input in inputs:
            self._tables.pop(input, None)

    def forget(self) -> None:
        """Drop what belongs to one fold's model."""
        self._tables.clear()

    @property
    def lengths(self) -> np.ndarray:
        """``[utterances]``: what a row costs, for batches of similar ones.

        Its frames, if an input has the frames of utterances; else its words.
        """
        longest = [table.lengths for input, table in self._tables.items() if input.unit == "utterance"]
        return np.maximum.reduce([self.n_words, *longest])

    def tables(self, rows: np.ndarray) -> Mapping[Input, Ragged]:
        """The loaded data of some utterances; each is put together when it is asked for, and not kept."""
        return _Selection(self._tables, rows, spans(self._first_word[rows], self.n_words[rows]))

    def inputs(self, rows: np.ndarray) -> Batch:
        """Some utterances as a model reads them, with the turns before them if it looks at those."""
        needed, turns = (rows, None) if self._preceding is None else self._with_turns(rows, self._preceding)
        data = {input: table.to(self.device) for input, table in self.tables(needed).items()}
        return Batch(self.n_words[needed], data, turns)

    def _with_turns(self, rows: np.ndarray, preceding: Ragged) -> tuple[np.ndarray, Ragged]:
        """The rows of a batch with those of their dialogs' turns, each once, and where the turns are among them."""
        turns = preceding.select(rows)
        needed, position = np.unique(turns.values.numpy(), return_inverse=True)
        return needed, Ragged(torch.from_numpy(position).to(self.device, non_blocking=True), turns.lengths)

    def _loaded(self, input: Input, source: FeatureSource) -> Ragged:
        table = input.load(self.utterances, source)
        check_loaded(input, table, self.utterances)
        return table

    def _place(self, table: Ragged) -> Ragged:
        if self.device.type != "cuda":
            return table
        free, _ = torch.cuda.mem_get_info(self.device)
        if table.values.nbytes < free / 2:
            return table.to(self.device)
        pinned = table.values.nbytes < free_memory() / 2  # it is a copy, which cannot be swapped
        return Ragged(table.values.pin_memory(), table.lengths) if pinned else table


class _Selection(Mapping[Input, Ragged]):
    """Some rows of tables."""

    def __init__(self, tables: Mapping[Input, Ragged], rows: np.ndarray, words: np.ndarray) -> None:
        self._tables = tables
        self._rows = {"utterance": rows, "word": words}

    def __getitem__(self, input: Input) -> Ragged:
        return self._tables[input].select(self._rows[input.unit])

    def __contains__(self, input: object) -> bool:
        return input in self._tables  # without putting it together

    def __iter__(self) -> Iterator[Input]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)
