"""Blocks and encoders with the mistakes that their authors make."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from mtser.encoders import WordEmbedding
from mtser.features.input import Input
from mtser.fusion import CoAttention
from mtser.ragged import Ragged


class Right(CoAttention):
    """One of one's own without a mistake."""

    def __init__(self) -> None:
        super().__init__(["audio", "text"])


class Wrong(Right):
    """Pools well, and then does what its subclass does."""

    def forward(self, sequences: Any) -> Any:
        return self.change(super().forward(sequences), sequences)

    def change(self, vector: Tensor, sequences: Any) -> Any:
        return vector


class DoesNotPool(Right):
    def forward(self, sequences: Any) -> Any:
        return sequences["text"].features


class OtherWidth(Wrong):
    def change(self, vector: Tensor, sequences: Any) -> Any:
        return vector[:, :64]


class TellsNoWidth(OtherWidth):
    """Its neighbour has to find out."""

    def __init__(self) -> None:
        super().__init__()
        del self.output_size


class LazyLayer(Wrong):
    """Its shape is that of what it sees first; no mistake."""

    def __init__(self) -> None:
        super().__init__()
        self.more = nn.LazyLinear(100)

    def change(self, vector: Tensor, sequences: Any) -> Any:
        return self.more(vector)


class MixesTheBatch(Wrong):
    def change(self, vector: Tensor, sequences: Any) -> Any:
        return vector + 0.1 * vector.mean(0, keepdim=True)


class ReturnsATuple(Wrong):
    def change(self, vector: Tensor, sequences: Any) -> Any:
        return vector, vector


class LosesOne(Wrong):
    def change(self, vector: Tensor, sequences: Any) -> Any:
        return vector[1:]


class Logarithm(Wrong):
    def change(self, vector: Tensor, sequences: Any) -> Any:
        return (vector * 0).log() * 0


class MeanWithPadding(Wrong):
    """Forgets the mask."""

    def change(self, vector: Tensor, sequences: Any) -> Any:
        return vector + sequences["text"].features.mean(1)[:, :1]


class PlainTensor(Wrong):
    """Its weights are no parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.rand(100)

    def change(self, vector: Tensor, sequences: Any) -> Any:
        return vector * self.scale


class LeftBehind(PlainTensor):
    """As a GPU tells of a tensor that is no parameter."""

    told = "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"

    def change(self, vector: Tensor, sequences: Any) -> Any:
        raise RuntimeError(self.told)


class AnotherFailure(LeftBehind):
    told = "CUDA out of memory"


class PlainList(Wrong):
    """Its layers are in a list that torch does not look into."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(100, 100)]

    def change(self, vector: Tensor, sequences: Any) -> Any:
        return self.layers[0](vector)


class MadeInForward(Wrong):
    def change(self, vector: Tensor, sequences: Any) -> Any:
        if not hasattr(self, "more"):
            self.more = nn.Linear(100, 100)
        return self.more(vector)


class Detached(Wrong):
    def __init__(self) -> None:
        super().__init__()
        self.more = nn.Linear(100, 100)

    def change(self, vector: Tensor, sequences: Any) -> Any:
        return vector + self.more(vector).detach()


class AlwaysDropout(Wrong):
    def change(self, vector: Tensor, sequences: Any) -> Any:
        return functional.dropout(vector, 0.5)


class NumpySummary(WordEmbedding):
    def summary(self) -> dict[str, Any]:
        return {"mean": np.float32(0.5)}


class PlainStatistics(WordEmbedding):
    """Keeps what fit() learns as a plain number."""

    factor = 1.0

    def fit(self, utterances: Any, data: Any) -> None:
        super().fit(utterances, data)
        self.factor = 1.0 + math.sqrt(len(utterances))

    def forward(self, batch: Any, earlier: Any) -> Any:
        sequence = super().forward(batch, earlier)
        return sequence.with_features(sequence.features * self.factor)


class MadeInFit(WordEmbedding):
    """Makes a buffer in fit() that load_assets() does not."""

    def fit(self, utterances: Any, data: Any) -> None:
        super().fit(utterances, data)
        self.register_buffer("number", torch.tensor(float(len(utterances))))


class SavesPlainly(WordEmbedding):
    """Relies on a folder for its assets."""

    def save_assets(self, folder: Any) -> None:
        super().save_assets(folder)
        (folder / "names.txt").write_text("one", encoding="utf-8")


class ReturnsATensor(WordEmbedding):
    def forward(self, batch: Any, earlier: Any) -> Any:
        return super().forward(batch, earlier).features


class Lengths(Input):
    """How long the words are."""

    def load(self, utterances: Any, source: Any) -> Any:
        seconds = [[word.end - word.start] for one in utterances for word in one.words]
        return Ragged(torch.tensor(seconds), np.ones(len(seconds), dtype=np.int64))


class RowsOfUtterances(Lengths):
    """Forgets to say that its rows are utterances."""

    def load(self, utterances: Any, source: Any) -> Any:
        return Ragged(torch.zeros(len(utterances), 1), np.ones(len(utterances), dtype=np.int64))


class NumpyValues(Lengths):
    def load(self, utterances: Any, source: Any) -> Any:
        table = super().load(utterances, source)
        return Ragged(table.values.numpy(), table.lengths)


class TensorLengths(Lengths):
    def load(self, utterances: Any, source: Any) -> Any:
        table = super().load(utterances, source)
        return Ragged(table.values, torch.from_numpy(table.lengths))  # type: ignore[arg-type]


class NoTable(Lengths):
    def load(self, utterances: Any, source: Any) -> Any:
        return super().load(utterances, source).values


class EmptyRow(Lengths):
    def load(self, utterances: Any, source: Any) -> Any:
        table = super().load(utterances, source)
        return Ragged(table.values[1:], np.array([0, *table.lengths[1:]]))


class OneItemMore(Lengths):
    def load(self, utterances: Any, source: Any) -> Any:
        table = super().load(utterances, source)
        return Ragged(torch.cat([table.values, table.values[:1]]), table.lengths)


class NaNs(Lengths):
    def load(self, utterances: Any, source: Any) -> Any:
        table = super().load(utterances, source)
        table.values[3] = torch.nan
        return table
