"""The paper's own systems in hparams/, each whole: equations, size, padding, gradients, and whether it can learn."""

from collections import Counter

import numpy as np
import pytest
import torch
from hyperpyyaml import load_hyperpyyaml
from torch import Tensor

from mtser.configuration import Hyperparameters
from mtser.encoders import Batch
from mtser.model import EmotionModel
from mtser.ragged import Ragged
from mtser.training import TrainingPlan
from tests.helpers.readings import READINGS, n_parameters, slow_logits
from tests.helpers.synthetic import random_utterances, some_rows
from tests.helpers.systems import HPARAMS, SYSTEMS, Ready, in_double, ready

UTTERANCES = random_utterances(16)
N_UTTERANCES = len(UTTERANCES)
TIMES_SAID = Counter(word.word for one in UTTERANCES for word in one.words)
NAMES = sorted(READINGS)
READY: dict[str, Ready] = {}


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def system(name: str) -> Ready:
    """The system in float64, as it is used; made once, and no test changes its weights."""
    if name not in READY:
        READY[name] = ready(name, UTTERANCES)
        READY[name].model.double().eval()
    return READY[name]


@pytest.fixture
def batch(system: Ready) -> Batch:
    """All utterances, the numbers in float64."""
    return in_double(system.batch().batch)


def test_the_papers_systems_are_there() -> None:
    assert set(NAMES) <= set(SYSTEMS)


def test_plain_hyperpyyaml_loads_the_file(name: str) -> None:
    with (HPARAMS / f"{name}.yaml").open(encoding="utf-8") as file:
        objects = load_hyperpyyaml(file)
    assert isinstance(objects["model"], EmotionModel) and isinstance(objects["training"], TrainingPlan)
    assert objects["system"] == name
    assert (objects["batch_size"], objects["number_of_epochs"], objects["max_words"]) == (64, 100, 128)
    strict = Hyperparameters(HPARAMS / f"{name}.yaml").build()
    assert str(objects["model"]) == str(strict["model"])


def test_the_papers_way_of_training(name: str) -> None:
    plan = ready(name, UTTERANCES[:4]).plan
    optimizer = plan.optimizer([torch.nn.Parameter(torch.ones(1))])
    assert type(optimizer) is torch.optim.Adam and optimizer.defaults["lr"] == 0.001
    schedule = plan.schedule(optimizer)
    optimizer.step()
    schedule.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.001 / 1.001)
    assert (plan.penalty.l1, plan.penalty.l2, plan.penalty.embeddings) == (1e-4, 2e-4, False)
    assert (plan.clip_norm, plan.patience) == (5.0, 15)
    assert plan.loss.weights is None and not plan.loss.label_smoothing and not plan.loss.soft_labels


def test_as_the_papers_equations_one_by_one(name: str, system: Ready, batch: Batch) -> None:
    logits = system.model(batch).detach()
    for row in range(N_UTTERANCES):
        expected = slow_logits(READINGS[name], system.model, some_rows(batch, [row]))
        np.testing.assert_allclose(logits[row], expected, rtol=0, atol=1e-6)
    assert logits.std(dim=0).min() > 1e-3  # utterances differ


def test_number_of_parameters(name: str, system: Ready) -> None:
    text = Hyperparameters(HPARAMS / f"{name}.yaml").get("text_encoder")
    least = text["tokenizer"]["min_count"] if text else 1
    vocabulary = 1 + sum(times >= least for times in TIMES_SAID.values())  # and <unk>
    assert system.model.summary()["parameters"] == n_parameters(READINGS[name], vocabulary)


def pad_with_nan(self: Ragged) -> Tensor:
    """Ragged.pad with NaN behind each row's end."""
    grid = torch.full((len(self), int(self.lengths.max()), *self.values.shape[1:]), torch.nan, dtype=self.values.dtype)
    for row, items in enumerate(self.values.split(self.lengths.tolist())):
        grid[row, : len(items)] = items
    return grid


@pytest.mark.parametrize("on_padding", ["zero", "NaN"])
def test_alone_as_in_a_batch(system: Ready, batch: Batch, on_padding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = torch.cat([system.model(some_rows(batch, [row])) for row in range(N_UTTERANCES)])
    if on_padding == "NaN":
        monkeypatch.setattr(Ragged, "pad", pad_with_nan)
    torch.testing.assert_close(system.model(batch), alone, rtol=0, atol=1e-13)


def test_order_of_utterances_does_not_matter(system: Ready, batch: Batch) -> None:
    shuffled = np.random.default_rng(0).permutation(N_UTTERANCES)
    torch.testing.assert_close(
        system.model(some_rows(batch, shuffled.tolist())), system.model(batch)[shuffled], rtol=0, atol=1e-13
    )


@pytest.mark.parametrize("on_padding", ["zero", "NaN"])
def test_gradients_reach_every_parameter(
    system: Ready, batch: Batch, on_padding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if on_padding == "NaN":
        monkeypatch.setattr(Ragged, "pad", pad_with_nan)
    labels = torch.nn.functional.one_hot(system.batch().labels, 4).double()
    system.model.zero_grad()
    torch.nn.functional.cross_entropy(system.model(batch), labels).backward()
    for parameter_name, parameter in system.model.named_parameters():
        grad = parameter.grad
        assert grad is not None and grad.isfinite().all(), parameter_name
        # A bias of the keys adds the same to all scores of a query: the softmax does not see it.
        zero = ".projections.k." in parameter_name and parameter_name.endswith("bias")
        assert bool(grad.abs().max() > 1e-10) is not zero, parameter_name
    system.model.zero_grad()


@pytest.mark.parametrize("shared_by_both", [name for name in NAMES if READINGS[name].share])
def test_shared_weights_learn_from_both_modalities(shared_by_both: str) -> None:
    made = ready(shared_by_both, UTTERANCES)
    model, batch = made.model.eval(), made.batch().batch
    encoded: dict = {}
    for modality, encoder in model.encoders.items():
        encoded[modality] = encoder(batch, encoded)
    transformer = model.fusion[0]
    for block in transformer.blocks:
        for kind in ("q", "k"):
            assert list(block.projections[kind]) == ["shared"]
            for modality in ("text", "audio"):
                model.zero_grad()
                transformer(encoded)[modality].masked().features.square().mean().backward(retain_graph=True)
                assert block.projections[kind]["shared"].weight.grad.abs().max() > 0
        assert set(block.projections["v"]) == {"text", "audio"}


def test_mixed_precision_on_the_cpu_comes_close(name: str) -> None:
    made = ready(name, UTTERANCES)
    batch = made.batch().batch
    made.model.eval()
    single = made.model(batch)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = made.model(batch)
    torch.testing.assert_close(mixed.float(), single, rtol=0, atol=0.1 * float(single.detach().abs().max()))
    mixed.float().square().sum().backward()
    assert all(one.grad is not None and one.grad.isfinite().all() for one in made.model.parameters())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16, torch.float16])
def test_on_a_gpu_as_on_the_cpu(name: str, precision: torch.dtype) -> None:
    made = ready(name, UTTERANCES)
    batch = made.batch().batch
    expected = made.model.eval()(batch)
    there = Batch(batch.n_words, {input: table.to("cuda") for input, table in batch.data.items()})
    with torch.autocast("cuda", precision, enabled=precision != torch.float32):
        found = made.model.cuda()(there)
    share = 1e-3 if precision == torch.float32 else 0.1
    torch.testing.assert_close(found.float().cpu(), expected, rtol=0, atol=share * float(expected.detach().abs().max()))


def test_sixteen_utterances_are_learned_by_heart(name: str) -> None:
    made = ready(name, UTTERANCES)
    for module in made.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    batch = made.batch()
    optimizer = torch.optim.Adam(made.model.parameters(), lr=0.003)
    for _ in range(100):
        optimizer.zero_grad()
        loss = made.plan.loss(made.model(batch.batch), torch.nn.functional.one_hot(batch.labels, 4).float())
        loss.backward()
        optimizer.step()
        if loss.item() < 0.1:
            break
    assert loss.item() < 0.1
    assert torch.equal(made.model.eval()(batch.batch).argmax(1), batch.labels)
