"""The lines where nobody watches."""

import re
from pathlib import Path

import pytest

from mtser.sweep.lines import Lines
from mtser.sweep.outcome import Outcome
from tests.sweep.boards import done, make_board
from tests.sweep.sweeps import Sweep


def test_the_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board = make_board(tmp_path, ["full", "mdre"], seeds=(1, 2))
    first, second, third, fourth = board.plan.runs
    lines = Lines()
    done(board, first, 0.5, 0.4)
    lines.begin(board)
    lines.started(second)
    for run, ua in ((second, 0.45), (third, 0.5)):
        done(board, run, 0.55, ua)
        lines.ended(run, board.outcomes[run], board)
    board.end(fourth, Outcome("failed", "RuntimeError: no."))
    lines.ended(fourth, board.outcomes[fourth], board)
    lines.update(board)
    lines.close()
    out = capsys.readouterr().out
    assert all(re.match(r"\d\d:\d\d:\d\d  ", line) for line in out.splitlines())
    left = "about 2 min left: the last system not measured yet: taken as the others' mean"
    left_now = "about 2 min left: from the epochs so far"
    assert re.sub(r"^.{10}", "", out, flags=re.MULTILINE).splitlines() == [
        f"4 runs on mini, up to 2 at once, results in {tmp_path}",
        "1 of them are done already",
        "started         full · loso · seed 2",
        f"done            full · loso · seed 2: WA 0.550, UA 0.450  [2 of 4 runs, {left}]",
        f"done            mdre · loso · seed 1: WA 0.550, UA 0.500  [3 of 4 runs, {left_now}]",
        "failed          mdre · loso · seed 2: RuntimeError: no.  [4 of 4 runs]",
    ]


def test_a_log_has_no_control_characters(sweep: Sweep) -> None:
    sweep.system("a")
    ended = sweep("--seeds", "1,2")
    assert "\x1b" not in ended.out and "\r" not in ended.out
    assert ended.out.count("started  ") == 2 and ended.out.count("done  ") == 2
