"""The table on a terminal, as text."""

import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from rich.console import Console

from mtser.sweep.board import Board
from mtser.sweep.live import render
from mtser.sweep.outcome import Outcome
from tests.sweep.boards import done, make_board, running
from tests.sweep.sweeps import Sweep

SYSTEMS = ["audio_only", "text_only", "full", "phoneme_spectrogram", *(f"system_{n}" for n in range(5, 21))]
PROTOCOLS = ("loso", "random_5fold", "loso_script_disjoint")


def text(board: Board, width: int = 80, height: int = 24) -> list[str]:
    """The lines of the drawing."""
    console = Console(width=width, height=height, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(render(board, width, height))
    return capture.get().splitlines()


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """Twenty systems under three protocols with three seeds, on two cores."""
    return make_board(tmp_path, SYSTEMS, PROTOCOLS, (1, 2, 3))


def test_at_the_beginning(board: Board) -> None:
    lines = text(board)
    assert lines[0] == "mtser sweep · mini · 180 runs, 2 at once"
    assert "0 done, 0 running, 180 waiting" in lines
    assert "0 of 180 runs" in lines[-2] and "left" not in lines[-2]
    assert lines[-1] == "time left: known after the first epoch"


def test_running_runs_are_shown_in_full(board: Board) -> None:
    running(board, board.plan.runs[0], [[0.3, 0.5], [0.25, 0.4567, 0.4]])
    running(board, board.plan.runs[1], [])
    found = [line.split() for line in text(board)]
    assert found[4][:6] == ["audio_only", "loso", "1", "2/5", "3/100", "0.457"] and found[4][-1] == "left"
    assert found[5] == ["audio_only", "loso", "2", "starting"]


def test_a_run_whose_folds_are_finished_is_judged(board: Board) -> None:
    running(board, board.plan.runs[0], [[0.5]] * 5)
    assert text(board)[4].split() == ["audio_only", "loso", "1", "5/5", "judging"]


def test_ended_runs_are_put_together(board: Board) -> None:
    for run, ua in zip(board.plan.runs[:3], (0.5, 0.6, 0.7), strict=True):
        done(board, run, 0.5, ua)
    done(board, board.plan.runs[4], 0.5, 0.4)
    board.end(board.plan.runs[3], Outcome("failed", "no."))
    board.end(board.plan.runs[6], Outcome("not applicable", "no."))
    rows = [line.split() for line in text(board)[4:7]]
    assert rows == [
        ["text_only", "loso", "1,2", "1", "failed"],
        ["full", "loso", "1", "n/a"],
        ["audio_only", "loso", "1,2,3", "UA", "0.600"],
    ]
    assert "4 done, 1 not applicable, 1 failed, 0 running, 174 waiting" in text(board)


def test_runs_of_another_sweep_are_told(board: Board) -> None:
    board.elsewhere.update(board.plan.runs[:2])
    assert "0 done, 0 running, 178 waiting, 2 in another sweep" in text(board)


@pytest.mark.parametrize("height", [15, 24, 60])
@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("n_running", [1, 2, 16, 40])
def test_it_fits_on_the_screen(board: Board, width: int, height: int, n_running: int) -> None:
    for run in board.plan.runs[:30]:
        board.end(run, Outcome("not applicable", "no."))
    for run in board.plan.runs[30 : 30 + n_running]:
        running(board, run, [[0.5] * 12])
    lines = text(board, width, height)
    assert len(lines) < height
    assert max(map(len, lines)) <= width
    assert any("1/5" in line and "12/100" in line for line in lines)
    assert any("n/a" in line for line in lines)
    hidden = [int(line.split()[1]) for line in lines if line.startswith("…")]
    shown = [line for line in lines if "12/100" in line or "n/a" in line]
    assert len(shown) + sum(hidden) == n_running + 10


def test_names_are_whole_on_eighty_columns(board: Board) -> None:
    last = next(run for run in board.plan.runs if run.system == "phoneme_spectrogram" and run.protocol == PROTOCOLS[2])
    running(board, last, [[0.5] * 99])
    assert any("phoneme_spectrogram loso_script_disjoint" in line and "99/100" in line for line in text(board))


def test_columns_stay_where_they_are(board: Board) -> None:
    running(board, board.plan.runs[0], [[0.5]])
    before = text(board)[2]
    for run in board.plan.runs[60:70]:
        done(board, run, 0.5, 0.5)
    assert text(board)[2] == before


def test_the_time_left_is_at_most_until_a_fold_has_ended(board: Board) -> None:
    running(board, board.plan.runs[0], [[0.5, 0.4]])
    assert "at most" in text(board)[-2] and "early stopping" in text(board)[-1]
    running(board, board.plan.runs[0], [[0.5] * 20, [0.5]])
    assert "about" in text(board)[-2]
    assert text(board)[-1] == "time left: 19 of 20 systems not measured yet: taken as the others' mean"


def test_on_a_terminal(sweep: Sweep) -> None:
    """The table is drawn while runs are on, and makes room for the results."""
    sweep.system("a", epoch_seconds=0.6, number_of_epochs=3, n_folds=2)
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    command = [sys.executable, "-m", "mtser.cli", *sweep.arguments("--seeds", "1,2", "--jobs", 2)]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    pieces: list[bytes] = []

    def read() -> None:
        while True:
            try:
                pieces.append(os.read(master, 65536))
            except OSError:  # the terminal is closed
                return

    reader = threading.Thread(target=read)
    reader.start()
    assert process.wait(30) == 0
    reader.join(5)
    os.close(master)
    colourful = b"".join(pieces).decode()
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", colourful)
    assert "mtser sweep · mini · 2 runs, 2 at once" in shown and "2 running, 0 waiting" in shown
    assert re.search(r"^a +loso +1 +[12]/2 +[0-3]/3 ", shown, re.MULTILINE)
    assert "time left" not in shown[shown.rindex("mean ± std over 2 seeds") :]
    assert "\x1b[?25h" in colourful  # the cursor is visible again
