"""The rival systems in hparams/, each as a whole: padding, gradients, whether it can learn, and what its header says.

The equations of each are tested beside its blocks against slow computations, and those of the paper's rivals once more
whole, with the numbers of their headers, in tests/rivals; so are the systems with pretrained encoders and full_tuned.
"""

import re

import numpy as np
import pytest
import torch
from hyperpyyaml import load_hyperpyyaml

from mtser.model import EmotionModel
from mtser.outputs import Outputs
from mtser.training import TrainingPlan
from mtser.training.data import LabelledBatch
from tests.helpers.readings import READINGS
from tests.helpers.synthetic import random_utterances, some_rows
from tests.helpers.systems import HPARAMS, SYSTEMS, Ready, in_double, ready

UTTERANCES = random_utterances(16)
FIRST = random_utterances(1, seed=3)  # a vocabulary for the count of parameters needs no more
NOT_TRAINED_BY_GRADIENT = {"classical"}
RIVALS = sorted(set(SYSTEMS) - set(READINGS) - NOT_TRAINED_BY_GRADIENT)
CALM = {"ssl_full", "ssl_audio_only", "ssl_text_only"}  # trained by blocks/training/calm.yaml
TUNED = {"full_tuned"}
SMALL_BATCHES = CALM | TUNED
pytestmark = pytest.mark.skipif(not RIVALS, reason="there is none")


@pytest.fixture(params=RIVALS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def system(name: str) -> Ready:
    return ready(name, UTTERANCES)


def loss_of(system: Ready, batch: LabelledBatch) -> torch.Tensor:
    """The training loss, as the Brain computes it."""
    targets = torch.nn.functional.one_hot(batch.labels, 4).to(batch.votes)
    outputs = system.model(batch.batch)
    if getattr(system.plan.loss, "needs_attributes", False):
        return system.plan.loss(outputs, targets, batch.attributes)
    outputs = Outputs.of(outputs)
    alone = [system.plan.loss(logits, targets) for logits in outputs.auxiliary.values()]
    loss = system.plan.loss(outputs.logits, targets)
    return loss + system.model.auxiliary * torch.stack(alone).mean() if alone else loss


def logits_of(system: Ready, batch: LabelledBatch) -> torch.Tensor:
    outputs = system.model(batch.batch)
    return outputs if isinstance(outputs, torch.Tensor) else outputs.logits


@pytest.mark.parametrize("name", SYSTEMS)
def test_header(name: str) -> None:
    text = (HPARAMS / f"{name}.yaml").read_text(encoding="utf-8")
    header = text[: text.rindex("# ####")]
    for heading in ("Source:", "Taken from", "Our reading:", "Parameters:"):
        assert heading in header, f"{name}.yaml: its header lacks {heading!r}"
    assert f"recipes/iemocap/train.py hparams/{name}.yaml" in header


def test_plain_hyperpyyaml_loads_the_file(name: str) -> None:
    with (HPARAMS / f"{name}.yaml").open(encoding="utf-8") as file:
        objects = load_hyperpyyaml(file)
    assert isinstance(objects["model"], EmotionModel) and isinstance(objects["training"], TrainingPlan)
    assert objects["system"] == name
    size = 32 if name in SMALL_BATCHES else 64
    assert (objects["batch_size"], objects["number_of_epochs"], objects["max_words"]) == (size, 100, 128)


def test_the_common_way_of_training(name: str) -> None:
    plan = ready(name, UTTERANCES[:4]).plan
    optimizer = plan.optimizer([torch.nn.Parameter(torch.ones(1))])
    assert type(optimizer) is torch.optim.Adam and optimizer.defaults["lr"] == 0.001
    patience = 30 if name in CALM else 15
    penalties = (0.0, 0.0) if name in TUNED else (1e-4, 2e-4)
    assert (plan.penalty.l1, plan.penalty.l2) == penalties
    assert (plan.clip_norm, plan.patience) == (5.0, patience)
    assert (plan.average is not None) == (name in CALM)


@pytest.mark.parametrize("name", sorted(set(SYSTEMS) - NOT_TRAINED_BY_GRADIENT))
def test_header_tells_the_number_of_parameters(name: str) -> None:
    """The header has the number without what grows with the vocabulary: "Parameters: 123 456 and 100 a word"."""
    text = (HPARAMS / f"{name}.yaml").read_text(encoding="utf-8")
    match = re.search(r"# Parameters: ([\d ]+\d)(?: and (\d+) a (?:word|phone|word and phone))?", text)
    assert match, f"{name}.yaml: # Parameters: N [and M a word|phone]"
    counts = []
    for utterances in (UTTERANCES, FIRST):
        model = ready(name, utterances).model
        embeddings = [one for one in model.modules() if isinstance(one, torch.nn.Embedding)]
        trained = [one.weight for one in embeddings if one.weight.requires_grad]
        counts.append(model.summary()["parameters"] - sum(one.numel() for one in trained))
        if match[2]:
            assert {one.shape[1] for one in trained} == {int(match[2])}
        else:
            assert not trained
    assert counts == [int(match[1].replace(" ", ""))] * 2


def test_alone_as_in_a_batch(system: Ready) -> None:
    system.model.double().eval()
    batch = in_double(system.batch().batch)
    together = system.model(batch)
    alone = [system.model(some_rows(batch, [row])) for row in range(len(UTTERANCES))]
    if not isinstance(together, torch.Tensor):
        together, alone = together.attributes, [one.attributes for one in alone]
    torch.testing.assert_close(together, torch.cat(alone), rtol=0, atol=1e-12)
    assert together.std(dim=0).min() > 1e-4  # utterances differ


def test_order_of_utterances_does_not_matter(system: Ready) -> None:
    system.model.double().eval()
    batch = in_double(system.batch().batch)
    shuffled = np.random.default_rng(0).permutation(len(UTTERANCES))
    found, expected = system.model(some_rows(batch, shuffled.tolist())), system.model(batch)
    if not isinstance(expected, torch.Tensor):
        found, expected = found.attributes, expected.attributes
    torch.testing.assert_close(found, expected[shuffled], rtol=0, atol=1e-12)


def test_gradients_reach_every_parameter(system: Ready) -> None:
    without_dropout(system.model.double())
    labelled = system.batch()
    batch = LabelledBatch(
        in_double(labelled.batch), labelled.rows, labelled.labels, labelled.votes.double(), labelled.attributes.double()
    )
    loss_of(system, batch).backward()
    for parameter_name, parameter in system.model.named_parameters():
        if parameter.requires_grad:
            assert parameter.grad is not None and parameter.grad.isfinite().all(), parameter_name
            if not parameter_name.endswith("bias"):  # a bias of keys adds the same to all scores of a query
                assert parameter.grad.abs().max() > 1e-12, parameter_name


def test_mixed_precision_on_the_cpu_comes_close(system: Ready) -> None:
    system.model.eval()
    batch = system.batch()
    single = logits_of(system, batch)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = logits_of(system, batch)
    torch.testing.assert_close(mixed.float(), single, rtol=0, atol=0.1 * float(single.detach().abs().max()))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_as_on_the_cpu(name: str) -> None:
    here, there = ready(name, UTTERANCES), ready(name, UTTERANCES, device="cuda")
    here.model.eval()
    there.model.eval()
    expected, found = logits_of(here, here.batch()), logits_of(there, there.batch())
    torch.testing.assert_close(found.cpu(), expected, rtol=0, atol=1e-3 * float(expected.detach().abs().max()))
    there.model.train()
    loss_of(there, there.batch()).backward()
    assert all(one.grad is None or one.grad.isfinite().all() for one in there.model.parameters())


def without_dropout(model: torch.nn.Module) -> None:
    """Leave nothing to chance in training."""
    for module in model.train().modules():
        for name in ("dropout", "word_dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0


def test_sixteen_utterances_are_learned_by_heart(system: Ready) -> None:
    without_dropout(system.model)
    batch = system.batch()
    optimizer = torch.optim.Adam(system.model.parameters(), lr=0.003)
    for _ in range(100):
        optimizer.zero_grad()
        loss_of(system, batch).backward()
        optimizer.step()
        with torch.no_grad():
            if (torch.nn.functional.cross_entropy(logits_of(system, batch), batch.labels)) < 0.1:
                break
    assert torch.equal(logits_of(Ready(system.model.eval(), system.plan, system.data), batch).argmax(1), batch.labels)
