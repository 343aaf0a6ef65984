"""What exit codes and logs say."""

from pathlib import Path

import pytest

from mtser.sweep.outcome import Outcome, last_words, outcome_of
from mtser.sweep.run import Run
from tests.sweep.boards import write

TRACEBACK = """\
Traceback (most recent call last):
  File "train.py", line 1, in <module>
    run()
ValueError: the first cause

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "train.py", line 2, in <module>
    raise RuntimeError("the weights")
RuntimeError: the weights
are gone, and a library
explains at length
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run("full", "mini", "loso", 1, tmp_path, ("python",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("System  full\nerror: there is no corpus.\n", "there is no corpus."),
        ("a bar 10%\ra bar 20%\rerror: the disk is full.\n", "the disk is full."),
        ("a bar 10%|##  |error: the disk is full.\n", "the disk is full."),
        ("not applicable: no attributes.\n", "no attributes."),
        ("error: no corpus.\nException ignored in a destructor\n", "no corpus."),
        (TRACEBACK, "RuntimeError: the weights"),
        ("\nfold 1\nwhat was last\n\n", "what was last"),
        ("Traceback (most recent call last):\n", ""),
        ("", ""),
    ],
)
def test_last_words(run: Run, text: str, words: str) -> None:
    write(run.log, text)
    assert last_words(run.log) == words


def test_no_log(run: Run) -> None:
    assert last_words(run.log) == ""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (1, Outcome("failed", "said this.")),
        (2, Outcome("failed", "said this.", refused=True)),
        (3, Outcome("not applicable", "said this.")),
        (-9, Outcome("failed", "it was ended by SIGKILL, perhaps because memory ran out: give fewer --jobs.")),
        (-11, Outcome("failed", "it was ended by SIGSEGV.")),
        (-64, Outcome("failed", "it was ended by SIGRTMAX.")),
        (130, Outcome("failed", "said this.")),
    ],
)
def test_exit_codes(run: Run, code: int, expected: Outcome) -> None:
    write(run.log, "said this.\n")
    assert outcome_of(run, code) == expected


def test_a_failure_without_words(run: Run) -> None:
    assert outcome_of(run, 7).reason == "it ended with the code 7."


def test_done_is_what_has_its_metrics(run: Run) -> None:
    without = outcome_of(run, 0)
    assert without.kind == "failed" and f"without a result in {run.folder}" in without.reason
    write(run.folder / "metrics.json", "{}")
    assert outcome_of(run, 0) == Outcome("done")
