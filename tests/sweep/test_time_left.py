"""The time left, against hand-made sums."""

from pathlib import Path

import pytest

from mtser.sweep.progress import RunProgress
from mtser.sweep.run import Run
from mtser.sweep.time_left import Estimate, Pace, Timed
from tests.sweep.boards import write_progress

SETTINGS = {"number_of_epochs": 100, "training.patience": 15}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def make_run(folder: Path, system: str, seed: int = 1, **more: object) -> Run:
    return Run(system, "mini", "loso", seed, folder, ("python",), {**SETTINGS, **more.pop("settings", {})}, **more)  # type: ignore[arg-type, dict-item]


def ended(run: Run, n_epochs: int, seconds: float, wall: float | None) -> Timed:
    """Five folds of so many epochs."""
    progress = RunProgress(run)
    write_progress(run, [[0.5] * n_epochs] * 5, seconds=seconds)
    progress.update()
    return Timed(progress, wall, ended=True)


def started(run: Run, folds: list[list[float]], seconds: float, wall: float) -> Timed:
    progress = RunProgress(run)
    if folds:
        write_progress(run, folds, seconds=seconds)
        progress.update()
    return Timed(progress, wall, ended=False)


def test_nothing_is_known(folder: Path) -> None:
    run = make_run(folder, "a")
    found = Pace([]).estimate([], [run], 2)
    assert found == Estimate(None, 0, 1) and found.text() == "" and found.basis() == "known after the first epoch"


def test_nothing_is_left(folder: Path) -> None:
    assert Pace([ended(make_run(folder, "a"), 10, 1.0, 60.0)]).estimate([], [], 2).text() == ""


def test_a_seed_more_takes_what_the_last_one_took(folder: Path) -> None:
    """50 epochs of 1 s, and 10 s of the process besides."""
    pace = Pace([ended(make_run(folder, "a"), 10, 1.0, 60.0)])
    assert pace.whole(make_run(folder, "a", 2)) == pytest.approx(60.0)
    found = pace.estimate([], [make_run(folder, "a", seed) for seed in (2, 3, 4)], 2)
    assert found == Estimate(pytest.approx(90.0), 1, 1) and found.text() == "about 2 min left"
    assert found.basis() == "from the epochs so far"


def test_never_less_than_the_longest_run(folder: Path) -> None:
    pace = Pace([ended(make_run(folder, "a"), 10, 1.0, 60.0)])
    assert pace.estimate([], [make_run(folder, "a", 2)], 8).seconds == pytest.approx(60.0)


def test_another_system_is_taken_as_the_mean(folder: Path) -> None:
    """Systems of 1 s and 3 s an epoch, of 10 and 20 epochs a fold, 10 s and 30 s besides: 5 · 15 · 2 s + 20 s."""
    pace = Pace([ended(make_run(folder, "a"), 10, 1.0, 60.0), ended(make_run(folder, "b"), 20, 3.0, 330.0)])
    found = pace.estimate([], [make_run(folder, "c"), make_run(folder, "a", 2)], 1)
    assert found == Estimate(pytest.approx(170.0 + 60.0), 1, 2)
    assert found.basis() == "1 of 2 systems not measured yet: taken as the others' mean"


def test_a_running_run_before_a_fold_has_ended(folder: Path) -> None:
    """At most 100 epochs in each of 5 folds, 4 of them done."""
    one = started(make_run(folder, "a"), [[0.5, 0.4, 0.4, 0.4]], 2.0, 20.0)
    found = Pace([one]).estimate([one], [], 1)
    assert found == Estimate(pytest.approx(496 * 2.0), 1, 1, at_most=True)
    assert found.text() == "at most 17 min left" and "early stopping" in found.basis()


def test_folds_are_as_long_as_those_that_have_ended(folder: Path) -> None:
    """Folds of 20 and 30 epochs; the third is at 5: 20 + 25 + 25 epochs are left."""
    one = started(make_run(folder, "a"), [[0.5] * 20, [0.5] * 30, [0.5] * 5], 2.0, 200.0)
    assert Pace([one]).left(one) == pytest.approx(70 * 2.0)


def test_a_fold_lasts_until_patience_has_run_out(folder: Path) -> None:
    """A fold of 20 epochs; the second has been better in epoch 24 of 24: 15 more at least; then three of 20."""
    one = started(make_run(folder, "a"), [[0.5] * 20, [number / 100 for number in range(24)]], 1.0, 100.0)
    assert Pace([one]).left(one) == pytest.approx(15 + 3 * 20)


def test_a_fold_has_no_more_epochs_than_it_may(folder: Path) -> None:
    run = make_run(folder, "a", settings={"number_of_epochs": 30})
    one = started(run, [[0.5] * 20, [number / 100 for number in range(24)]], 1.0, 100.0)
    assert Pace([one]).left(one) == pytest.approx(6 + 3 * 20)


def test_what_a_process_needs_besides_epochs_is_left_at_first(folder: Path) -> None:
    """60 s a run, 10 of them besides epochs; after 4 s one that is starting has 56 left."""
    before = ended(make_run(folder, "a"), 10, 1.0, 60.0)
    starting = started(make_run(folder, "a", 2), [], 1.0, 4.0)
    assert Pace([before, starting]).left(starting) == pytest.approx(56.0)
    impatient = make_run(folder, "a", 3, settings={"training.patience": 5})
    training = started(impatient, [[0.5] * 10, [0.5] * 2], 1.0, 12.0 + 7.0)
    assert Pace([before, training]).left(training) == pytest.approx(38 * 1.0 + 3.0)


def test_a_continued_run_is_not_taken_for_a_quick_one(folder: Path) -> None:
    """It had 40 of 50 epochs before; the process took 10 s for the others and 8 s besides."""
    run = make_run(folder, "a")
    write_progress(run, [[0.5] * 10] * 4, seconds=1.0)
    progress = RunProgress(run)
    write_progress(run, [[0.5] * 10] * 5, seconds=1.0)
    progress.update()
    pace = Pace([Timed(progress, 18.0, ended=True)])
    assert pace.whole(make_run(folder, "a", 2)) == pytest.approx(50 + 8)


def test_runs_that_were_done_before_count(folder: Path) -> None:
    pace = Pace([ended(make_run(folder, "a"), 10, 1.0, None)])
    assert pace.whole(make_run(folder, "a", 2)) == pytest.approx(50.0)


def test_systems_without_epochs_are_known_by_their_processes(folder: Path) -> None:
    quick, other = ended(make_run(folder, "classical"), 0, 0.0, 7.0), ended(make_run(folder, "a"), 10, 1.0, 60.0)
    pace = Pace([quick, other])
    assert pace.whole(make_run(folder, "classical", 2)) == pytest.approx(7.0)
    assert Pace([quick]).whole(make_run(folder, "classical", 2)) == pytest.approx(7.0)


def test_systems_without_epochs_say_nothing_of_networks(folder: Path) -> None:
    """Before a network has had an epoch nobody knows what it takes, however quick ``classical`` was."""
    classical = ended(make_run(folder, "classical"), 0, 0.0, 7.0)
    waiting = [make_run(folder, "classical", 2), make_run(folder, "a"), make_run(folder, "b")]
    found = Pace([classical]).estimate([], waiting, 1)
    assert found == Estimate(None, 1, 3) and found.text() == "" and found.basis() == "known after the first epoch"
    one = started(make_run(folder, "a"), [[0.5] * 4], 2.0, 20.0)
    found = Pace([classical, one]).estimate([one], [make_run(folder, "b"), waiting[0]], 1)
    assert found == Estimate(pytest.approx(496 * 2.0 + 500 * 2.0 + 7.0), 2, 3, at_most=True)


def test_the_mean_over_networks_holds_nothing_of_systems_without_epochs(folder: Path) -> None:
    pace = Pace([ended(make_run(folder, "classical"), 0, 0.0, 900.0), ended(make_run(folder, "a"), 10, 1.0, 60.0)])
    assert pace.whole(make_run(folder, "b")) == pytest.approx(60.0)
    assert pace.estimate([], [make_run(folder, "b")], 1) == Estimate(pytest.approx(60.0), 0, 1)


def test_a_sweep_without_epochs(folder: Path) -> None:
    """The first run tells how long the others take; before it has ended, its folds do: one of five took 6 s."""
    again = make_run(folder, "classical", 2)
    found = Pace([ended(make_run(folder, "classical"), 0, 0.0, 7.0)]).estimate([], [again], 1)
    assert found == Estimate(pytest.approx(7.0), 1, 1) and found.text() == "about 7 s left"
    one = started(make_run(folder, "other"), [[], []], 0.0, 6.0)
    assert Pace([one]).left(one) == pytest.approx(24.0)
    assert Pace([one]).whole(make_run(folder, "other", 2)) == pytest.approx(30.0)


def test_a_continued_run_without_epochs_tells_of_what_it_did_itself(folder: Path) -> None:
    """Three folds were done before; the fourth took 6 s."""
    run = make_run(folder, "classical")
    write_progress(run, [[]] * 3, seconds=0.0)
    progress = RunProgress(run)
    write_progress(run, [[]] * 4, seconds=0.0)
    progress.update()
    for is_over in (False, True):
        pace = Pace([Timed(progress, 6.0, ended=is_over)])
        assert pace.whole(make_run(folder, "classical", 2)) == pytest.approx(30.0)
    assert Pace([Timed(RunProgress(run), 6.0, ended=False)]).whole(make_run(folder, "classical", 2)) is None


def test_some_folds_take_their_part(folder: Path) -> None:
    pace = Pace([ended(make_run(folder, "a"), 10, 1.0, 60.0)])
    assert pace.whole(make_run(folder, "a", 2, folds=(1, 2))) == pytest.approx(20.0 + 10.0)
