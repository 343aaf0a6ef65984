"""Word features that a user brings in a file: of faces, of hands, of another program."""

import json
from pathlib import Path

import numpy as np
import torch

from mtser.corpora.corpus import Skipped
from mtser.corpora.utterance import Utterance
from mtser.errors import FeatureError
from mtser.features.input import Input
from mtser.features.normalise import Normalisation, check_normalisation, normalised_by_owner, notes_on
from mtser.features.source import FeatureSource
from mtser.features.word_table import read_dimension, read_words
from mtser.ragged import Ragged


class WordFeatureFile(Input):
    r"""A vector a word, from a file.

    The words are those of the corpus as it was read (``manifest.json`` of a run lists them), counted from 0. An
    utterance that the file lacks is left out of the corpus, with that reason; one that the corpus lacks is passed over.

    Parameters
    ----------
    file
        ``.csv``: UTF-8, a first line ``utterance,word,`` and a name for every feature, then a line a word, in any
        order.
        ``.npz`` (``numpy.savez``): an array ``[words, features]`` for every utterance, named by its id.
        Its path is relative to the working directory; ``~`` is the home folder.
    normalise
        As for :class:`~mtser.features.word_input.WordFrames`, over the vectors of the words.

    Raises
    ------
    FeatureError
        If the file cannot be read, or its first line is another one.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "face.csv"
    >>> _ = file.write_text("utterance,word,smile,brows\nu1,0,0.1,0.3\nu1,1,0.2,0.1\n")
    >>> WordFeatureFile(str(file)).dimension
    2
    """

    def __init__(self, file: str, normalise: Normalisation = "train") -> None:
        check_normalisation(normalise)
        self.file = Path(file).expanduser()
        self.normalise = normalise
        self.notes = notes_on(normalise, self.file.name)
        self.dimension = read_dimension(self.file)

    def key(self) -> str:
        """The file as it is now, and the normalisation."""
        found = self.file.stat()
        stamp = [str(self.file.resolve()), found.st_size, found.st_mtime_ns]
        return json.dumps([type(self).__name__, *stamp, self.normalise])

    def prepare(self, source: FeatureSource) -> list[Skipped]:
        """Check the file against the corpus.

        Raises
        ------
        FeatureError
            If a line is damaged, a value is no finite number, or an utterance has other words in the corpus.
        """
        found, skipped, wrong = read_words(self.file), [], []
        for id, n_words in source.n_words.items():
            if id not in found:
                skipped.append(Skipped(id, "not in the word feature file", self.file.name))
            elif len(found[id].values) != n_words:
                wrong.append((id, n_words))
        if wrong:
            id, n_words = wrong[0]
            more = f"; so it is with {len(wrong) - 1} more utterances" if len(wrong) > 1 else ""
            raise FeatureError(
                f"{found[id].where}: {id} has {len(found[id].values)} words here, but {n_words} in the corpus{more}. "
                "Write the file for the words of the corpus as it is read now."
            )
        return skipped

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """``values [words, dimension]`` float32, one item a row."""
        found = read_words(self.file)
        n_words = np.array([len(one.words) for one in utterances], dtype=np.int64)
        vectors = [found[one.id].values[:n] for one, n in zip(utterances, n_words, strict=True)]
        values = np.concatenate(vectors) if vectors else np.empty((0, self.dimension), np.float32)
        values = normalised_by_owner(values, self.normalise, utterances, n_words)
        return Ragged(torch.from_numpy(values), np.ones(len(values), dtype=np.int64))
