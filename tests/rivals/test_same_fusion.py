"""The paper's fusion under another training and on pretrained encoders, whole and as it is used, from their files."""

import numpy as np
import pytest

from tests.helpers import slow
from tests.helpers.slow import W
from tests.helpers.whole import Read, compare, looked_up, read, rows_of, spoken, whole

IN_SINGLE = 1e-6  # the model's sinusoidal positions are


def layers_summed(w: W, table: np.ndarray) -> np.ndarray:
    """Items, each layer normalised by its own mean and deviation, summed with the softmax of what was learned."""
    weights, result = slow.softmax(w["layer_sum.scores"]), 0.0
    each = np.split(table, len(weights), axis=1), np.split(w["mean"], len(weights)), np.split(w["std"], len(weights))
    for weight, items, mean, std in zip(weights, *each, strict=True):
        result = result + weight * (items - mean) / std
    return np.asarray(result)


def mapped(w: W, vectors: np.ndarray) -> np.ndarray:
    return np.array([slow.linear(slow.part(w, "linear"), one) for one in vectors])


def embedded(w: W, data: Read) -> np.ndarray:
    """A row of the embedding a word."""
    return looked_up(slow.part(w, "encoders.text"), data["text"][0])


def in_context(w: W, data: Read) -> np.ndarray:
    """The language model's layers, summed, through a linear map to 100."""
    text = slow.part(w, "encoders.text")
    words = mapped(text, layers_summed(text, np.concatenate(rows_of(data["text"][0]))))
    assert words.shape[1] == 100
    return words


def heard(w: W, data: Read, words: np.ndarray | None) -> np.ndarray:
    """WR, the word's vector as query; or without words the encoder's layers, summed, of a mean over each word."""
    audio, (table,) = slow.part(w, "encoders.audio"), data["audio"]
    if words is not None:
        return spoken(audio, table, words)
    return mapped(audio, layers_summed(audio, np.concatenate(rows_of(table))))


def fused(w: W, words: dict[str, np.ndarray], over_words: str, share: tuple[str, ...] = ("q", "k")) -> np.ndarray:
    """MT with two blocks of five heads, MI (of one modality: pooling), and the classifier."""
    mt, options = slow.part(w, "fusion.0"), {"n_heads": 5, "positions": "sinusoidal", "norm": "post"}
    hidden = {name: slow.transformer(mt, words[name], name, share=share, **options) for name in words}  # type: ignore[arg-type]
    if len(hidden) == 1:
        vector = slow.aggregate(*hidden.values(), over_words)
    else:
        vector = slow.co_attention(slow.part(w, "fusion.1"), hidden["audio"], hidden["text"], over_words)
    return slow.classifier(slow.part(w, "classifier"), slow.joint(slow.part(w, "fusion.2"), vector))


def full_tuned(w: W, data: Read) -> np.ndarray:
    text = embedded(w, data)
    return fused(w, {"text": text, "audio": heard(w, data, text)}, "mean")


def mfcc_bert(w: W, data: Read) -> np.ndarray:
    text = in_context(w, data)
    return fused(w, {"text": text, "audio": heard(w, data, text)}, "sum")


def ssl_embedding(w: W, data: Read) -> np.ndarray:
    text = embedded(w, data)
    return fused(w, {"text": text, "audio": heard(w, data, text)}, "sum")


def ssl_full(w: W, data: Read) -> np.ndarray:
    return fused(w, {"text": in_context(w, data), "audio": heard(w, data, None)}, "mean")


def ssl_audio_only(w: W, data: Read) -> np.ndarray:
    return fused(w, {"audio": heard(w, data, None)}, "mean", share=())


def ssl_text_only(w: W, data: Read) -> np.ndarray:
    return fused(w, {"text": in_context(w, data)}, "mean", share=())


def ssl_mean_pool(w: W, data: Read) -> np.ndarray:
    """No fusion at all: the utterance's mean, mapped to 100, beside the mean of its words, and a linear classifier."""
    audio = slow.part(w, "encoders.audio")
    (speech,) = mapped(audio, layers_summed(audio, np.concatenate(rows_of(data["audio"][0]))))
    vector = np.concatenate([speech, slow.aggregate(in_context(w, data), "mean")])
    assert vector.shape == (200,)
    return slow.linear(slow.part(w, "classifier.logits"), vector)


@pytest.mark.parametrize(
    "logits",
    [full_tuned, mfcc_bert, ssl_embedding, ssl_full, ssl_audio_only, ssl_text_only, ssl_mean_pool],
    ids=lambda function: function.__name__,
)
def test_as_the_equations_one_by_one(logits) -> None:  # type: ignore[no-untyped-def]
    system = whole(logits.__name__)
    compare(system, lambda w, row: {"logits": logits(w, read(system, row))}, IN_SINGLE)


def test_frames_are_normalised_by_speaker() -> None:
    system = whole("full_tuned")
    table = system.data.tables(np.arange(len(system.data.utterances)))[system.model.encoders["audio"].features]
    speakers = np.repeat([one.speaker for one in system.data.utterances for _ in one.words], table.lengths)
    frames = table.values.numpy()
    assert set(speakers) == {"0F", "1F", "2F"}
    for speaker in set(speakers):
        np.testing.assert_allclose(frames[speakers == speaker].mean(axis=0), 0, atol=0.2)
