"""MCAF whole, within an utterance and over the turns of a dialog, from its file."""

import numpy as np

from mtser.corpora import Utterance
from tests.helpers import slow, slow_rivals
from tests.helpers.slow import W
from tests.helpers.synthetic import random_utterances
from tests.helpers.whole import Read, Told, compare, looked_up, read, spoken, whole

Items = dict[str, np.ndarray]
IN_SINGLE = 1e-6  # the model's sinusoidal positions are


def words(w: W, data: Read) -> Items:
    """WR with a learned query, and 200-d vectors."""
    (frames,), (tokens,) = data["audio"], data["text"]
    said = looked_up(slow.part(w, "encoders.text.encoder"), tokens)
    assert said.shape[1] == 200
    return {"audio": spoken(slow.part(w, "encoders.audio.encoder"), frames), "text": said}


def attended(w: W, items: Items, places: list[int]) -> Items:
    """Four layers of ten heads, behind one linear map of the audio and positions."""
    x = {
        **items,
        "audio": np.array([slow.linear(slow.part(w, "fusion.0.project.audio"), one) for one in items["audio"]]),
    }
    x = {name: vectors + np.array([slow.sinusoid(place, 200) for place in places]) for name, vectors in x.items()}
    assert not slow.part(w, "fusion.0.layers.4")
    for layer in range(4):
        x = slow_rivals.correlated(slow.part(w, f"fusion.0.layers.{layer}"), x, n_heads=10)
    return x


def classified(w: W, vector: np.ndarray) -> Told:
    return {"logits": slow.classifier(slow.part(w, "classifier"), slow.joint(slow.part(w, "fusion.2"), vector))}


def test_within_an_utterance() -> None:
    system = whole("mcaf")

    def slowly(w: W, row: int) -> Told:
        items = words(w, read(system, row))
        x = attended(w, items, list(range(len(items["text"]))))
        return classified(w, np.concatenate([x["audio"].max(axis=0), x["text"].max(axis=0)]))

    compare(system, slowly, IN_SINGLE)


def turns(said: list[Utterance], row: int) -> list[int]:
    """The turn itself, last, behind at most eight that began before it in its dialog."""
    here = said[row]
    before = [other for other, one in enumerate(said) if one.dialog == here.dialog and one.start < here.start]  # type: ignore[operator]
    return [*sorted(before, key=lambda other: said[other].start)[-8:], row]  # type: ignore[arg-type, return-value]


def test_over_the_turns_of_a_dialog() -> None:
    utterances = random_utterances(22)  # eleven turns in each of two dialogs
    system = whole("mcaf", {"context": "blocks/context/dialog.yaml"}, utterances)

    def slowly(w: W, row: int) -> Told:
        each = [words(w, read(system, other)) for other in turns(utterances, row)]
        items = {name: np.array([one[name].max(axis=0) for one in each]) for name in ("audio", "text")}
        x = attended(w, items, list(reversed(range(len(each)))))  # counted back from the turn that is judged
        return classified(w, np.concatenate([x["audio"][-1], x["text"][-1]]))

    assert max(len(turns(utterances, row)) for row in range(22)) == 9
    compare(system, slowly, IN_SINGLE)
