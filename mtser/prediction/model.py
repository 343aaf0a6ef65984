"""The option ``--model``, and those beside it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtser.checks import check_language
from mtser.errors import ModelError

if TYPE_CHECKING:
    from mtser.inference.recognizer import EmotionRecognizer


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add what determines the model and how it gets its words."""
    add = parser.add_argument
    add(
        "--model",
        required=True,
        metavar="FOLDER",
        help="a run (results/...), what mtser export wrote, or its name on the hub",
    )
    add("--fold", metavar="NAME", help="of a run: the model of this fold (default: the mean of all)")
    add("--device", metavar="NAME", help="cpu, cuda, cuda:1 (default: a GPU if there is one)")
    add("--transcriber", metavar="NAME", help="faster-whisper[:MODEL], pocketsphinx, or a class of yours")
    add("--aligner", metavar="NAME", help="pocketsphinx, ctc:MODEL, even, or a class of yours")
    add("--language", metavar="CODE", help="of the speech, for example en (default: the corpus's)")
    add("--allow", metavar="NAMES", default="", help="of an exported model: classes of yours that it may use")


def load_recognizer(options: argparse.Namespace) -> "EmotionRecognizer":
    """Load the model that the options name.

    Raises
    ------
    ModelError
        If there is none, or something is missing in it.
    ConfigError
        If there is no such device, aligner or transcriber.
    """
    from mtser.inference.recognizer import EmotionRecognizer

    more: dict[str, Any] = {"device": options.device, "transcriber": options.transcriber, "aligner": options.aligner}
    if options.language is not None:
        check_language(options.language)
    folder = Path(options.model)
    if is_run(folder):
        recognizer = EmotionRecognizer.from_run(folder, fold=options.fold, **more)
    else:
        if options.fold is not None:
            raise ModelError(f"{folder}: is no run, so it has no folds; leave out --fold.")
        allow = tuple(name for name in options.allow.split(",") if name)
        recognizer = EmotionRecognizer.from_pretrained(options.model, allow=allow, **more)
    recognizer.listener.find_named()
    return recognizer


def is_run(folder: Path) -> bool:
    """Whether a folder is a run's, or holds runs of several seeds; else it is taken for what ``mtser export`` wrote."""
    return any((folder / name).exists() for name in ("hyperparams.yaml", "folds.json", "seeds.json")) or any(
        folder.glob("seed_*")
    )


def fingerprint(folder: str) -> list[Any]:
    """What changes when a model is trained anew: its path, and the number, sizes and times of its files of weights."""
    files = [path for ending in ("ckpt", "npz", "safetensors") for path in sorted(Path(folder).rglob(f"*.{ending}"))]
    newest = max((path.stat().st_mtime_ns for path in files), default=0)
    return [str(Path(folder).resolve()), len(files), sum(path.stat().st_size for path in files), newest]
