"""WISE and the system of three modalities whole, and attributes beside classes: one vector a word, from their files."""

import numpy as np
import pytest

from tests.helpers import slow, slow_rivals
from tests.helpers.slow import W
from tests.helpers.whole import UTTERANCES, Read, Told, compare, looked_up, normalised, read, spoken, whole

IN_SINGLE = 1e-6  # the model's sinusoidal positions are


def embedded(w: W, data: Read) -> np.ndarray:
    (tokens,) = data["text"]
    return looked_up(slow.part(w, "encoders.text"), tokens)


def heard(w: W, data: Read, modality: str, queries: np.ndarray | None = None) -> np.ndarray:
    return spoken(slow.part(w, f"encoders.{modality}"), data[modality][0], queries)


def wise(w: W, data: Read) -> Told:
    """Frames, phones, words; two LSTMs that interact at every word; the sums over words, the audio's first."""
    audio = slow.part(w, "encoders.audio")
    frames, phones = data["audio"]
    counts = [one.tolist() for one in phones.values.split(phones.lengths.tolist())]
    vectors = [slow_rivals.word_of_phones(audio, *word) for word in zip(normalised(audio, frames), counts, strict=True)]
    fused = slow_rivals.interaction(slow.part(w, "fusion.0"), {"audio": np.array(vectors), "text": embedded(w, data)})
    vector = np.concatenate([fused["audio"].sum(axis=0), fused["text"].sum(axis=0)])
    return {"logits": slow.classifier(slow.part(w, "classifier"), slow.joint(slow.part(w, "fusion.2"), vector))}


def three_modalities(w: W, data: Read) -> Told:
    """The full system's equations with a third modality, in the order audio, text, third."""
    text = embedded(w, data)
    given = {"audio": heard(w, data, "audio", text), "text": text, "third": heard(w, data, "third", text)}
    options = {"n_heads": 5, "share": ("q", "k"), "positions": "sinusoidal", "norm": "post"}
    mt = slow.part(w, "fusion.0")
    hidden = {name: slow.transformer(mt, words, name, **options) for name, words in given.items()}  # type: ignore[arg-type]
    vector = slow_rivals.co_attention(slow.part(w, "fusion.1"), hidden)
    return {"logits": slow.classifier(slow.part(w, "classifier"), slow.joint(slow.part(w, "fusion.2"), vector))}


def pooled(w: W, data: Read) -> dict[str, np.ndarray]:
    """The networks of audio_only and text_only: a transformer of its own and attention pooling each."""
    given = {"audio": heard(w, data, "audio"), "text": embedded(w, data)}
    options = {"n_heads": 5, "share": (), "positions": "sinusoidal", "norm": "post"}
    mt, queries = slow.part(w, "fusion.0"), slow.part(w, "fusion.1.aggregate")
    return {
        name: slow.aggregate(slow.transformer(mt, words, name, **options), "attention", queries[f"{name}.query"])  # type: ignore[arg-type]
        for name, words in given.items()
    }


def multitask(w: W, data: Read, *, classes: bool, branches: bool) -> Told:
    """Both modalities' vectors, the audio's first, to classes and attributes; each alone to its branch's."""
    vectors = pooled(w, data)
    both = np.concatenate([vectors["audio"], vectors["text"]])
    told = {"attributes": slow_rivals.attributes(slow.part(w, "classifier.attributes"), both)}
    if classes:
        told["logits"] = slow.classifier(slow.part(w, "classifier.classes"), both)
    if branches:
        for name, vector in vectors.items():
            told[name] = slow_rivals.attributes(slow.part(w, f"classifier.branches.{name}"), vector)
    return told


def test_wise() -> None:
    system = whole("wise")
    assert (system.data.tables(np.arange(len(UTTERANCES)))[system.model.inputs[-1]].lengths > 1).any()  # phones a word
    compare(system, lambda w, row: wise(w, read(system, row)))


def test_three_modalities() -> None:
    system = whole("n_modalities")
    compare(system, lambda w, row: three_modalities(w, read(system, row)), IN_SINGLE)


STACKED = {"classifier__branches": "blocks/classifier/branches.yaml", "stacking": "blocks/stacking/svr.yaml"}


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("branches", [False, True])
def test_attributes(classes: bool, branches: bool) -> None:
    overrides = {} if classes else {"classifier__classes": "null", "training": "blocks/training/attributes.yaml"}
    system = whole("multitask_vad", {**overrides, **(STACKED if branches else {})})
    compare(system, lambda w, row: multitask(w, read(system, row), classes=classes, branches=branches), IN_SINGLE)
    ratings = np.array([one.vad for one in UTTERANCES])
    for name in ("attributes", *(("branches.audio", "branches.text") if branches else ())):
        learned = slow.part(slow.weights(system.model), f"classifier.{name}")
        np.testing.assert_allclose(learned["mean"], ratings.mean(axis=0), rtol=1e-6)
        np.testing.assert_allclose(learned["std"], ratings.std(axis=0), rtol=1e-6)
