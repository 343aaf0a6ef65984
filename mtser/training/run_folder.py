"""One folder a run: what was run, on what, and what came out."""

import json
import platform
import shlex
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from mtser import __version__
from mtser.corpora.corpus import Corpus
from mtser.devices import processor_name
from mtser.errors import ConfigError
from mtser.files import changed, write_json, write_text
from mtser.training.folds import Folds
from mtser.unfinished import remove_leftovers

_PACKAGES = (
    "torch",
    "torchaudio",
    "speechbrain",
    "hyperpyyaml",
    "sentencepiece",
    "opensmile",
    "espeakng-loader",
    "numpy",
    "scikit-learn",
)


AUDIO_FILE = "audio.json"
"""Utterance id → SHA-256 of its audio file."""
NOT_APPLICABLE = "not_applicable.json"
"""In the place of a run whose corpus lacks what the system or the protocol needs."""


class RunFolder:
    """The folder of one system with one seed under one protocol.

    Parameters
    ----------
    path
        ``results/<system>/<corpus>/<protocol>/seed_<n>``.
    device
        What trains.
    """

    def __init__(self, path: Path, device: torch.device | str = "cpu") -> None:
        self.path = path
        self._device = device
        self._is_new = False

    def begin(
        self,
        hyperparameters: str,
        flat: Mapping[str, Any],
        corpus: Corpus,
        folds: Folds,
        options: Mapping[str, Any],
        audio: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        """Write what is run, or check that a run that is continued is the same.

        Parameters
        ----------
        hyperparameters, flat
            The resolved YAML, and its values by dotted name.
        corpus, folds
            What is trained on.
        options
            Other options that change results (precision).
        audio
            Utterance id → SHA-256 of its audio file: tells later whether a recording was trained on.
        files
            Path → SHA-256 of what settings name (:func:`~mtser.training.given_files.given_files`).

        Raises
        ------
        ConfigError
            If the folder holds a run with other values, which are named; one of other files or other sound; or one
            that cannot be told.
        """
        now = {
            "hyperparameters": dict(flat),
            "manifest": corpus.manifest_hash(),
            **({"context": corpus.context_hash()} if corpus.context else {}),
            "folds": folds.hash(),
            "options": dict(options),
            **({"files": dict(files)} if files else {}),
        }
        before = self._read("run.json")
        if (self.path / NOT_APPLICABLE).exists():  # of a time when the corpus lacked what it has now
            (self.path / NOT_APPLICABLE).unlink()
        remove_leftovers(self.path, below=True)
        if before is not None:
            self._refuse_if_different(before, json.loads(json.dumps(now)))
            self._refuse_other_files(before.get("files", {}), files or {})
            self._refuse_other_sound(audio or {})
            return
        if any(path.is_file() for path in self.path.glob("folds/*/**/*")):  # run.json comes before the first fold
            raise ConfigError(
                f"{self.path}: holds folds of a run, but no run.json that would tell of which. Put that file back, "
                "take another name with --run_name NAME, or delete the folder."
            )
        write_text(self.path / "hyperparams.yaml", hyperparameters)
        corpus.save(self.path)
        folds.save(self.path / "folds.json")
        write_json(self.path / AUDIO_FILE, dict(sorted((audio or {}).items())))
        write_json(self.path / "environment.json", environment(self._device))
        write_json(self.path / "run.json", now)  # last: a folder that has it has everything
        self._is_new = True

    def forget_refused(self) -> None:
        """After a refusal: give the folder free again, if nothing was in it before and no epoch was trained.

        Else the corrected command would be refused for the values that it corrects.
        """
        trained = [*self.path.glob("folds/*/result.json"), *self.path.glob("folds/*/checkpoints/*/*")]
        if self._is_new and not trained:
            shutil.rmtree(self.path / "folds", ignore_errors=True)
            (self.path / "run.json").unlink(missing_ok=True)

    def not_applicable(self, reason: str, corpus: Corpus, flat: Mapping[str, Any]) -> None:
        """Note why there is no run, and what was left out of the corpus; a run that is here already is left alone.

        Parameters
        ----------
        reason
            A sentence.
        corpus
            What was to be trained on.
        flat
            The YAML's values by dotted name.
        """
        if not (self.path / "run.json").exists():
            corpus.save_skipped(self.path)
            write_json(self.path / NOT_APPLICABLE, {"reason": reason, "hyperparameters": dict(flat)})

    def fold(self, name: str) -> Path:
        """The folder of one fold."""
        return self.path / "folds" / name

    def is_reported(self, metrics: Mapping[str, Any]) -> bool:
        """Whether the folder holds the report of these metrics."""
        there = all((self.path / name).is_file() for name in ("predictions.csv", "report.md"))
        return there and self._read("metrics.json") == metrics

    def environment(self) -> dict[str, str]:
        """What the run was begun with."""
        return self._read("environment.json") or environment(self._device)

    def _refuse_if_different(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        old, new = _values(before), _values(now)
        differ = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
        if not differ:
            return
        shown = "; ".join(f"{name} was {_short(old.get(name))}, is {_short(new.get(name))}" for name in differ[:5])
        more = f"; and {len(differ) - 5} more" if len(differ) > 5 else ""
        raise ConfigError(
            f"{self.path}: holds another run ({shown}{more}). Keep both with --run_name NAME, or delete that folder."
        )

    def _refuse_other_files(self, before: Mapping[str, str], files: Mapping[str, str]) -> None:
        """Refuse files that hold something else than when the run was begun; earlier versions noted none."""
        if paths := changed(before, files):
            more = f", and so has what {len(paths) - 1} more settings name" if len(paths) > 1 else ""
            raise ConfigError(
                f"{self.path}: {paths[0]}, which a setting of this run names, has changed since it was begun{more}. "
                "Put it back as it was, keep both runs with --run_name NAME, or delete that folder."
            )

    def _refuse_other_sound(self, audio: Mapping[str, str]) -> None:
        """Refuse audio files that are others than when the run was begun."""
        if ids := sorted(changed(self._read(AUDIO_FILE) or {}, audio)):
            raise ConfigError(
                f"{self.path}: the audio files of {len(ids)} utterances have changed since this run was begun, or "
                f"were cut anew from their recordings by other software (the first is {ids[0]}). Put them back, "
                "keep both runs with --run_name NAME, or delete that folder."
            )

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            return json.loads((self.path / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):  # writing tells what is wrong with the latter
            return None
        except OSError as error:
            raise ConfigError(f"{self.path / name}: cannot be read ({error.strerror}).") from error
        except ValueError as error:
            raise ConfigError(f"{self.path / name}: is damaged ({error}); delete the folder and run again.") from error


def environment(device: torch.device | str) -> dict[str, str]:
    """What a result may depend on: versions, and what computes: ``gpu``, else ``cpu`` where the platform names it.

    (Runs of earlier versions have ``gpu`` wherever there was one, and no ``cpu``.)

    Parameters
    ----------
    device
        What computes, whatever else there is.
    """
    found = {"mtser": __version__, "python": platform.python_version(), "platform": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    found["threads"] = str(torch.get_num_threads())
    if name := processor_name(device):
        found["cpu" if torch.device(device).type == "cpu" else "gpu"] = name
    return found


def command_line(arguments: list[str]) -> str:
    """The command that is running, to be run again."""
    return shlex.join(["python", sys.argv[0], *arguments])


def _values(run: Mapping[str, Any]) -> dict[str, Any]:
    """One flat mapping of everything that has to be equal."""
    names = {"manifest": "the corpus's manifest", "context": "the other turns of its dialogs", "folds": "the folds"}
    return {**run["hyperparameters"], **run["options"], **{text: run.get(name) for name, text in names.items()}}


def _short(value: Any) -> str:
    text = "not there" if value is None else str(value)
    return text if len(text) <= 40 else text[:12] + "…"
