"""A model's folder by its name on the Hugging Face hub."""

import re
from pathlib import Path

from mtser.errors import ModelError
from mtser.inference.data_folder import DataFolder
from mtser.inference.pretrained_folder import DATA_FILES

_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def find_folder(name_or_folder: str | Path, revision: str | None = None) -> DataFolder:
    """The folder of a model: one on this machine, or what the hub has under the name.

    Of a model on the hub only data files are fetched: weights, descriptions, vocabularies.

    Raises
    ------
    ModelError
        If it is neither.

    Example
    -------
    >>> find_folder("./nowhere")
    Traceback (most recent call last):
    mtser.errors.ModelError: ./nowhere: there is no such folder.
    """
    folder = Path(name_or_folder).expanduser()
    if folder.is_dir():
        if revision is not None:
            raise ModelError(f"{folder}: is a folder on this machine, which has no revision {revision!r}.")
        return DataFolder(folder)
    name = str(name_or_folder)
    if not _NAME.fullmatch(name) or name.startswith("."):
        raise ModelError(f"{name}: there is no such folder.")
    found = _from_hub(name, revision)
    return DataFolder(found, root=found.parents[1])  # links lead to <cache>/models--x--y/blobs


def _from_hub(name: str, revision: str | None) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise ModelError(
            f"{name}: there is no such folder, and models of the hub need huggingface_hub: pip install huggingface_hub."
        ) from error
    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(DATA_FILES)))
    except Exception as error:  # of the network, of the hub, of the disk
        reason = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".")
        raise ModelError(
            f"{name}: there is no such folder, and the Hugging Face hub does not give it ({reason}); name a folder, or "
            "check the name and the network."
        ) from error
