"""How far a run is, read from its folder."""

from pathlib import Path

import pytest

from mtser.sweep.progress import FoldProgress, RunProgress
from mtser.sweep.run import Run
from tests.sweep.boards import write, write_progress


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run("full", "mini", "loso", 1, tmp_path, ("python",))


def test_before_it_has_begun(run: Run) -> None:
    progress = RunProgress(run)
    assert progress.folds == () and progress.current is None and progress.epochs == 0


def test_in_the_middle(run: Run) -> None:
    progress = RunProgress(run)
    write_progress(run, [[0.3, 0.5, 0.4], [0.2, 0.2]], seconds=1.5)
    progress.update()
    assert progress.folds[:3] == (
        FoldProgress("session_1", 3, 2, 0.5, 4.5, finished=True),
        FoldProgress("session_2", 2, 1, 0.2, 3.0),
        FoldProgress("session_3"),
    )
    assert progress.current == (2, progress.folds[1])
    assert (len(progress.folds), progress.epochs, progress.seconds) == (5, 5, 7.5)
    assert (progress.epochs_before, progress.seconds_before) == (0, 0.0)


def test_a_run_that_is_continued_knows_what_was_there(run: Run) -> None:
    write_progress(run, [[0.3, 0.5, 0.4], [0.2, 0.2]])
    progress = RunProgress(run)
    write_progress(run, [[0.3, 0.5, 0.4], [0.2, 0.2, 0.3]])
    progress.update()
    assert (progress.epochs, progress.epochs_before, progress.seconds_before) == (6, 5, 10.0)


def test_an_epoch_may_be_chosen_by_something_else(tmp_path: Path) -> None:
    run = Run("vad", "mini", "loso", 1, tmp_path, ("python",), {"training.select_by": "ccc"})
    write_progress(run, [[0.5]])
    write(run.folder / "folds/session_1/log.csv", "epoch,dev_ua,dev_ccc,seconds\n1,0.9,0.1,2\n2,0.8,0.2,2\n")
    assert RunProgress(run).folds[0] == FoldProgress("session_1", 2, 2, 0.2, 4.0)


def test_some_folds(tmp_path: Path) -> None:
    run = Run("full", "mini", "loso", 1, tmp_path, ("python",), folds=(2, 5, 9))
    write_progress(run, [[0.5]])
    assert [fold.name for fold in RunProgress(run).folds] == ["session_2", "session_5"]


def test_a_system_without_epochs(run: Run) -> None:
    write_progress(run, [[0.5]])
    write(run.folder / "folds/session_2/result.json", "{}")
    assert RunProgress(run).folds[1] == FoldProgress("session_2", finished=True)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"folds": 3}'])
def test_folds_that_cannot_be_read(run: Run, text: str) -> None:
    write(run.folder / "run.json", "{}")
    write(run.folder / "folds.json", text)
    assert RunProgress(run).folds == ()


@pytest.mark.parametrize("text", ["", "epoch\n1\n", "epoch,dev_ua,seconds\n1,high,2\n", "epoch,dev_ua,seconds\n1\n"])
def test_a_log_that_cannot_be_read(run: Run, text: str) -> None:
    write_progress(run, [[0.5]])
    write(run.folder / "folds/session_1/log.csv", text)
    assert RunProgress(run).folds[0] == FoldProgress("session_1")
