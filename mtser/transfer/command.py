"""``mtser evaluate``: a trained run on another corpus."""

import argparse
import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mtser.errors import ConfigError
from mtser.option_values import positive

if TYPE_CHECKING:
    from mtser.corpora.joined import Source

NAME = "evaluate"
SUMMARY = "Judge another corpus, all of it, by the trained models of a run."
_EXAMPLES = """\
examples:
  the models of a run on the mini corpus, on EmoDB:
    mtser evaluate results/full/mini/loso/seed_1 --corpus emodb \\
      --data_folder /corpora/emodb
  a corpus in the layout of IEMOCAP, with an option of its reader:
    mtser evaluate results/full/emodb/lospo/seed_1 --corpus chimera:iemocap \\
      --data_folder /corpora/chimera --unaligned even
  a corpus of your own, by a reader of your own:
    mtser evaluate results/full/emodb/lospo/seed_1 \\
      --corpus mine:my_package.corpora.read_my_corpus \\
      --data_folder ../my_corpus --class_map my_classes.yaml

Every utterance gets the mean of the probabilities of all folds' models. What
the run was trained on is left out; a corpus that is mostly that is refused.
Options that are not listed are those of the corpus's reader.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("run_folder", type=Path, metavar="RUN", help="results/<system>/<corpus>/<protocol>/seed_<n>")
    add("--corpus", required=True, metavar="NAME", help="its reader, or NAME:READER; one of --corpora by its name")
    add("--data_folder", type=Path, metavar="FOLDER", help="where the corpus lies")
    add("--corpora", type=Path, metavar="FILE", help="a YAML file that describes corpora")
    add(
        "--class_map",
        metavar="FILE",
        help="which label is which class of the run (default: the four classes of the paper)",
    )
    add("--fold", metavar="NAME", help="the model of this fold alone (default: the mean of all)")
    add("--out", type=Path, metavar="FOLDER", help="where the report is written (default: RUN/evaluations/NAME)")
    add("--device", help="cpu or cuda (default: a GPU if there is one)")
    add("--cache_folder", type=Path, metavar="FOLDER", help="where features are kept (default: ~/.cache/mtser)")
    add("--jobs", type=positive, metavar="N", help="threads for feature extraction (default: one a core)")
    parser.set_defaults(passed_on=[])


def run(options: argparse.Namespace) -> int:
    """Evaluate, and show the result.

    Raises
    ------
    MtserError
        If the run, the corpus or an option cannot be used.
    """
    if options.cache_folder is not None:
        os.environ["MTSER_CACHE"] = str(options.cache_folder)
    source = _source(options)
    from mtser.devices import usable_device
    from mtser.transfer.other_corpus import evaluate_run

    if options.device is not None:
        usable_device(options.device)
    evaluate_run(
        options.run_folder,
        source,
        class_map=options.class_map,
        fold=options.fold,
        out=options.out,
        device=options.device,
        n_jobs=options.jobs,
        command=shlex.join(["mtser", *sys.argv[1:]]),
    )
    return 0


def _source(options: argparse.Namespace) -> "Source":
    """The corpus that the options name."""
    from mtser.corpora.joined import make_source, parse_sources, read_sources
    from mtser.training.options import read_overrides, yaml_value

    declared = read_sources(options.corpora) if options.corpora is not None else {}
    if options.corpus in declared:
        if options.data_folder is not None:
            raise ConfigError(f"--data_folder: {options.corpora} says already where {options.corpus} lies.")
        (source,) = parse_sources("--corpus", options.corpus, declared)
    elif options.data_folder is None:
        raise ConfigError(
            f"--data_folder is missing: where does the corpus {options.corpus} lie? One that --corpora describes "
            "needs none."
        )
    else:
        source = make_source("--corpus", options.corpus, options.data_folder)
    given = {name: yaml_value(name, text) for name, text in read_overrides(list(options.passed_on)).items()}
    return replace(source, options={**source.options, **given})
