"""The option ``--model``, and those beside it."""

import argparse
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtser.errors import ModelError

if TYPE_CHECKING:
    from mtser.inference.recognizer import EmotionRecognizer


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add what determines the model and how it gets its words."""
    add = parser.add_argument
    add("--model", required=True, metavar="FOLDER", help="a run (results/...), or what mtser export wrote")
    add("--fold", metavar="NAME", help="of a run: the model of this fold (default: the mean of all)")
    add("--device", metavar="NAME", help="cpu, cuda, cuda:1 (default: a GPU if there is one)")
    add("--transcriber", metavar="NAME", help="what finds the words")
    add("--aligner", metavar="NAME", help="what finds the times of words")
    add("--language", metavar="CODE", help="of the speech, for example en (default: the corpus's)")
    add("--allow", metavar="NAMES", default="", help="of an exported model: classes of yours that it may use")


def load_recognizer(options: argparse.Namespace) -> tuple["EmotionRecognizer", list[str]]:
    """Load the model that the options name.

    Returns
    -------
    tuple of EmotionRecognizer and list of str
        The model, and sentences that qualify it.

    Raises
    ------
    ModelError
        If there is none, or something is missing in it.
    """
    from mtser.inference.recognizer import EmotionRecognizer

    more: dict[str, Any] = {"device": options.device, "transcriber": options.transcriber, "aligner": options.aligner}
    folder = Path(options.model)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        if is_run(folder):
            recognizer = EmotionRecognizer.from_run(folder, fold=options.fold, **more)
        else:
            if options.fold is not None:
                raise ModelError(f"{folder}: is no run, so it has no folds; leave out --fold.")
            allow = tuple(name for name in options.allow.split(",") if name)
            recognizer = EmotionRecognizer.from_pretrained(folder, allow=allow, **more)
    return recognizer, [str(one.message) for one in told if one.category is UserWarning]


def is_run(folder: Path) -> bool:
    """Whether a folder is a run's, or holds runs of several seeds; else it is taken for what ``mtser export`` wrote."""
    return any((folder / name).exists() for name in ("hyperparams.yaml", "folds.json", "seeds.json")) or any(
        folder.glob("seed_*")
    )


def fingerprint(folder: str) -> list[Any]:
    """What changes when a model is trained anew: its path, and the number, sizes and times of its files of weights."""
    files = [path for ending in ("ckpt", "safetensors") for path in sorted(Path(folder).rglob(f"*.{ending}"))]
    newest = max((path.stat().st_mtime_ns for path in files), default=0)
    return [str(Path(folder).resolve()), len(files), sum(path.stat().st_size for path in files), newest]
