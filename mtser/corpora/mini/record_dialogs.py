"""Record dialogs of the mini corpus in a process of their own: ``python -m mtser.corpora.mini.record_dialogs``.

espeak-ng has a memory (:mod:`mtser.corpora.mini.espeak`): only the same dialogs in the same order from a fresh process
give the same samples.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mtser.corpora.mini.espeak import Espeak
from mtser.corpora.mini.layout import write_dialog
from mtser.corpora.mini.recording import record
from mtser.corpora.mini.script import write_script
from mtser.errors import MtserError


def record_dialogs(root: Path, names: Sequence[str]) -> None:
    """Record dialogs in a fresh process and write them into the corpus folder.

    Parameters
    ----------
    root
        The corpus folder.
    names
        Of the dialogs; with another list or order the samples differ in their last bits.

    Raises
    ------
    MtserError
        If that fails; the message ends with the process's last words.
    """
    command = [sys.executable, "-m", "mtser.corpora.mini.record_dialogs", str(root), *names]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        last_words = done.stderr.strip().splitlines()[-1:] or [f"the process ended with code {done.returncode}"]
        raise MtserError(f"{root}: the mini corpus could not be made: {last_words[0]}")


def _main(root: str, *names: str) -> None:
    dialogs = {dialog.name: dialog for dialog in write_script()}
    espeak = Espeak()
    try:
        for name in names:
            recordings = [record(turn, espeak) for turn in dialogs[name].turns]
            write_dialog(Path(root), dialogs[name], recordings)
    except OSError as error:
        raise SystemExit(f"{error.filename or root}: {error.strerror or error}") from error
    except MtserError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    _main(*sys.argv[1:])
