"""Which utterances go into which batch."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mtser.training.batches import EvaluationBatches, TrainingBatches, plan_batches
from mtser.training.data import ModelData
from tests.helpers.synthetic import EMOTIONS, random_utterances
from tests.helpers.systems import Ready, ready

UTTERANCES = random_utterances(50, longest=20)
TRAIN = np.arange(1, 48)


@pytest.fixture(scope="module")
def data() -> ModelData:
    return ModelData(UTTERANCES, EMOTIONS, 128, "cpu")


def batches(data: ModelData, **options: int) -> TrainingBatches:
    return TrainingBatches(data, TRAIN, **{"batch_size": 8, "bucketing": 3, "seed": 1, **options})  # type: ignore[arg-type]


def drawn(training: TrainingBatches | EvaluationBatches) -> list[list[int]]:
    """The rows of every batch."""
    return [training[number].rows.tolist() for number in range(len(training))]


def padding(data: ModelData, plan: list[list[int]]) -> int:
    """Words of padding in all batches."""
    return sum(int((data.n_words[rows].max() - data.n_words[rows]).sum()) for rows in plan)


@given(
    n=st.integers(0, 60),
    batch_size=st.integers(1, 20),
    bucketing=st.integers(0, 5),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_row_is_in_one_batch(n: int, batch_size: int, bucketing: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 30, size=100)
    shuffled = random.permutation(100)[:n]
    plan = plan_batches(shuffled, lengths, batch_size, bucketing, random)
    assert Counter(row for rows in plan for row in rows) == Counter(shuffled.tolist())
    assert len(plan) == -(-n // batch_size)
    assert sum(len(rows) < batch_size for rows in plan) <= 1  # the rest
    assert all(len(rows) for rows in plan)


@pytest.mark.parametrize("bucketing", [1, 3])
def test_each_utterance_of_the_training_part_once_an_epoch(data: ModelData, bucketing: int) -> None:
    training = batches(data, bucketing=bucketing)
    for epoch in (1, 2, 3):
        training.set_epoch(epoch)
        assert sorted(row for rows in drawn(training) for row in rows) == TRAIN.tolist()


@pytest.mark.parametrize("bucketing", [1, 3])
def test_seed_and_epoch_alone_decide(data: ModelData, bucketing: int) -> None:
    straight, resumed = batches(data, bucketing=bucketing), batches(data, bucketing=bucketing)
    for epoch in (1, 2, 3):
        straight.set_epoch(epoch)
        drawn(straight)
    np.random.default_rng(0).normal()
    torch.manual_seed(5)
    resumed.set_epoch(3)
    assert drawn(resumed) == drawn(straight)
    assert drawn(batches(data, bucketing=bucketing)) != drawn(straight)  # epoch 1
    other = batches(data, bucketing=bucketing, seed=2)
    other.set_epoch(3)
    assert drawn(other) != drawn(straight)


def test_batches_of_similar_lengths_have_less_padding(data: ModelData) -> None:
    plain, bucketed = (padding(data, drawn(batches(data, bucketing=bucketing))) for bucketing in (1, 6))
    assert bucketed < 0.4 * plain


def test_the_order_of_batches_is_not_that_of_lengths(data: ModelData) -> None:
    longest = [max(data.n_words[rows]) for rows in drawn(batches(data, bucketing=6))]
    assert longest != sorted(longest)


@pytest.mark.parametrize("batch_size", [8, 5])
@pytest.mark.parametrize("world_size", [2, 3, 8])
def test_processes_share_every_batch(data: ModelData, batch_size: int, world_size: int) -> None:
    alone = batches(data, batch_size=batch_size)
    shared = [batches(data, batch_size=batch_size, rank=rank, world_size=world_size) for rank in range(world_size)]
    assert {len(one) for one in shared} == {len(alone)}  # every process steps as often
    for number in range(len(alone)):
        whole, parts = alone[number], [one[number] for one in shared]
        assert whole.share == 1.0 and sum(part.share for part in parts) == pytest.approx(1)
        if len(whole.rows) >= world_size:
            assert sorted(np.concatenate([part.rows for part in parts])) == sorted(whole.rows)
            assert all(part.share == pytest.approx(len(part.rows) / len(whole.rows)) for part in parts)
        else:  # no process may be without an utterance
            assert all(part.rows.tolist() == whole.rows.tolist() for part in parts)


@pytest.fixture(scope="module")
def text_only() -> Ready:
    return ready("text_only", UTTERANCES)


@pytest.mark.parametrize("world_size", [2, 8])
def test_shares_of_the_loss_add_up_to_one_process(text_only: Ready, world_size: int) -> None:
    text_only.model.eval()

    def loss(labelled) -> float:  # type: ignore[no-untyped-def]
        with torch.no_grad():
            return float(text_only.plan.loss(text_only.model(labelled.batch), labelled.votes)) * labelled.share

    alone = batches(text_only.data, batch_size=11)
    shared = [batches(text_only.data, batch_size=11, rank=r, world_size=world_size) for r in range(world_size)]
    for number in range(len(alone)):
        assert sum(loss(one[number]) for one in shared) == pytest.approx(loss(alone[number]), abs=1e-5)


@pytest.mark.parametrize("batch_size", [1, 7, 100])
def test_evaluation_takes_each_utterance_once_in_order_of_length(data: ModelData, batch_size: int) -> None:
    evaluation = EvaluationBatches(data, TRAIN, batch_size=batch_size)
    plan = drawn(evaluation)
    assert sorted(row for rows in plan for row in rows) == TRAIN.tolist()
    lengths = [data.n_words[row] for rows in plan for row in rows]
    assert lengths == sorted(lengths)
    assert len(evaluation) == -(-len(TRAIN) // batch_size)


def test_a_loader_ends_an_epoch(data: ModelData) -> None:
    loaded = list(torch.utils.data.DataLoader(batches(data), batch_size=None))
    assert [one.rows.tolist() for one in loaded] == drawn(batches(data))
