"""The description of a model as others can read it: nothing points outside of the exported folder."""

import shutil
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from mtser.configuration.tags import tag_of
from mtser.configuration.tree import dump
from mtser.errors import ModelError
from mtser.inference.allowed import building_blocks, finder
from mtser.inference.data_folder import file_name
from mtser.inference.run_description import RunDescription
from mtser.pretrained import LANGUAGE, OTHERS, SPEECH, ModelKind, in_package, weights_of

_PRETRAINED = {"HuggingFaceWords": LANGUAGE, "PretrainedSpeech": SPEECH}

_HEADER = """\
# The model, as mtser builds it. Only blocks of mtser and torch.nn are built from this file (and classes that a user
# allows by name): it is read as data.
"""


@dataclass(frozen=True)
class SharedDescription:
    """What is written.

    Parameters
    ----------
    text
        The YAML.
    foreign
        Classes in it that are neither mtser's nor PyTorch's, and language models on the hub: who loads it has to allow
        them.
    """

    text: str
    foreign: tuple[str, ...]


def share_description(description: RunDescription, folder: Path) -> SharedDescription:
    """Write the description anew; files that it needs are copied into ``folder / "files"``.

    Raises
    ------
    ModelError
        If the model needs what cannot be shared.
    """
    tree = YAML().load(description.text())
    foreign: list[str] = []
    _change(tree, _Files(folder / "files"), foreign, set())
    text = _HEADER + dump(tree)
    YAML().load(StringIO(text))
    return SharedDescription(text, tuple(dict.fromkeys(foreign)))


class _Files:
    """What is copied: each file or folder once, two of one name apart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[Path, Path] = {}

    def place(self, path: Path) -> Path:
        """Where a file or folder is copied to."""
        path = path.resolve()
        if path not in self._places:
            self._folder.mkdir(parents=True, exist_ok=True)
            number, taken, name = 1, set(self._places.values()), file_name(path.name)
            while (place := self._folder / (name if number == 1 else f"{number}_{name}")) in taken:
                number += 1
            self._places[path] = place
        return self._places[path]

    def copied(self, path: Path) -> str:
        """Copy a file; its place as the description names it."""
        place = self.place(path)
        shutil.copyfile(path, place)
        return f"files/{place.name}"


def _change(node: Any, files: _Files, foreign: list[str], seen: set[int]) -> None:
    if id(node) in seen:
        return
    seen.add(id(node))
    kind, _, name = tag_of(node).partition(":")
    if kind in ("!new", "!name"):
        _change_object(name, node, files, foreign)
    elif kind.startswith("!"):
        raise ModelError(
            f"the model's description has the tag {tag_of(node)!r}, which no one else's mtser would follow; describe "
            "the model by classes alone (!new:) to export it."
        )
    children = list(node.values()) if isinstance(node, dict) else list(node) if isinstance(node, list) else []
    for child in children:
        _change(child, files, foreign, seen)


def _change_object(name: str, node: Any, files: _Files, foreign: list[str]) -> None:
    block = building_blocks().get(name)
    if block is None:
        try:
            finder(())(name)
        except ModelError:
            foreign.append(name)
        return
    arguments = node if isinstance(node, dict) else {}
    if block.__name__ == "WordEmbedding" and arguments.get("vectors") is not None:
        arguments["vectors"] = None  # they are among the weights
        arguments["freeze"] = False
        arguments["n_file_words"] = 0
    elif block.__name__ == "DictionaryPronouncer" and arguments.get("file") is not None:
        arguments["file"] = files.copied(Path(arguments["file"]))
    elif block.__name__ in _PRETRAINED:
        _share_pretrained(arguments, files, foreign, _PRETRAINED[block.__name__])


def _share_pretrained(arguments: Any, files: _Files, foreign: list[str], kind: ModelKind) -> None:
    """One that lies in a folder is copied; one of a package or of the hub is named."""
    name = str(arguments["model"])
    found = Path(name).expanduser()
    if found.is_dir():
        if arguments.pop("allow_pickle", False) or (weights := weights_of(found, kind)) is None:
            raise ModelError(
                f"the pretrained model in {found} has pickled weights, which no one else's mtser would read; convert "
                "them to safetensors to export the run."
            )
        place = files.place(found)
        place.mkdir(exist_ok=True)
        for pattern in (weights, *OTHERS):
            for path in found.glob(pattern):
                shutil.copyfile(path, place / path.name)
        arguments["model"] = f"files/{place.name}"
    elif in_package(name, kind) is None:
        foreign.append(name)
