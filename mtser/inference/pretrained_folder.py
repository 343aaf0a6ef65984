"""The folder that ``mtser export`` writes: read as data, whoever wrote it."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from mtser.checks import is_language
from mtser.errors import ModelError
from mtser.inference.allowed import ArgumentCheck, building_blocks, finder
from mtser.inference.building import without_weights
from mtser.inference.data_folder import DataFolder
from mtser.inference.description import Builder
from mtser.inference.weights import put_weights
from mtser.model import EmotionModel

FORMAT = 1
"""Of the folder: raised when older versions of mtser cannot read it."""

CONFIG, DESCRIPTION, MEMBERS, WEIGHTS = "config.json", "model.yaml", "members", "model.safetensors"
DATA_FILES = (
    *(CONFIG, DESCRIPTION, "README.md", "metrics.json"),
    *(f"{MEMBERS}/*/{WEIGHTS}", f"{MEMBERS}/*/assets/*", "files/*"),
)
"""What is fetched from a hub: no program is among it."""

_MOST_MEMBERS = 1000
_MOST_CLASSES = 1000


@dataclass(frozen=True)
class Pretrained:
    """The models of a folder.

    Parameters
    ----------
    models
        Member (a fold, where the run had folds) → model, in evaluation mode.
    classes
        In the order of their logits.
    max_words
        What they read of an utterance.
    language
        Of the corpus: an ISO 639-1 code.
    """

    models: Mapping[str, EmotionModel]
    classes: tuple[str, ...]
    max_words: int
    language: str


def read_pretrained(folder: DataFolder, allow: Sequence[str] = ()) -> Pretrained:
    """Read an exported model; nothing in the folder is run.

    Parameters
    ----------
    folder
        Of the model.
    allow
        Dotted names of classes that its description may name besides the blocks of mtser and ``torch.nn``, and names
        of language models on the hub that it may ask for.

    Raises
    ------
    ModelError
        That says which file is missing, damaged or not acceptable, and why.
    """
    _check_folder(folder)
    config = folder.json(CONFIG)
    classes, members, max_words, language = _checked(config, folder)
    unbuilt = _build(folder, allow)
    told = getattr(getattr(unbuilt.classifier, "classes", None) or unbuilt.classifier, "output_size", len(classes))
    if told != len(classes):
        raise ModelError(f"{folder.path}: its model tells {told} classes apart, but {CONFIG} names {len(classes)}.")
    models = {}
    for name in members:
        folder.file(f"{MEMBERS}/{name}")  # refuses a name that leads elsewhere
        model = copy.deepcopy(unbuilt)
        _fill(model, folder, f"{MEMBERS}/{name}")
        models[name] = model.eval().requires_grad_(False)
    return Pretrained(models, classes, max_words, language)


def _check_folder(folder: DataFolder) -> None:
    if (folder.path / CONFIG).exists() and (folder.path / DESCRIPTION).exists():
        folder.check_links()
        return
    if (folder.path / "hyperparams.yaml").exists():
        raise ModelError(f"{folder.path}: is a run, not an exported model; use from_run, or mtser export it first.")
    lacking = CONFIG if not (folder.path / CONFIG).exists() else DESCRIPTION
    raise ModelError(f"{folder.path}: has no {lacking}, so it is no model that mtser export wrote, or it is not whole.")


def _checked(config: Mapping[str, Any], folder: DataFolder) -> tuple[tuple[str, ...], list[str], int, str]:
    file = folder.path / CONFIG
    if config.get("format") != FORMAT:
        raise ModelError(
            f"{file}: has the format {config.get('format')!r}, but this version of mtser reads {FORMAT}; was it "
            "written by a newer one?"
        )
    for name, most in (("classes", _MOST_CLASSES), ("members", _MOST_MEMBERS)):
        found = config.get(name)
        good = isinstance(found, list) and 0 < len(found) <= most and all(isinstance(one, str) and one for one in found)
        if not good or len(set(found)) < len(found):  # type: ignore[arg-type]
            raise ModelError(f"{file}: {name} is no list of different names.")
    max_words, language = config.get("max_words"), config.get("language", "en")
    if not isinstance(max_words, int) or isinstance(max_words, bool) or not 0 < max_words <= 100_000:
        raise ModelError(f"{file}: max_words is {max_words!r}; it has to be a whole number from 1 on.")
    if not isinstance(language, str) or not is_language(language):
        raise ModelError(f"{file}: language is {language!r}; an ISO 639-1 code was expected.")
    return tuple(config["classes"]), config["members"], max_words, language


def _build(folder: DataFolder, allow: Sequence[str]) -> EmotionModel:
    """The model without weights: mtser's and PyTorch's modules take no memory for them yet."""
    file = folder.file(DESCRIPTION)
    listed = set(building_blocks().values())
    builder = Builder(
        file,
        finder(allow),
        ArgumentCheck(folder, allow),
        meta=lambda kind: issubclass(kind, nn.Module) and (kind in listed or kind.__module__.startswith("torch.nn.")),
    )
    built = builder.build()
    model = built.get("model") if isinstance(built, dict) else None
    if not isinstance(model, EmotionModel):
        raise ModelError(f"{file}: describes no model (model: !new:mtser.model.EmotionModel).")
    return model


def _fill(model: EmotionModel, folder: DataFolder, member: str) -> None:
    """Give a model what it learned."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not (folder.path / member / WEIGHTS).exists():
        pickles = [
            path.name for path in folder.path.rglob("*") if path.suffix in (".ckpt", ".pt", ".pth", ".bin", ".pkl")
        ]
        why = f" ({pickles[0]} is a pickle, which could run code, and is not read)" if pickles else ""
        raise ModelError(
            f"{folder.path}: has no weights {member}/{WEIGHTS}{why}; the folder of the model is not whole."
        )
    file = folder.file(f"{member}/{WEIGHTS}")
    assets = folder.path / member / "assets"
    with without_weights():
        model.load_assets(assets)
    try:
        weights = load_file(file)
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(f"{file}: is no file of weights in safetensors format ({error}).") from error
    put_weights(model, weights, file)
