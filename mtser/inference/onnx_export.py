"""A model as ONNX: features and tokens of one utterance → probabilities."""

import contextlib
import copy
import io
import json
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from mtser.errors import ModelError, MtserError
from mtser.files import write_atomically
from mtser.fusion.learned_alignment import AdditiveAttention, LearnedAlignment
from mtser.fusion.positions import Positions, sinusoids
from mtser.fusion.recurrent_layer import RecurrentLayer
from mtser.inference.ensemble import probabilities
from mtser.inference.onnx_forms import encode, recurrent
from mtser.inference.onnx_inputs import axes_of, names_of, onnx_inputs, padded, random_batch, tensor_names
from mtser.model import EmotionModel
from mtser.outputs import Outputs
from mtser.sequence import Sequence as Items
from mtser.sequence import Sequences

OPSET = 17
TOLERANCE = 1e-4
"""By how much a probability may differ between PyTorch and ONNX."""

_CASES = ((5, 0), (1, 1), (17, 2))  # words, seed


class OnnxForm(nn.Module):
    """A model that reads the tensors of one utterance, in the order of :func:`tensor_names`.

    Parameters
    ----------
    model
        It is not changed.

    Raises
    ------
    ModelError
        If a block has no such form.
    """

    def __init__(self, model: EmotionModel) -> None:
        super().__init__()
        self.model = copy.deepcopy(model).cpu().eval()
        self.fusion = nn.ModuleList(_form_of(block) for block in self.model.fusion)

    def forward(self, *tensors: Tensor) -> Tensor:
        """Tensors → probabilities ``[1, classes]``."""
        given = iter(tensors)
        inputs = {input: (next(given), next(given) if padded(input) else None) for input in names_of(self.model)}
        sequences: Sequences = {}
        for name, encoder in self.model.encoders.items():
            sequences[name] = encode(encoder, inputs, sequences)  # type: ignore[arg-type]
        fused = sequences
        for block in self.fusion:
            fused = block(fused)
        logits = Outputs.of(self.model.classifier(fused)).logits
        if logits is None:
            raise ModelError("the model tells no classes.")
        return torch.softmax(logits, dim=1)


def write_onnx(model: EmotionModel, classes: Sequence[str], file: Path) -> Path:
    """Write a model as ONNX, and see that it says what the model says.

    Parameters
    ----------
    model
        In evaluation mode.
    classes
        Of the output ``probabilities [1, classes]``; they stand in the file's metadata.
    file
        ``.onnx``.

    Raises
    ------
    ModelError
        If a block has no ONNX form, or the two differ by more than 1e-4.
    MtserError
        If onnx is not installed.
    """
    try:
        import onnx
        import onnxruntime
    except ImportError as error:
        raise MtserError(
            "ONNX files need the packages onnx and onnxruntime: pip install 'mtser[export]', or export with --no_onnx."
        ) from error
    try:
        form = OnnxForm(model)
        data = _traced(form, model)
    except ModelError as error:
        raise ModelError(
            f"the model cannot be written as ONNX: {str(error).rstrip('.')}; --no_onnx leaves it out."
        ) from error
    described = onnx.load_model_from_string(data)
    onnx.helper.set_model_props(described, {"classes": json.dumps(list(classes)), "library": "mtser"})
    data = described.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    for n_words, seed in _CASES:
        _compare(model, session, n_words, seed)
    return write_atomically(file, lambda opened: opened.write(data))


def _traced(form: OnnxForm, model: EmotionModel) -> bytes:
    example = onnx_inputs(model, random_batch(model, 6, seed=3))
    names = tensor_names(model)
    tensors = tuple(torch.from_numpy(np.ascontiguousarray(example[name])) for name in names)
    buffer = io.BytesIO()
    try:
        with _quiet(), torch.no_grad():
            torch.onnx.export(
                form,
                tensors,
                buffer,  # type: ignore[arg-type]
                dynamo=False,  # the other exporter takes some forty seconds for a recurrent layer
                opset_version=OPSET,
                input_names=names,
                output_names=["probabilities"],
                dynamic_axes={name: axes for name, axes in axes_of(model).items() if axes},
            )
    except MtserError:
        raise
    except Exception as error:  # of the exporter, about an operation that ONNX lacks
        reason = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".")
        raise ModelError(f"PyTorch does not export it ({reason})") from error
    return buffer.getvalue()


def _compare(model: EmotionModel, session: object, n_words: int, seed: int) -> None:
    device = next(model.parameters()).device
    batch = random_batch(model, n_words, seed)
    with torch.inference_mode():
        there = type(batch)(batch.n_words, {key: rows.to(device) for key, rows in batch.data.items()}, batch.turns)
        expected = probabilities(model, there)
    found = session.run(["probabilities"], onnx_inputs(model, batch))[0]  # type: ignore[attr-defined]
    difference = float(np.abs(found - expected).max())
    if not difference <= TOLERANCE:
        raise ModelError(
            f"the ONNX form of the model differs from it by {difference:.2g} in a probability; --no_onnx leaves it out."
        )


class _RecurrentLayerForm(nn.Module):
    def __init__(self, layer: RecurrentLayer) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, sequences: Sequences) -> Sequences:
        sequence = sequences[self.layer.modality]
        return {**sequences, self.layer.modality: recurrent(self.layer.net, sequence.features[0], sequence.unit)}


class _AdditiveForm(nn.Module):
    """:class:`AdditiveAttention` with all of its scores at once."""

    def __init__(self, attention: AdditiveAttention) -> None:
        super().__init__()
        self.attention = attention

    def forward(self, queries: Items, items: Items) -> Tensor:
        a, b = self.attention.query(queries.features), self.attention.key(items.features)
        scores = torch.tanh(a.unsqueeze(2) + b.unsqueeze(1)) @ self.attention.score
        return scores.softmax(2) @ items.features


class _PositionsForm(nn.Module):
    """Sinusoidal positions from a table, for as many items as one utterance may have."""

    def __init__(self, positions: Positions, size: int) -> None:
        super().__init__()
        self.register_buffer("table", sinusoids(_MOST_ITEMS, size))

    def forward(self, features: Tensor) -> Tensor:
        return features + self.table[: features.shape[1]]  # type: ignore[index]


_MOST_ITEMS = 4096


def _form_of(block: nn.Module) -> nn.Module:
    from mtser.fusion.transformer import SharedTransformer
    from mtser.fusion.word_interaction import WordInteraction

    if isinstance(block, WordInteraction):
        raise ModelError("WordInteraction runs word by word, two nets in step, for which ONNX has no operation.")
    if isinstance(block, RecurrentLayer):
        return _RecurrentLayerForm(block)
    if isinstance(block, LearnedAlignment) and isinstance(block.attention, AdditiveAttention):
        block.attention = _AdditiveForm(block.attention)
    if isinstance(block, SharedTransformer):
        for name, positions in block.positions.items():
            if positions.kind == "sinusoidal":
                block.positions[name] = _PositionsForm(positions, block.output_sizes[name])  # type: ignore[arg-type]
    return block


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The tracer warns of every comparison of sizes in Python, and prints the graph that it cannot export."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
