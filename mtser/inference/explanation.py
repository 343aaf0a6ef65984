"""How much each word of an utterance counted: the models' attention, and what changes without the word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from mtser.attention import AttentionRecord, record_attention
from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.features.input import Input
from mtser.features.utterance_input import UtteranceFrames
from mtser.features.waveform_source import WaveformSource
from mtser.inference.ensemble import Ensemble, probabilities
from mtser.inference.occlusion import Scene, can_be_taken_out, neutral_frames, without_word
from mtser.model import EmotionModel
from mtser.ragged import Ragged

_AT_ONCE = 400_000  # rows of all inputs in a batch: some hundred megabytes behind the first layer


@dataclass(frozen=True)
class Explanation:
    """What the models say about an utterance, and why.

    Parameters
    ----------
    probabilities
        ``[classes]``.
    attention
        Modality → ``[words]``, summing to 1.
    occlusion
        Modality → ``[words]``.
    between_words
        Name of a map → ``[words, words]``.
    warnings
        What could not be told.
    """

    probabilities: np.ndarray
    attention: Mapping[str, np.ndarray] = field(default_factory=dict)
    occlusion: Mapping[str, np.ndarray] = field(default_factory=dict)
    between_words: Mapping[str, np.ndarray] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@torch.inference_mode()
def explain(ensemble: Ensemble, utterance: Utterance, source: WaveformSource) -> Explanation:
    """Judge an utterance, and take each word out of each modality in turn, all in one batch a model.

    Everything is the mean over the models. Attention is :meth:`mtser.attention.AttentionRecord.shares`, summed over
    the frames of each word where a modality consists of frames (frames of pauses are left out). Occlusion is the
    probability of the recognised emotion less that without the word, taken out as
    :func:`~mtser.inference.occlusion.without_word` says.
    """
    scene = Scene(utterance, source)
    told, attention, maps, warnings = [], [], [], []
    for model, batch in ensemble.batches([utterance], source):
        modalities: dict[str, Any] = {name: encoder.inputs for name, encoder in model.encoders.items()}
        known = [name for name, inputs in modalities.items() if can_be_taken_out(inputs)]
        if others := [name for name in modalities if name not in known]:
            warnings.append(f"What words count cannot be told by taking them out of {' and '.join(others)}.")
        rows, record = _judge(model, batch, scene, known)
        told.append((rows, known))
        attention.append(_shares_of_words(record, model, scene))
        maps.append(_maps_of_words(record, model, scene))
    base = np.mean([rows[0] for rows, _ in told], axis=0)
    emotion, n_words = int(base.argmax()), len(utterance.words)
    occlusion = {
        name: np.mean([row[0, emotion] - row[1:, emotion].reshape(-1, n_words)[at] for row, at in _of(name, told)], 0)
        for name in told[0][1]
    }
    return Explanation(base, _mean(attention), occlusion, _mean(maps), tuple(dict.fromkeys(warnings)))


def _of(name: str, told: list[tuple[np.ndarray, list[str]]]) -> list[tuple[np.ndarray, int]]:
    return [(rows, known.index(name)) for rows, known in told]


def _judge(
    model: EmotionModel, batch: Batch, scene: Scene, modalities: list[str]
) -> tuple[np.ndarray, AttentionRecord]:
    """The probabilities of the utterance, then of it without each word of the first modality, of the second, ..."""
    tables = {input: Ragged(table.values, table.lengths) for input, table in batch.data.items()}
    neutral = neutral_frames(model, tables)
    inputs_of = {name: set(model.encoders[name].inputs) for name in modalities}  # type: ignore[union-attr,arg-type]
    jobs: list[tuple[str | None, int]] = [(None, 0)]
    jobs += [(name, word) for name in modalities for word in range(len(scene.utterance.words))]

    def table(input: Input, modality: str | None, word: int) -> Ragged:
        if modality is None or input not in inputs_of[modality]:
            return tables[input]
        changed = without_word(input, tables[input], word, scene, neutral.get(input))
        assert changed is not None, "modalities with other inputs are left out"
        return changed

    size = sum(len(one.values) for one in tables.values())
    step = max(1, _AT_ONCE // max(size, 1))
    with record_attention() as record:
        first = probabilities(
            model, _joined(batch, [{input: table(input, *job) for input in tables} for job in jobs[:step]])
        )
    found = [first]
    for begin in range(step, len(jobs), step):
        some = [{input: table(input, *job) for input in tables} for job in jobs[begin : begin + step]]
        found.append(probabilities(model, _joined(batch, some)))
    return np.concatenate(found), record


def _joined(batch: Batch, rows: list[dict[Input, Ragged]]) -> Batch:
    """Versions of one utterance as one batch."""
    n = len(rows)
    data = {
        input: Ragged(
            torch.cat([row[input].values for row in rows]), np.concatenate([row[input].lengths for row in rows])
        )
        for input in batch.data
    }
    turns = None
    if batch.turns is not None:
        turns = Ragged(torch.arange(n, device=batch.turns.values.device), np.ones(n, np.int64))
    return Batch(np.tile(batch.n_words, n), data, turns)


def _shares_of_words(record: AttentionRecord, model: EmotionModel, scene: Scene) -> dict[str, np.ndarray]:
    found = {}
    for name, share in record.shares().items():
        words = _onto_words(share.cpu().numpy()[None], name, record.units[name], model, scene)
        if words is not None:
            found[name] = words[0]
    return found


def _maps_of_words(record: AttentionRecord, model: EmotionModel, scene: Scene) -> dict[str, np.ndarray]:
    found = {}
    for (looks, at), weights in record.maps().items():
        if record.units[looks] != "word" or looks == "aligned" == at or (looks, at) == ("aligned", "text"):
            continue
        words = _onto_words(weights.cpu().numpy(), at, record.units[at], model, scene)
        if words is not None:
            found[f"{looks} to {at}"] = words
    return found


def _onto_words(weights: np.ndarray, name: str, unit: str, model: EmotionModel, scene: Scene) -> np.ndarray | None:
    """``[rows, items]`` → ``[rows, words]``, rows sum to 1; None if the items are neither words nor their frames."""
    if unit == "word":
        return weights
    inputs = model.encoders[name].inputs if name in model.encoders else ()  # type: ignore[union-attr]
    frames = next((one for one in inputs if isinstance(one, UtteranceFrames)), None)  # type: ignore[union-attr]
    if unit != "frame" or frames is None:
        return None
    n_frames = int(scene.source.features(frames.extractor).n_frames([scene.utterance.id])[0])
    spans = scene.frame_spans(frames.extractor, n_frames)
    sums = np.concatenate([np.zeros((len(weights), 1)), weights.cumsum(1)], axis=1)
    begin, end = np.minimum(spans, weights.shape[1]).T
    words = sums[:, end] - sums[:, begin]
    total = words.sum(1, keepdims=True)
    return np.where(total > 0, words / np.where(total > 0, total, 1.0), 1.0 / words.shape[1])


def _mean(found: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.mean([one[name] for one in found if name in one], axis=0) for name in (found[0] if found else {})}
