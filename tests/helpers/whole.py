"""A system of hparams/ as a whole, beside a slow computation of what it tells of each utterance."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from mtser.corpora import Utterance
from mtser.encoders.audio import FrameEncoder
from mtser.outputs import Outputs
from mtser.ragged import Ragged
from tests.helpers import slow, slow_rivals
from tests.helpers.slow import W
from tests.helpers.synthetic import random_utterances
from tests.helpers.systems import Ready, in_double, ready

UTTERANCES = random_utterances(6, seed=5, n_different_words=8)  # of 1 to 6 words and 0.5 to 1.9 seconds
Read = Mapping[str, list[Ragged]]
"""What each encoder reads of one utterance, table by table and nothing padded."""
Told = Mapping[str, np.ndarray]
"""What a system tells of one utterance: logits, attributes, and the attributes of each branch."""


def whole(system: str, overrides: Mapping[str, str] | None = None, utterances: list[Utterance] = UTTERANCES) -> Ready:
    """The system as its file has it, in float64 and as it is used; no weight is 0 or 1, as some start."""
    made = ready(system, utterances, **(overrides or {}))
    made.model.double().eval()
    with torch.no_grad():
        for parameter in made.model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return made


def read(system: Ready, row: int) -> Read:
    """The data of one utterance, by themselves."""
    tables = system.data.tables(np.array([row]))
    encoders = system.model.encoders.items()
    return {name: [tables[input] for input in encoder.inputs] for name, encoder in encoders}  # type: ignore[union-attr]


def rows_of(table: Ragged) -> list[np.ndarray]:
    """The rows of a table, in float64."""
    return [row.double().numpy() for row in table.values.split(table.lengths.tolist())]


def normalised(w: W, table: Ragged) -> list[np.ndarray]:
    """The rows of a table, with the mean and the standard deviation that an encoder of weights ``w`` has learned."""
    return [(row - w["mean"]) / w["std"] for row in rows_of(table)]


def looked_up(w: W, table: Ragged) -> np.ndarray:
    """The vectors of words or phones, each a row of an embedding: ``[words, size]``."""
    return np.array([w["embedding.weight"][number] for number in table.values.tolist()])


def spoken(w: W, table: Ragged, queries: np.ndarray | None = None) -> np.ndarray:
    """WR: a GRU over each word's frames, attention with the word's embedding as query, or with a learned one."""
    vectors, attention = [], slow.part(w, "attention")
    for i, frames in enumerate(normalised(w, table)):
        states = slow.gru(slow.part(w, "gru"), frames)
        if queries is None:
            vectors.append(slow_rivals.self_attended(attention, states))
        else:
            vectors.append(slow.word_vector(attention, states, queries[i]))
    return np.array(vectors)


def compare(system: Ready, expected: Callable[[W, int], Told], atol: float = 1e-11) -> None:
    """All utterances at once through the model, against ``expected`` of its weights and one row after the other."""
    found = told(system.model(in_double(system.batch().batch)))
    w = slow.weights(system.model)
    for row in range(len(system.data.utterances)):
        one = expected(w, row)
        assert found.keys() == one.keys()
        for name, values in one.items():
            np.testing.assert_allclose(found[name][row], values, rtol=0, atol=atol, err_msg=f"{name} of row {row}")
    assert all(values.std(axis=0).min() > 1e-3 for values in found.values())  # utterances differ
    check_statistics(system)


def told(outputs: Tensor | Outputs) -> dict[str, np.ndarray]:
    """What a model tells of a batch, by name."""
    every = Outputs.of(outputs)
    given = {"logits": every.logits, "attributes": every.attributes, **every.branches}
    return {name: values.detach().numpy() for name, values in given.items() if values is not None}


def check_statistics(system: Ready) -> None:
    """Encoders have the mean and the standard deviation of all that they read, where they normalise by it."""
    tables = system.data.tables(np.arange(len(system.data.utterances)))
    for encoder in (one for one in system.model.modules() if isinstance(one, FrameEncoder)):
        values = tables[encoder.features].values.double().numpy()
        mean, std = values.mean(axis=0), values.std(axis=0)
        if encoder.features.normalise != "train":
            mean, std = np.zeros_like(mean), np.ones_like(std)
        np.testing.assert_allclose(encoder.mean, mean, rtol=1e-6)
        np.testing.assert_allclose(encoder.std, std, rtol=1e-6)
