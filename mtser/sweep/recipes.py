"""The recipe that a sweep runs: where it lies, and what its command line knows."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mtser.configuration import nearest
from mtser.errors import ConfigError
from mtser.protocol_names import PROTOCOLS

OPTIONS = ("data_folder", "corpus_name", "folds", "run_name", "cache_folder", "settings")
"""Options that every recipe has, and that a sweep passes on without asking."""


def find_recipe(corpus: str, systems: Sequence[Path]) -> Path:
    """The ``train.py`` of a corpus: ``recipes/<corpus>/`` beside the YAMLs' folder, or in the working directory.

    Raises
    ------
    ConfigError
        If there is none; those that there are are listed.
    """
    roots = dict.fromkeys([*(file.resolve().parent.parent for file in systems), Path.cwd()])
    for root in roots:
        file = root / "recipes" / corpus / "train.py"
        if file.is_file():
            return Path(os.path.relpath(file)) if file.is_relative_to(Path.cwd()) else file
    folders = [root / "recipes" for root in roots]
    found = sorted({path.parent.name for folder in folders for path in folder.glob("*/train.py")})
    places = ", ".join(str(folder) for folder in folders if folder.is_dir() or not found)
    if not found:
        raise ConfigError(
            f"--corpus {corpus}: there are no recipes (looked for {places}); go to the folder of the clone, or give "
            "--recipe path/to/train.py."
        )
    near = nearest(corpus, found).replace("--", "")
    raise ConfigError(
        f"--corpus {corpus}: there is no such recipe{near}; in {places} there are {', '.join(found)} (for "
        "one elsewhere: --recipe path/to/train.py)."
    )


def options_of(recipe: Path) -> frozenset[str]:
    """The names of all options that a recipe has besides those of the YAML, as its ``--help`` tells them.

    Each begins a line there; what else the text names (``--number_of_epochs 20``) is an example.

    Raises
    ------
    ConfigError
        If the recipe cannot even print that.
    """
    ended = _ask([sys.executable, str(recipe), "--help"], recipe)
    return frozenset(re.findall(r"^  (?:-\w, )?--(\w+)", ended, re.MULTILINE))


def check_protocols(recipe: Path, protocols: Sequence[str]) -> None:
    """Refuse protocols that do not exist, before a run is started; a recipe may have protocols of its own.

    Raises
    ------
    ConfigError
        If there is none of this name; the nearest is told.
    """
    unknown = [name for name in protocols if name not in PROTOCOLS]
    if unknown:
        _ask([sys.executable, "-m", "mtser.sweep.check_protocols", str(recipe), *unknown], recipe)


def _ask(command: list[str], recipe: Path) -> str:
    """What a process prints."""
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["it says nothing"]
        reason = lines[-1].removeprefix("error: ").rstrip(".")
        raise ConfigError(f"{recipe}: {reason}.")
    return ended.stdout
