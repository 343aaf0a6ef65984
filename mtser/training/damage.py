"""Checkpoints that a crash of the computer or a failing drive has damaged: found before training goes on."""

import errno
import shutil
import zipfile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from mtser.errors import MtserError
from mtser.training.progress import FoldProgress

_ZIP = b"PK"


def delete_damaged(folder: Path, measure: str) -> str:
    """Delete the checkpoints of a fold that nothing can go on from.

    These are damaged ones, and those whose best epoch on dev was a damaged one. From what is left training goes on as
    it did before, so the result is that of a run which nothing happened to.

    Parameters
    ----------
    folder
        Where a fold's checkpoints lie.
    measure
        The column of the history by which the epoch is chosen.

    Returns
    -------
    str
        A sentence that says what was done; empty if all are whole.

    Raises
    ------
    MtserError
        If a file cannot be read now, which says nothing about its content.
    """
    found = {path: _best_epoch(path, measure) for path in sorted(folder.glob("CKPT*")) if path.is_dir()}
    epochs = {epoch for epoch, _ in filter(None, found.values())}
    kept = {path: one[0] for path, one in found.items() if one is not None and one[1] in epochs}
    if len(kept) == len(found):
        return ""
    for path in found.keys() - kept.keys():
        shutil.rmtree(path, ignore_errors=True)
    damaged = sum(one is None for one in found.values())
    what = "a checkpoint was damaged and is" if damaged == 1 else f"{damaged} checkpoints were damaged and are"
    then = f"goes on behind epoch {max(kept.values())}" if kept else "begins anew"
    return f"{folder}: {what} deleted; the fold's training {then}."


def _best_epoch(checkpoint: Path, measure: str) -> tuple[int, int] | None:
    """A checkpoint's epoch, and the best one up to then; None if one of its files is damaged."""
    progress = FoldProgress(limit=0, patience=0, measure=measure)
    try:
        for path in sorted(checkpoint.iterdir()):
            _check(path)
        epoch = _yaml(checkpoint / "CKPT.yaml")["epoch"]
        progress.load(checkpoint / "progress.ckpt", end_of_epoch=True)
        return (epoch, progress.best_epoch) if len(progress.history) == epoch else None
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.EINVAL:  # zipfile looks for what is not there
            return None
        raise MtserError(f"{error.filename or checkpoint}: cannot be read ({error.strerror}); try again.") from error
    except Exception:  # whatever damaged bytes bring a parser to
        return None


def _check(path: Path) -> None:
    """Read a file to its end, refused if that fails. PyTorch writes ZIP archives with checksums, the rest is text."""
    with path.open("rb") as file:
        is_archive = file.read(len(_ZIP)) == _ZIP
    if not is_archive:
        _yaml(path)
        return
    with zipfile.ZipFile(path) as archive:
        if (name := archive.testzip()) is not None:
            raise ValueError(f"{name} is damaged")


def _yaml(path: Path) -> Any:
    """The content of a YAML file (or a JSON file, which is one); an empty file has none."""
    content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    if content is None:
        raise ValueError("it is empty")
    return content
