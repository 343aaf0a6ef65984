"""The losses of attributes against plain loops in double precision."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mtser.configuration import Hyperparameters
from mtser.corpora.corpus import Corpus
from mtser.errors import ConfigError, NotApplicableError
from mtser.outputs import Outputs
from mtser.training import ConcordanceLoss, CrossEntropy, MultitaskLoss
from mtser.training.concordance import concordance
from tests.helpers.synthetic import random_utterances, said
from tests.helpers.systems import HPARAMS

NAN = math.nan


def slow_ccc(prediction: list[float], truth: list[float]) -> float | None:
    """Lin's coefficient of one attribute, sum by sum; None where no two ratings differ."""
    pairs = [(x, y) for x, y in zip(prediction, truth, strict=True) if not math.isnan(y)]
    if len({y for _, y in pairs}) < 2:
        return None
    n = len(pairs)
    mean_x, mean_y = sum(x for x, _ in pairs) / n, sum(y for _, y in pairs) / n
    variance_x = sum((x - mean_x) ** 2 for x, _ in pairs) / n
    variance_y = sum((y - mean_y) ** 2 for _, y in pairs) / n
    covariance = sum((x - mean_x) * (y - mean_y) for x, y in pairs) / n
    return 2 * covariance / (variance_x + variance_y + (mean_x - mean_y) ** 2)


def slow_loss(prediction: torch.Tensor, truth: torch.Tensor, weights: tuple[float, float, float]) -> float:
    columns = zip(prediction.double().T.tolist(), truth.double().T.tolist(), weights, strict=True)
    return sum(w * (1 - ccc) for x, y, w in columns if (ccc := slow_ccc(x, y)) is not None)


def batch(n: int = 12, seed: int = 0, missing: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    truth = 1 + 4 * torch.rand(n, 3, generator=random, dtype=torch.float64)
    prediction = 0.5 * truth + torch.randn(n, 3, generator=random, dtype=torch.float64)
    truth[torch.rand(n, 3, generator=random) < missing] = NAN
    return prediction, truth


@pytest.mark.parametrize("missing", [0.0, 0.4])
@pytest.mark.parametrize("n", [2, 3, 12, 64])
def test_as_the_slow_loop(n: int, missing: float) -> None:
    prediction, truth = batch(n, seed=n, missing=missing)
    weights = (0.9, 0.5, 0.2)
    found = ConcordanceLoss(weights)(Outputs(attributes=prediction), None, truth)
    assert float(found) == pytest.approx(slow_loss(prediction, truth, weights), abs=1e-12)
    single = ConcordanceLoss(weights)(Outputs(attributes=prediction.float()), None, truth.float())
    assert single.dtype == torch.float32 and float(single) == pytest.approx(float(found), abs=1e-5)


def test_the_gradient_is_that_of_the_formula() -> None:
    prediction, truth = batch(6, missing=0.2)
    loss = ConcordanceLoss((0.9, 0.9, 0.2))

    def of(values: torch.Tensor) -> torch.Tensor:
        return loss(Outputs(attributes=values), None, truth)

    assert torch.autograd.gradcheck(of, prediction.requires_grad_())


def test_unrated_predictions_get_no_gradient() -> None:
    prediction, truth = batch(8, missing=0.4)
    assert truth.isnan().any()
    prediction.requires_grad_()
    ConcordanceLoss()(Outputs(attributes=prediction), None, truth).backward()
    assert prediction.grad is not None
    assert torch.equal(prediction.grad == 0, truth.isnan())


@pytest.mark.parametrize(
    "truth",
    [
        [[NAN, NAN, NAN]] * 3,
        [[2.3, 2.3, 2.3]] * 3,
        [[2.3, NAN, 1.0], [NAN, NAN, 1.0], [NAN, NAN, NAN]],
        [[1.0, 2.0, 3.0]],
    ],
    ids=["unrated", "all equal", "one rating each", "one utterance"],
)
@pytest.mark.parametrize("prediction", ["as rated", "other"])
def test_a_batch_that_says_nothing_teaches_nothing(truth: list[list[float]], prediction: str) -> None:
    ratings = torch.tensor(truth)
    told = (ratings.nan_to_num(1.0) if prediction == "as rated" else torch.randn(ratings.shape)).requires_grad_()
    loss = ConcordanceLoss()(Outputs(attributes=told), None, ratings)
    loss.backward()
    assert loss.item() == 0.0 and told.grad is not None and bool((told.grad == 0).all())


@given(st.floats(-2, 2), st.floats(0.2, 5), st.integers(0, 100))
def test_any_scale_that_both_share_is_as_good(shift: float, factor: float, seed: int) -> None:
    """So it does not matter that others scale ratings to [-1, 1], and we leave them as the corpus has them."""
    prediction, truth = batch(9, seed)
    before, _ = concordance(prediction, truth)
    after, _ = concordance(shift + factor * prediction, shift + factor * truth)
    torch.testing.assert_close(after, before, rtol=0, atol=1e-9)


def test_a_batch_whose_rows_all_stand_twice_has_the_same_loss() -> None:
    """What the variances divided by n are for: processes that all have a small batch change nothing."""
    prediction, truth = batch(5, missing=0.2)
    once, twice = concordance(prediction, truth)[0], concordance(prediction.repeat(2, 1), truth.repeat(2, 1))[0]
    torch.testing.assert_close(twice, once, rtol=0, atol=1e-12)


def test_it_is_no_mean_over_parts() -> None:
    prediction, truth = batch(12)
    loss = ConcordanceLoss()
    parts = [loss(Outputs(attributes=prediction[i::2]), None, truth[i::2]) for i in range(2)]
    assert abs(float(sum(parts) / 2 - loss(Outputs(attributes=prediction), None, truth))) > 0.01  # type: ignore[operator]


def test_branches_learn_each_for_itself() -> None:
    prediction, truth = batch()
    other = prediction.flip(0)
    loss = ConcordanceLoss((0.7, 0.2, 0.1))
    found = loss(Outputs(attributes=prediction, branches={"audio": other, "text": truth}), None, truth)
    expected = slow_loss(prediction, truth, (0.7, 0.2, 0.1)) + slow_loss(other, truth, (0.7, 0.2, 0.1))
    assert float(found) == pytest.approx(expected, abs=1e-12)


def test_branches_may_have_weights_of_their_own() -> None:
    prediction, truth = batch()
    other = prediction.flip(0)
    loss = ConcordanceLoss((0.9, 0.9, 0.2), {"audio": (0.1, 0.5, 0.4)})
    found = loss(Outputs(attributes=prediction, branches={"audio": other, "text": other}), None, truth)
    whole = slow_loss(prediction, truth, (0.9, 0.9, 0.2)) + slow_loss(other, truth, (0.9, 0.9, 0.2))
    assert float(found) == pytest.approx(whole + slow_loss(other, truth, (0.1, 0.5, 0.4)), abs=1e-12)


def test_weights_of_a_branch_that_the_model_lacks_are_refused_before_anything_is_read() -> None:
    blocks = {
        "classifier.branches": "blocks/classifier/branches.yaml",
        "training": "blocks/training/multitask_vad.yaml",
    }
    whole = Hyperparameters(HPARAMS / "multitask_vad.yaml", {**blocks, "classifier.classes": "null"}).build()
    whole["training"].loss.check_model(whole["model"])
    without = Hyperparameters(HPARAMS / "multitask_vad.yaml").build()["model"]
    for loss in (whole["training"].loss, MultitaskLoss(CrossEntropy(), whole["training"].loss)):
        with pytest.raises(ConfigError, match=r"of the branch audio, but the model's head has no branches; give the"):
            loss.check_model(without)


def test_a_branch_may_learn_what_the_whole_does_not() -> None:
    loss = ConcordanceLoss((1, 1, 0), {"audio": (0, 0, 1)})
    with pytest.raises(NotApplicableError, match=r"toy does not rate dominance \("):
        loss.check_corpus(corpus((1.0, 2.0, None), (2.0, 3.0, None)))


@pytest.mark.parametrize(
    ("branches", "said_so"),
    [
        ({"audio": [1, 1]}, "branches: audio is [1, 1]; it has to be three numbers"),
        ({"audio": [1, 1, -1]}, "branches: audio: that of dominance is -1"),
        ({"audio": [0, 0, 0]}, "branches: audio are all 0"),
        ([1, 1, 1], "it has to map modalities to three weights"),
    ],
)
def test_branches_that_cannot_be(branches: dict[str, list[float]], said_so: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said_so)):
        ConcordanceLoss(branches=branches)  # type: ignore[arg-type]


def test_classes_and_attributes_share_the_loss() -> None:
    prediction, truth = batch(6)
    logits, targets = torch.randn(6, 4, dtype=torch.float64), torch.eye(4, dtype=torch.float64)[[0, 1, 2, 3, 0, 1]]
    of_classes = float(torch.nn.functional.cross_entropy(logits.float(), targets.float()))
    for share in (0.0, 0.3, 1.0):
        loss = MultitaskLoss(CrossEntropy(), ConcordanceLoss((0.9, 0.9, 0.2)), share)
        found = loss(Outputs(logits, prediction), targets, truth)
        expected = (1 - share) * of_classes + share * slow_loss(prediction, truth, (0.9, 0.9, 0.2))
        assert float(found) == pytest.approx(expected, rel=1e-5)


def test_the_losses_of_the_classes_keep_their_options() -> None:
    loss = MultitaskLoss(CrossEntropy("balanced", soft_labels=True), ConcordanceLoss((1, 0, 0)))
    assert loss.soft_labels and loss.attribute_weights == (1.0, 0.0, 0.0)
    loss.fit(torch.tensor([0, 0, 1]), 2)
    assert loss.classes.weights.tolist() == [0.75, 1.5]
    with pytest.raises(ConfigError, match="tells attributes alone"):
        loss(Outputs(attributes=torch.ones(2, 3)), torch.eye(2), torch.ones(2, 3))


@pytest.mark.parametrize(
    ("weights", "said_so"),
    [
        ([1, 1], "three numbers, of valence, activation, dominance"),
        ("1, 1, 1", "three numbers"),
        ([1, -1, 0], "weights: that of activation is -1"),
        ([0, 0, 0], "all 0"),
    ],
)
def test_weights_that_cannot_be(weights: list[float], said_so: str) -> None:
    with pytest.raises(ConfigError, match=said_so):
        ConcordanceLoss(weights)


def corpus(*ratings: tuple[float | None, float | None, float | None] | None) -> Corpus:
    utterances = tuple(said("oh no", f"u{i}", vad=vad) for i, vad in enumerate(ratings))
    return Corpus("toy", Path("/toy"), ("sad",), utterances)


def test_a_corpus_without_ratings_is_not_applicable() -> None:
    loss = MultitaskLoss(CrossEntropy(), ConcordanceLoss())
    with pytest.raises(NotApplicableError, match="toy does not rate valence, activation and dominance "):
        loss.check_corpus(corpus(None, None))
    with pytest.raises(NotApplicableError, match=r"toy does not rate dominance \("):
        loss.check_corpus(corpus((1.0, 2.0, None), (2.0, 3.0, None)))
    with pytest.raises(NotApplicableError, match="valence and dominance"):
        loss.check_corpus(corpus((1.0, 2.0, 3.0), (1.0, 3.0, 3.0)))
    with pytest.raises(NotApplicableError, match=r"toy does not rate activation \("):
        loss.check_corpus(corpus((1.0, math.nan, 3.0), (2.0, 3.0, 4.0)))
    ConcordanceLoss((1, 1, 0)).check_corpus(corpus((1.0, 2.0, None), (2.0, 3.0, None)))
    loss.check_corpus(Corpus("toy", Path("/toy"), ("sad",), tuple(random_utterances(3))))


def test_as_the_evaluation_tells_it() -> None:
    from mtser.evaluation import concordance_correlation

    prediction, truth = batch(20, missing=0.3)
    np.testing.assert_allclose(
        concordance_correlation(truth.numpy(), prediction.numpy()), concordance(prediction, truth)[0], atol=1e-12
    )
