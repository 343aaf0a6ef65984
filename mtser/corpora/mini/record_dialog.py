"""Record one dialog of the mini corpus in a process of its own: ``python -m mtser.corpora.mini.record_dialog``.

espeak-ng has a memory (:mod:`mtser.corpora.mini.espeak`): only a fresh process gives every dialog the same samples
whatever was said before.
"""

import os
import subprocess
import sys
from pathlib import Path

from mtser.corpora.mini.espeak import Espeak
from mtser.corpora.mini.layout import write_dialog
from mtser.corpora.mini.recording import record
from mtser.corpora.mini.script import write_script
from mtser.errors import MtserError


def record_dialog(root: Path, name: str) -> None:
    """Record a dialog in a fresh process and write it into the corpus folder.

    Raises
    ------
    MtserError
        If that fails; the message is the process's last words.
    """
    command = [sys.executable, "-m", "mtser.corpora.mini.record_dialog", str(root), name]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        last_words = done.stderr.strip().splitlines()[-1:] or [f"the process ended with code {done.returncode}"]
        raise MtserError(f"{root}: the dialog {name} could not be made: {last_words[0]}")


def _main(root: str, name: str) -> None:
    (dialog,) = (dialog for dialog in write_script() if dialog.name == name)
    espeak = Espeak()
    try:
        write_dialog(Path(root), dialog, [record(turn, espeak) for turn in dialog.turns])
    except OSError as error:
        raise SystemExit(f"{error.filename or root}: {error.strerror or error}") from error
    except MtserError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    _main(*sys.argv[1:])
