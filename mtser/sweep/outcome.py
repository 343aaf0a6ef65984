"""How a run ended: done, not applicable or failed, and why."""

import re
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mtser.sweep.run import Run

Kind = Literal["done", "not applicable", "failed", "pruned"]
_NOT_APPLICABLE_CODE = 3  # of train.py
_REFUSED_CODE = 2
_NEAR_THE_END = 3  # lines: a library may print something more while it is shut down
_TRACEBACK = "Traceback (most recent call last):"


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Parameters
    ----------
    kind
        "not applicable" means that the corpus lacks what the system or the protocol needs: nothing went wrong.
        "pruned" is a trial of ``mtser tune`` that was ended since others were better by then.
    reason
        Why it is not "done", in a sentence.
    skipped
        Whether it had been done before, so that no process was started.
    refused
        Whether ``train.py`` refused its command or its data.
    """

    kind: Kind
    reason: str = ""
    skipped: bool = False
    refused: bool = False


def outcome_of(run: Run, code: int) -> Outcome:
    """What the exit code of a run and its log say.

    Parameters
    ----------
    run
        Its log and its run folder are looked at.
    code
        The exit code; negative: the number of the signal that ended it.
    """
    if code == 0 and (run.folder / "metrics.json").is_file():
        return Outcome("done")
    if code == _NOT_APPLICABLE_CODE:
        return Outcome("not applicable", last_words(run.log))
    if code == 0:
        return Outcome(
            "failed",
            f"it ended without a result in {run.folder}; the names of the corpus and of the folds have to be those of "
            "the command.",
        )
    if code < 0:
        hint = ", perhaps because memory ran out: give fewer --jobs" if -code == signal.SIGKILL else ""
        return Outcome("failed", f"it was ended by {_signal_name(-code)}{hint}.")
    return Outcome("failed", last_words(run.log) or f"it ended with the code {code}.", refused=code == _REFUSED_CODE)


def last_words(log: Path) -> str:
    """The sentence with which a program ended; of a traceback, the exception; else the last line that it printed.

    Progress bars, which return to the beginning of their line, are no words.
    """
    try:
        lines = re.split(r"[\r\n]+", log.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
    words = [line for line in lines if line.strip()]
    for line in reversed(words[-_NEAR_THE_END:]):
        for start in ("error: ", "not applicable: "):
            if start in line:
                return line.rpartition(start)[2].strip()
    if _TRACEBACK in words:
        after = words[len(words) - words[::-1].index(_TRACEBACK) :]
        words = [line for line in after if not line.startswith(" ")][:1] or after
    return words[-1].strip() if words else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
