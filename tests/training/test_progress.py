"""Epochs, early stopping, and going on after a break."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mtser.training.progress import FoldProgress

UAS = st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4]), min_size=12, max_size=12)


def slow_early_stopping(uas: list[float], limit: int, patience: int) -> tuple[int, int]:
    """How many epochs are run, and which is the best, told epoch by epoch."""
    best, best_epoch, without = -1.0, 0, 0
    for epoch in range(1, limit + 1):
        if uas[epoch - 1] > best:
            best, best_epoch, without = uas[epoch - 1], epoch, 0
        else:
            without += 1
        if without == patience:
            return epoch, best_epoch
    return limit, best_epoch


def run(progress: FoldProgress, uas: list[float], last: int = 99) -> FoldProgress:
    for epoch in progress:
        progress.record({"epoch": epoch, "dev_ua": uas[epoch - 1]})
        if epoch == last:
            break
    return progress


@given(UAS, st.integers(1, 12), st.integers(1, 5))
def test_against_a_slow_telling(uas: list[float], limit: int, patience: int) -> None:
    progress = run(FoldProgress(limit, patience), uas)
    assert (len(progress.history), progress.best_epoch) == slow_early_stopping(uas, limit, patience)
    assert [row["epoch"] for row in progress.history] == list(range(1, len(progress.history) + 1))


@given(UAS, st.integers(1, 12), st.integers(1, 5), st.integers(1, 12))
def test_a_stopped_run_goes_on_as_if_it_had_not_been(uas: list[float], limit: int, patience: int, stop: int) -> None:
    whole = run(FoldProgress(limit, patience), uas)
    first = run(FoldProgress(limit, patience), uas, last=stop)
    with tempfile.TemporaryDirectory() as folder:
        first.save(Path(folder) / "progress")
        second = FoldProgress(limit, patience)
        second.load(Path(folder) / "progress", end_of_epoch=True)
    assert run(second, uas).history == whole.history
    assert second.best_epoch == whole.best_epoch


def test_the_listener_gets_every_row() -> None:
    heard: list[dict] = []
    progress = FoldProgress(limit=3, patience=3)
    progress.on_epoch = heard.append
    run(progress, [0.1, 0.2, 0.3])
    assert heard == progress.history and len(heard) == 3


def test_nothing_is_best_before_the_first_epoch() -> None:
    assert FoldProgress(3, 3).best_epoch == 0
