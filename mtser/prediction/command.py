"""The sub-command ``mtser predict``."""

import argparse
from pathlib import Path

from mtser.option_values import positive
from mtser.prediction.model import add_model_options

NAME = "predict"
SUMMARY = "Tell the emotion of recordings: one, a folder, hours; with what each word counted."

_EXAMPLES = """\
FILES are recordings, folders (with all below), patterns in quotes, or - for one
recording on standard input. WAV, FLAC, MP3, Ogg; with mtser[speech] also videos
and AAC.

examples:
  one recording; the text is transcribed, or given:
    mtser predict call.wav --model results/full/mini/loso/seed_1
    mtser predict call.wav --model results/full/mini/loso/seed_1 --text "Oh no."
  a folder, with pictures and TextGrids; the same command continues it:
    mtser predict calls --model my_model --out emotions --plot --textgrid
  for programs, a JSON line a recording:
    mtser predict calls --model my_model --json > emotions.jsonl
  what ffmpeg cuts out of a video:
    ffmpeg -i talk.mkv -ss 60 -t 10 -f wav - | mtser predict - --model my_model

A recording longer than --window is cut in its pauses into turns, each with an
answer of its own; --plot then draws a time line.

The exit code is 0 if every recording has an answer, 1 if some have none (they
are listed at the end, with the reason), 2 if the command itself is wrong.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the sub-command."""
    parser.epilog = _EXAMPLES
    parser.usage = "%(prog)s FILES ... --model FOLDER [options]"
    add = parser.add_argument
    add("files", nargs="*", metavar="FILES", help="recordings, folders, patterns, - for standard input")
    add("--list", metavar="FILE", type=Path, help="a text file with more of them, one a line; - for standard input")
    add_model_options(parser)
    text = parser.add_mutually_exclusive_group()
    text.add_argument("--text", metavar="WORDS", help="what is said in the only recording")
    text.add_argument("--texts", metavar="CSV", type=Path, help="a table with the columns file and text")
    text.add_argument("--text_beside", action="store_true", help="the text of a.wav is in a.txt or a.lab beside it")
    add(
        "--window",
        metavar="SECONDS",
        type=_seconds,
        default=20.0,
        help="cut longer ones into turns (default: 20; 0: never)",
    )
    add("--no_explain", action="store_true", help="do not find out how much each word counted: faster")
    add("--jobs", metavar="N", type=positive, help="recordings at once (default: one a core)")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print a JSON line a recording")
    shown.add_argument("--csv", action="store_true", help="print a table, a row a turn")
    add("--out", metavar="DIR", type=Path, help="keep results here: JSON, tables, what the next two ask for")
    add("--textgrid", action="store_true", help="write Praat tiers into --out (default: predictions)")
    add("--plot", action="store_true", help="draw pictures into --out (default: predictions)")


def run(options: argparse.Namespace) -> int:
    """Judge the recordings; the exit code."""
    from mtser.prediction.batch import run_batch

    return run_batch(options)


def _seconds(text: str) -> float:
    value = float(text)
    if not (value == 0 or 1 <= value <= 600):
        raise argparse.ArgumentTypeError(f"{text} is not 0 or from 1 to 600 seconds")
    return value
