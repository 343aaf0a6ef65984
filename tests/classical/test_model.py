"""The classical system as a whole: fusion, what it sees, what it keeps."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.classical import ClassicalModel, FittedClassical, Part, ScaledFunctionals, TfIdf
from mtser.classical.logistic import ua
from mtser.classical.model import SHARES
from mtser.errors import ConfigError, ModelError
from mtser.ragged import Ragged
from tests.classical.parts import FEATURES, classical, part
from tests.helpers.synthetic import said

TRAIN, DEV, TEST = part(160, 0), part(60, 1), part(60, 2)


def fitted(train: Part = TRAIN, dev: Part = DEV, **options: object) -> FittedClassical:
    return classical(**options).fit(train, dev, 4)


def with_values(original: Part, values: torch.Tensor) -> Part:
    return replace(original, data={FEATURES: Ragged(values, original.data[FEATURES].lengths)})


def everything(model: FittedClassical) -> dict[str, list]:
    """All that was learned."""
    views = {f"{name} {key}": one.tolist() for name, view in model.views.items() for key, one in view.state().items()}
    weights = {name: [one.weights.tolist(), one.bias.tolist()] for name, one in model.classifiers.items()}
    return {**views, **weights, "share": [model.share]}


@pytest.mark.parametrize("fusion", ["late", "early"])
def test_both_are_better_than_each(fusion: str) -> None:
    reached = {
        name: ua(TEST.labels, fitted(**options).probabilities(TEST))
        for name, options in {"audio": {"text": None}, "text": {"audio": None}, "both": {"fusion": fusion}}.items()
    }
    assert min(reached["audio"], reached["text"]) > 0.4
    assert reached["both"] > max(reached["audio"], reached["text"])


@pytest.mark.parametrize("fusion", ["late", "early"])
def test_sixteen_utterances_are_learned_by_heart(fusion: str) -> None:
    few = part(16, 0, sound=0.0, words=0.0)  # nothing but their own noise tells them apart
    fitted = classical(fusion=fusion, strengths=[1000.0]).fit(few, few, 4)
    assert (fitted.probabilities(few).argmax(1) == few.labels).all()


def test_late_fusion_is_the_mean_of_what_each_says_alone() -> None:
    both = fitted()
    alone = [fitted(text=None).probabilities(TEST), fitted(audio=None).probabilities(TEST)]
    assert both.share in SHARES and 0 < both.share < 1
    np.testing.assert_array_equal(both.probabilities(TEST), both.share * alone[0] + (1 - both.share) * alone[1])
    np.testing.assert_allclose(both.probabilities(TEST).sum(1), 1.0)


def test_the_share_is_the_best_on_dev_and_of_equal_ones_the_most_even() -> None:
    both = fitted()
    alone = [fitted(text=None).probabilities(DEV), fitted(audio=None).probabilities(DEV)]
    reached = {share: ua(DEV.labels, share * alone[0] + (1 - share) * alone[1]) for share in SHARES}
    best = [share for share, one in reached.items() if one == max(reached.values())]
    assert both.share in best and abs(both.share - 0.5) == pytest.approx(min(abs(share - 0.5) for share in best))
    clear = part(80, 5, sound=50.0, words=1.0)
    assert fitted(clear, clear).share == 0.5


def test_words_that_say_nothing_get_little_say() -> None:
    noise = [part(n, seed, sound=3.0, words=0.0) for n, seed in ((160, 0), (80, 1))]
    assert fitted(*noise).share >= 0.5


def test_early_fusion_sees_both_in_a_row() -> None:
    early = fitted(fusion="early")
    (classifier,) = early.classifiers.values()
    views = [view.rows(TEST) for view in early.views.values()]
    rows = np.concatenate([views[0], views[1].toarray()], axis=1)
    np.testing.assert_allclose(early.probabilities(TEST), classifier.probabilities(rows), rtol=0, atol=1e-12)
    assert classifier.weights.shape == (4, 5 + early.summary()["text"]["words in the vocabulary"])


def test_early_fusion_of_one_is_that_one() -> None:
    assert everything(fitted(fusion="early", text=None)) == everything(fitted(text=None))


def test_what_it_tells() -> None:
    told = fitted().summary()
    n_words = told["text"]["words in the vocabulary"]
    assert told["parameters"] == 4 * (5 + 1) + 4 * (n_words + 1)
    assert set(told["audio"]) == {"C", "class weights", "UA on dev"} and 0 <= told["share of audio"] <= 1
    assert json.loads(json.dumps(told)) == told
    assert "share of audio" not in fitted(text=None).summary()
    assert fitted(fusion="early").summary()["both"]["C"] in (0.3, 3.0, 30.0)


def test_nothing_is_random() -> None:
    np.random.seed(1)
    first = everything(fitted())
    np.random.seed(2)
    assert everything(fitted()) == first


def test_nothing_but_choices_depends_on_dev() -> None:
    """Scaling, vocabulary and classifiers are those of the training part, whatever dev is like."""
    strange = with_values(DEV, 1000 + DEV.data[FEATURES].values)
    strange = replace(strange, utterances=[said("quite other words", one.id) for one in DEV.utterances])
    only = {"strengths": [3.0], "class_weights": ["none"]}
    found, expected = everything(fitted(TRAIN, strange, **only)), everything(fitted(**only))
    assert {name: one for name, one in found.items() if name != "share"} == {
        name: one for name, one in expected.items() if name != "share"
    }


def test_nothing_depends_on_the_labels_of_those_that_are_judged() -> None:
    model = fitted()
    told = model.probabilities(TEST)
    np.testing.assert_array_equal(model.probabilities(replace(TEST, labels=TEST.labels[::-1])), told)


def test_an_utterance_is_judged_by_itself() -> None:
    model = fitted()
    together = model.probabilities(TEST)
    for row in (0, 17, 59):
        values = TEST.data[FEATURES].select(np.array([row]))
        alone = Part([TEST.utterances[row]], {FEATURES: values})
        np.testing.assert_allclose(model.probabilities(alone)[0], together[row], rtol=0, atol=1e-12)


@pytest.mark.parametrize("options", [{}, {"fusion": "early"}, {"audio": None}, {"text": None}])
def test_what_was_kept_says_the_same(tmp_path: Path, options: dict[str, object]) -> None:
    model = fitted(**options)
    file = model.save(tmp_path)
    with np.load(file, allow_pickle=False) as stored:
        assert all(stored[name].dtype.kind in "fU" for name in stored.files)
    again = classical(**options).load(tmp_path)
    np.testing.assert_array_equal(again.probabilities(TEST), model.probabilities(TEST))


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"classical\.npz: cannot be read \(.*No such file"):
        classical().load(tmp_path)
    fitted(text=None).save(tmp_path)
    with pytest.raises(ModelError, match=r"classical\.npz: has classifiers of audio, not of audio, text\."):
        classical().load(tmp_path)
    content = (tmp_path / "classical.npz").read_bytes()
    for damaged in (content[: len(content) // 2], b"no archive", b""):
        (tmp_path / "classical.npz").write_bytes(damaged)
        with pytest.raises(ModelError, match=r"classical\.npz: cannot be read \("):
            classical(text=None).load(tmp_path)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"audio": None, "text": None}, "needs audio, text or both"),
        ({"fusion": "middle"}, "fusion is 'middle'; it can be late or early"),
        ({"strengths": []}, "strengths needs numbers greater than 0"),
        ({"strengths": [0.0, 1.0]}, "strengths needs numbers greater than 0"),
        ({"strengths": ["strong"]}, "a strength is 'strong'"),
        ({"class_weights": ["even"]}, "class_weights is .'even'.; it can be a list of none and balanced"),
        ({"class_weights": []}, "class_weights is "),
        ({"text": "words"}, "text_encoder of a classical model has to be one of mtser.classical, or null"),
    ],
)
def test_options_that_there_are_not(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        classical(**options)


def test_single_values_will_do() -> None:
    model = ClassicalModel(audio=ScaledFunctionals(FEATURES), text=TfIdf(), strengths=3.0, class_weights="none")  # type: ignore[arg-type]
    assert (model.strengths, model.class_weights, model.inputs) == ((3.0,), ("none",), (FEATURES,))
