"""What was asked for when a run ended well, so that asking for the same again starts no process.

``train.py`` itself decides whether a run folder holds what a command asks for, but to ask it takes seconds, for each
run. A note lies beside the log of a run; only if all that the result depends on is as it was, the run is skipped. What
was changed between the plan and the end of a run makes no note: nobody knows which of the two it was trained with.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import mtser
from mtser.files import walk, write_json
from mtser.named_files import named_files
from mtser.sweep.outcome import Outcome
from mtser.sweep.run import Run

NOT_APPLICABLE = "not_applicable.json"
"""What ``train.py`` leaves in a run folder if the corpus lacks what the system or the protocol needs."""
_PLACES = ("--output_folder", "--cache_folder")
_KNOWN_BY = {"done": ("run.json", "metrics.json", "predictions.csv"), "not applicable": (NOT_APPLICABLE,)}
_LEFT_BEHIND = ("predictions.csv", "report.md", "manifest.json")


class Notes:
    """Reads and writes the notes of a sweep.

    Parameters
    ----------
    recipe
        The ``train.py``.
    corpora
        Their folders, or tables that list one; none for the mini corpus.
    output_folder
        Of the results: where it lies in a corpus's folder, it is no part of the corpus.
    """

    def __init__(self, recipe: Path, corpora: Sequence[Path], output_folder: Path) -> None:
        self._recipe = recipe
        self._corpora = corpora
        self._output_folder = output_folder
        self._begun: dict[Run, str] = {}

    def begin(self, run: Run) -> None:
        """Remember what is asked for as the run's process finds it; called before that is started."""
        self._begun[run] = self._request(run)

    def ended(self, run: Run) -> Outcome | None:
        """How the run ended, if it ended well, the same was asked for, and its folder is as it was then; else None."""
        note = _read(run.note)
        kind = note.get("kind")
        if kind not in _KNOWN_BY or note.get("result") != _result(run, kind) or self.trained_otherwise(run, kind):
            return None
        if note.get("request") != self._request(run):
            return None
        if kind == "done":
            return Outcome("done", skipped=True) if _is_complete(run.folder) else None
        return Outcome("not applicable", _read(run.folder / NOT_APPLICABLE).get("reason", ""), skipped=True)

    def write(self, run: Run, outcome: Outcome) -> None:
        """Note how the run ended, unless it failed, or what was asked for has changed meanwhile."""
        if outcome.kind not in _KNOWN_BY or (result := _result(run, outcome.kind)) is None:
            return
        if (request := self._request(run)) == self._begun.get(run) and not self.trained_otherwise(run, outcome.kind):
            write_json(run.note, {"kind": outcome.kind, "request": request, "result": result})

    def trained_otherwise(self, run: Run, kind: str) -> str:
        """What the run was trained with in the place of what was planned, as a sentence; empty if it is the same.

        The process reads the YAML when it starts, which may be hours after the plan.

        Parameters
        ----------
        run
            As it was planned.
        kind
            How it ended.
        """
        found = _read(run.folder / _KNOWN_BY[kind][0]).get("hyperparameters")
        if not isinstance(found, dict):  # of a recipe that does not tell, or of an earlier version
            return ""
        planned = json.loads(json.dumps(dict(run.settings), default=str))
        names = [name for name in dict.fromkeys([*planned, *found]) if name not in run.left_open]
        differ = [name for name in names if planned.get(name) != found.get(name)]
        if not differ:
            return ""
        shown = "; ".join(f"{name} was {_short(planned, name)}, is {_short(found, name)}" for name in differ[:3])
        more = f"; and {len(differ) - 3} more" if len(differ) > 3 else ""
        return (
            f"its YAML, or what that includes, was changed after the sweep had read it: {run.folder} holds something "
            f"else than was planned ({shown}{more}). Leave the YAML as it is now, or put it back and delete that "
            "folder; then give the same command again."
        )

    def _request(self, run: Run) -> str:
        """A hash of all that a result depends on."""
        words = _telling(run.command[3:])  # the Python may move; the recipe is told by what is in it
        asked = {
            "recipe": _hash(self._recipe),
            "words": words,
            "settings": dict(run.settings),
            "corpus": self._corpus,
            "files": [
                _state(Path(value).expanduser(), self._output_folder) for value in _file_names(words, run.settings)
            ],
        }
        return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()

    @cached_property
    def _corpus(self) -> str:
        """A hash of name, size and time of every file of the corpus, and of the code that reads it or makes it.

        That is mtser's own, and what lies beside the recipe.
        """
        readers = Path(mtser.__file__).parent / "corpora"
        folders = [readers, *(one.parent if one.is_file() else one for one in self._corpora)]
        states = [*(_state(folder, self._output_folder) for folder in folders), _code(self._recipe.parent)]
        return hashlib.sha256(json.dumps(states).encode()).hexdigest()


def _hash(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def _short(settings: Mapping[str, Any], name: str) -> str:
    """A value for a sentence."""
    text = str(settings[name]) if name in settings else "not there"
    return text if len(text) <= 40 else f"{text[:39]}…"


def _result(run: Run, kind: str) -> dict[str, str | None] | None:
    """Hashes of the files of a run that ended so; None if the first of them, by which it is known, is not there."""
    first, *others = _KNOWN_BY[kind]
    known = _hash(run.folder / first)
    return None if known is None else {first: known, **{name: _hash(run.folder / name) for name in others}}


def _is_complete(folder: Path) -> bool:
    """Whether the metrics are there, each fold that they are about, and what a run leaves beside them.

    A run of the dev parts alone (``--dev_only``) has no predictions, and stands in no table.
    """
    metrics = _read(folder / "metrics.json")
    folds = [fold["name"] for fold in metrics.get("folds", [])]
    needed = [f"folds/{name}/result.json" for name in folds]
    needed += [] if metrics.get("part") == "dev" else _LEFT_BEHIND
    needed += ["attributes.csv"] if "attributes" in metrics else []
    return bool(folds) and all(_size(folder / name) for name in needed)


def _size(file: Path) -> int:
    """In bytes; 0 if there is no such file."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _read(file: Path) -> dict[str, Any]:
    """A JSON file; empty if it is missing or damaged."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _telling(command: Sequence[str]) -> list[str]:
    """The words that results depend on: folders of results and of caches may move."""
    words, kept = iter(command), []
    for word in words:
        if word in _PLACES:
            next(words, None)
        elif word.partition("=")[0] not in _PLACES:
            kept.append(word)
    return kept


def _file_names(words: Sequence[str], settings: Mapping[str, Any]) -> list[str]:
    """The files and folders of the user that the command line names, all that are there, and those of the settings."""
    given = [word.partition("=")[2] if word.startswith("--") else word for word in words]
    there = [text for text in given if os.path.exists(os.path.expanduser(text))]
    return [*there, *named_files(settings.values())]


def _state(path: Path, without: Path | None = None) -> list[list[Any]]:
    """What tells whether a file or a folder was changed, a folder in it left out."""
    if not path.is_dir():
        found = path.stat()
        return [[path.name, found.st_size, found.st_mtime_ns]]
    left_out = without.stat() if without is not None and without.is_dir() else None
    states: list[list[Any]] = []
    for parent, folders, files in walk(path):
        if left_out is not None and os.path.samestat(left_out, os.stat(parent)):
            folders.clear()
            continue
        folders[:] = [one for one in folders if one != "__pycache__"]
        states += _each(parent, files)
    return states


def _code(folder: Path) -> list[list[Any]]:
    """The same of the Python files beside and below a recipe: a reader may be among them."""
    states: list[list[Any]] = []
    for parent, folders, files in walk(folder.resolve()):
        folders[:] = [one for one in folders if not one.startswith(".")]
        states += _each(parent, [one for one in files if one.endswith(".py")])
    return states


def _each(folder: str, files: Sequence[str]) -> Iterator[list[Any]]:
    """Path, size and time of files in a folder."""
    for path in (os.path.join(folder, file) for file in files):
        with contextlib.suppress(OSError):  # a temporary file that is gone meanwhile
            state = os.stat(path)
            yield [path, state.st_size, state.st_mtime_ns]
