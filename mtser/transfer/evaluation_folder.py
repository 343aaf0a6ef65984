"""The folder of an evaluation: what it has not written itself, it does not overwrite."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from mtser.corpora.joined import Source
from mtser.errors import ConfigError
from mtser.files import write_json

_NOTE, _FOLDS = "evaluation.json", "folds"
_WRITTEN = ("report.md", "metrics.json", "predictions.csv", "confusion.png", "manifest.json", "skipped.csv", _FOLDS)


class EvaluationFolder:
    """Where the report of an evaluation goes, with a note of what it is the evaluation of.

    Parameters
    ----------
    path
        The folder; it may not exist.
    run
        The run folder.
    source
        The corpus.
    fold
        Whose model alone judges; None for all.

    Raises
    ------
    ConfigError
        If the folder is a run's, or holds another evaluation, or files that no evaluation has written.
    """

    def __init__(self, path: Path, run: Path, source: Source, fold: str | None) -> None:
        self.path = path
        self._note: dict[str, Any] = {
            "run": os.path.relpath(run.resolve(), path.resolve()),  # the same after both were moved
            "corpus": source.name,
            "reader": source.reader,
            "data_folder": str(source.data_folder.resolve()),
            "fold": fold,
        }
        if (path / "run.json").exists():
            raise ConfigError(f"--out {path}: is the folder of a run; choose another.")
        earlier = _read(path / _NOTE)
        if earlier is not None and earlier != self._note:
            differ = [name for name, told in self._note.items() if earlier.get(name) != told]
            told = ", ".join(f"{name} was {earlier.get(name)}, is {self._note[name]}" for name in differ)
            raise ConfigError(f"{path}: holds another evaluation ({told}); give another --out.")
        if earlier is None and not _is_of_before(path, source.name):
            for name in _WRITTEN:
                if (path / name).exists():
                    raise ConfigError(f"{path / name}: mtser evaluate has not written it; give another --out.")

    def begin(self) -> Path:
        """Note what will be written, and clear away the folds of an earlier time; the folder."""
        write_json(self.path / _NOTE, self._note)
        shutil.rmtree(self.path / _FOLDS, ignore_errors=True)
        return self.path


def _read(file: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _is_of_before(path: Path, corpus: str) -> bool:
    """Whether the folder was written when there were no notes."""
    metrics = _read(path / "metrics.json") or {}
    return metrics.get("protocol") == "evaluation" and str(metrics.get("corpus")).endswith(f"_to_{corpus}")
