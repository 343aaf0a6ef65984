"""The sub-command ``mtser demo``."""

import argparse
from pathlib import Path

from mtser.prediction.model import add_model_options

NAME = "demo"
SUMMARY = "A web page on this computer: record or upload, and see what counted."

_EXAMPLES = """\
examples:
  on this computer alone, http://127.0.0.1:7860:
    mtser demo --model results/full/mini/loso/seed_1
  for others, too (there is no password; behind a proxy that asks for one):
    mtser demo --model my_model --host 0.0.0.0 --port 8080 --max_seconds 60

It needs no network once the model of the transcriber is on this computer.
Uploaded recordings are deleted after half an hour, all of them when the page
is stopped.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the sub-command."""
    parser.epilog = _EXAMPLES
    parser.usage = "%(prog)s --model FOLDER [options]"
    add_model_options(parser)
    add = parser.add_argument
    add("--host", metavar="ADDRESS", default="127.0.0.1", help="where to listen (default: 127.0.0.1, nobody else)")
    add("--port", metavar="N", type=_port, default=7860, help="default: 7860; 0: any free one")
    add("--max_seconds", metavar="N", type=_above_zero, default=600.0, help="of a recording (default: 600)")
    add("--max_megabytes", metavar="N", type=_above_zero, default=50.0, help="of a recording (default: 50)")


def run(options: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C."""
    from mtser.demo.limits import Limits
    from mtser.demo.server import check_gradio, serve
    from mtser.prediction.model import load_recognizer
    from mtser.prediction.predictor import Predictor

    check_gradio()
    recognizer = load_recognizer(options)
    predictor = Predictor(recognizer, language=options.language)
    limits = Limits(options.max_seconds, options.max_megabytes)
    serve(predictor, model=_called(options.model), host=options.host, port=options.port, limits=limits)
    return 0


def _called(model: str) -> str:
    """``results/full/mini/loso/seed_1`` → ``full/mini/loso/seed_1``; of other folders the name alone."""
    parts = Path(model).resolve().parts
    return "/".join(parts[-4:]) if parts[-1].startswith("seed_") else parts[-1]


def _above_zero(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 65535")
    return value
