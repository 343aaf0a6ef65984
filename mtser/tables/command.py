"""``mtser report``: the paper's tables from run folders."""

import argparse
import textwrap
from pathlib import Path

from mtser.errors import ConfigError

NAME = "report"
SUMMARY = "Make the paper's tables of finished runs: HTML with pictures, Markdown, CSV, LaTeX."
_EXAMPLES = """\
examples:
  mtser report results/
      everything that train.py or mtser sweep wrote, into report/
  mtser report results/full results/mt_wr --out ablation/
      two systems
  mtser report results/*/IEMOCAP_full_release/loso --reference mha2
      one corpus and protocol, the others tested against mha2
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "results", nargs="+", type=Path, metavar="FOLDER", help="where runs lie: results/, or any part of it"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", default=Path("report"), help="where to write (default: report/)"
    )
    parser.add_argument(
        "--reference",
        default="full",
        metavar="SYSTEM",
        help="what the others are compared with (default: full)",
    )


def run(options: argparse.Namespace) -> int:
    """Write the report and say what is in it.

    Raises
    ------
    ConfigError
        If ``--out`` is a file.
    EvaluationError
        If there is nothing to report, or runs of one corpus and protocol do not fit each other.
    """
    # What follows needs numpy and matplotlib, which `mtser --help` does not.
    from mtser.tables import words
    from mtser.tables.make import make_report
    from mtser.tables.runs import find_runs
    from mtser.tables.write import write_report

    if options.out.exists() and not options.out.is_dir():
        raise ConfigError(f"--out {options.out} is a file; give a folder.")
    report = make_report(find_runs(options.results), options.reference)
    files = write_report(report, options.out)
    for section in report.sections:
        print(section.name)
        for sentence in words.findings(section):
            print(textwrap.fill(sentence, 100, initial_indent="  ", subsequent_indent="  "))
    print(f"\n{', '.join(path.name for path in files)} in {options.out}")
    return 0
