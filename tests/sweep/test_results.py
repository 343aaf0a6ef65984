"""What a sweep says in the end."""

import json
from pathlib import Path

import pytest

from mtser.sweep.outcome import Outcome
from mtser.sweep.results import results
from tests.sweep.boards import done, make_board, write


def test_the_whole_text(tmp_path: Path) -> None:
    board = make_board(tmp_path, ["full", "mdre", "vad"], seeds=(1, 2))
    runs = board.plan.runs
    done(board, runs[0], 0.5, 0.4, synthetic=True)
    done(board, runs[1], 0.6, 0.5)
    done(board, runs[2], 0.7, 0.65)
    board.end(runs[3], Outcome("failed", "RuntimeError: loss is nan."))
    for run in runs[4:]:
        board.end(run, Outcome("not applicable", "the corpus has no attributes."))
    assert (
        results(board, 80)
        == f"""\
SYNTHETIC SPEECH. A computer spoke this corpus. The numbers show that the
software works; they say nothing about how well emotions of people are
recognised.

mini · loso · mean ± std over 2 seeds
--------------------------------------------------------------------------------
system  WA               UA
full    0.550 ± 0.071    0.450 ± 0.071
mdre    0.700            0.650            1 of 2 failed
vad     not applicable
--------------------------------------------------------------------------------

not applicable: vad · loso: the corpus has no attributes.

1 of 6 runs failed:
  mdre · loso · seed 2
    RuntimeError: loss is nan.
    {tmp_path}/sweep/mdre/mini/loso/seed_2.log

The same command runs again what failed, and nothing else."""
    )


def test_figures_on_dev_are_told_as_such(tmp_path: Path) -> None:
    board = make_board(tmp_path, ["full"], seeds=(1, 2))
    for run, ua in zip(board.plan.runs, (0.4, 0.5), strict=True):
        done(board, run, 0.0, 0.0)
        metrics = {"part": "dev", "dev": {"dev_wa": ua + 0.1, "dev_ua": ua}, "folds": [{"name": "session_1"}]}
        write(run.folder / "metrics.json", json.dumps(metrics))
        board.end(run, Outcome("done"))
    told = results(board, 80)
    assert "mean ± std over 2 seeds · on dev, by which epochs were chosen" in told
    assert "full    0.550 ± 0.071    0.450 ± 0.071" in told and "mtser report" not in told


def test_what_to_type_next(tmp_path: Path) -> None:
    folder = tmp_path / "my results"
    board = make_board(folder, ["full"])
    done(board, board.plan.runs[0], 0.5, 0.4)
    assert results(board, 80).endswith(f"The tables, with intervals, tests and pictures:\n  mtser report '{folder}'")
    assert "seed 1\n" in results(board, 80) and "SYNTHETIC" not in results(board, 80)


def test_each_protocol_has_its_table(tmp_path: Path) -> None:
    board = make_board(tmp_path, ["full", "mdre"], ("loso", "lospo"))
    for place, run in enumerate(board.plan.runs):
        done(board, run, 0.5, place / 10)
    tables = results(board, 80).split("\n\n")[:2]
    assert [table.splitlines()[0] for table in tables] == ["mini · loso · seed 1", "mini · lospo · seed 1"]
    assert [line.split() for line in tables[1].splitlines()[3:5]] == [
        ["full", "0.500", "0.200"],
        ["mdre", "0.500", "0.300"],
    ]


def test_runs_on_some_folds_are_told(tmp_path: Path) -> None:
    board = make_board(tmp_path, ["full"])
    done(board, board.plan.runs[0], 0.5, 0.4, folds_missing=["session_2"])
    assert "Only 1 fold was run: not to be set beside whole runs." in results(board, 80)


def test_runs_that_were_not_started_are_told(tmp_path: Path) -> None:
    board = make_board(tmp_path, ["a", "b"], seeds=(1, 2))
    for run in board.plan.runs[:3]:
        board.end(run, Outcome("failed", "no corpus.", refused=True))
    text = " ".join(results(board, 80).split())
    assert "3 of 4 runs failed" in text and "1 run was not started, since every system" in text
    assert "1 of 2 not started" in text and "mtser report" not in text
    assert text.endswith("The same command runs again what failed, and what was not started; nothing else.")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_long_names_fit(tmp_path: Path, width: int) -> None:
    board = make_board(
        tmp_path, ["a_system_with_a_name_that_is_longer_than_it_should_be_for_a_table", "b"], seeds=(1, 2)
    )
    for run in board.plan.runs:
        done(board, run, 0.5, 0.4)
    table = results(board, width).split("\n\n")[0]
    assert max(map(len, table.splitlines())) <= width
