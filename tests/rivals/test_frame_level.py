"""MDRE, MDREA, MHA-2 and LSTM+Attn whole: recurrent nets over all frames of an utterance, from their files.

Each is computed slowly as its header and design describe it, one utterance at a time.
"""

from collections.abc import Callable

import numpy as np
import pytest

from tests.helpers import slow, slow_rivals
from tests.helpers.slow import W
from tests.helpers.whole import Read, compare, looked_up, normalised, read, whole


def states(w: W, modality: str, items: np.ndarray, cell: str) -> np.ndarray:
    """What a modality's recurrent net makes of its items."""
    return slow.directions(slow.part(w, f"encoders.{modality}.net.net"), items, cell)


def words(w: W, data: Read) -> np.ndarray:
    (tokens,) = data["text"]
    return looked_up(slow.part(w, "encoders.text.words"), tokens)


def frames(w: W, data: Read) -> np.ndarray:
    (one,) = normalised(slow.part(w, "encoders.audio"), data["audio"][0])
    return one


def heard(w: W, data: Read) -> np.ndarray:
    """The last state of a GRU over the frames, and 35 functionals behind it."""
    (functionals,) = normalised(slow.part(w, "encoders.audio.functionals"), data["audio"][1])
    vector = np.concatenate([states(w, "audio", frames(w, data), "gru")[-1], functionals[0]])
    assert vector.shape == (235,)
    return vector


def classified(w: W, vector: np.ndarray) -> np.ndarray:
    return slow.linear(slow.part(w, "classifier.logits"), vector)


def mdre(w: W, data: Read) -> np.ndarray:
    """The last states, each through its own linear map, the audio first."""
    said = states(w, "text", words(w, data), "gru")[-1]
    audio = slow.linear(slow.part(w, "fusion.0.project.audio"), heard(w, data))
    text = slow.linear(slow.part(w, "fusion.0.project.text"), said)
    assert (audio.shape, text.shape) == ((117,), (100,))
    return classified(w, np.concatenate([audio, text]))


def mdrea(w: W, data: Read) -> np.ndarray:
    """The audio vector, mapped to the width of the words' states, asks for them; what it found, and the query."""
    query = slow.linear(slow.part(w, "fusion.0.project"), heard(w, data))
    found = slow_rivals.asked(query, states(w, "text", words(w, data), "gru"))
    return classified(w, np.concatenate([found, query]))


def mha2(w: W, data: Read) -> np.ndarray:
    """The ends of the audio ask the words, what they found asks the frames: [H1; H2]."""
    audio, text = states(w, "audio", frames(w, data), "lstm"), states(w, "text", words(w, data), "lstm")
    summary = np.concatenate([audio[-1, :200], audio[0, 200:]])
    h1 = slow_rivals.asked(slow.linear(slow.part(w, "fusion.0.project.0"), summary), text)
    h2 = slow_rivals.asked(slow.linear(slow.part(w, "fusion.0.project.1"), h1), audio)
    return classified(w, np.concatenate([h1, h2]))


def lstm_attn(w: W, data: Read, attention: Callable[..., np.ndarray] | None = None) -> np.ndarray:
    """Every word's state looks at all frames; [word; aligned speech] through another net, attention, one map."""
    audio, text = states(w, "audio", frames(w, data), "lstm"), states(w, "text", words(w, data), "lstm")
    alignment = slow.part(w, "fusion.0.attention")
    aligned = attention(alignment, text, audio) if attention else slow_rivals.dot_product(alignment, text, audio, 8)
    layer = slow.directions(slow.part(w, "fusion.1.net.net"), np.concatenate([text, aligned], axis=1), "lstm")
    return classified(w, slow.aggregate(layer, "attention", w["fusion.2.aggregate.aligned.query"]))


def additive(w: W, data: Read) -> np.ndarray:
    return lstm_attn(w, data, slow_rivals.additive)


@pytest.mark.parametrize(
    ("name", "overrides", "logits"),
    [
        ("mdre", {}, mdre),
        ("mdrea", {}, mdrea),
        ("mha2", {}, mha2),
        ("lstm_attn", {}, lstm_attn),
        ("lstm_attn", {"alignment": "blocks/fusion/additive_alignment.yaml"}, additive),
    ],
    ids=["mdre", "mdrea", "mha2", "lstm_attn", "lstm_attn with additive attention"],
)
def test_as_described(name: str, overrides: dict[str, str], logits: Callable[[W, Read], np.ndarray]) -> None:
    system = whole(name, overrides)
    compare(system, lambda w, row: {"logits": logits(w, read(system, row))})
