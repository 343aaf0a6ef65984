"""Make the mini corpus and say where and what it is: ``python -m mtser.corpora.mini [--out DIR]``."""

import argparse
import sys
from pathlib import Path

from mtser.corpora.mini.make import make_mini_corpus
from mtser.corpora.mini.notice import read_notice
from mtser.errors import MtserError


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m mtser.corpora.mini", description=__doc__, allow_abbrev=False)
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the corpus shall be (default: the cache folder)")
    options = parser.parse_args(arguments)
    try:
        root = make_mini_corpus(options.out)
    except MtserError as error:
        print(error, file=sys.stderr)
        return 2
    counts = (read_notice(root) or {})["counts"]
    print(
        f"{root}\nSynthetic speech by espeak-ng in the layout of IEMOCAP: {counts['utterances']} utterances, "
        f"{counts['utterances_four_classes']} of them in the four classes, {counts['speakers']} voices, "
        f"{counts['sessions']} sessions, {counts['seconds'] / 60:.1f} minutes."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
