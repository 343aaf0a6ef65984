"""The sub-command ``mtser tune``."""

import argparse
import sys
from pathlib import Path

from mtser.cores import n_cores
from mtser.option_values import positive, seed_list

NAME = "tune"
SUMMARY = "Search for the settings that do best on the dev parts; no test part is looked at."

_EXAMPLES = """\
Every option that is not listed is passed on to the recipe's train.py, for each
trial: --data_folder, --folds, values of the YAML, and all else that it knows.

examples:
  on the mini corpus (synthetic speech, made on the spot):
    mtser tune hparams/full.yaml --space hparams/spaces/training.yaml \\
      --corpus iemocap --trials 50
  two folds a trial, on a corpus of yours:
    mtser tune hparams/full.yaml --space hparams/spaces/training.yaml \\
      --corpus iemocap --trials 100 --folds 1,2 --data_folder my_corpus
  figures that may be reported, each fold with settings chosen without its
  test part:
    mtser tune hparams/full.yaml --space hparams/spaces/training.yaml \\
      --corpus iemocap --trials 30 --nested --seeds 1,2,3

What was stopped or killed goes on: give the same command again; with more
--trials the search goes on, too. All lies in the study folder: best.yaml,
trials.csv, history.png, importance.png, study.db (for optuna-dashboard).
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the sub-command."""
    parser.epilog = _EXAMPLES
    parser.usage = "%(prog)s YAML --space YAML --corpus NAME --trials N [options]"
    add = parser.add_argument
    add("hparams", type=Path, metavar="YAML", help="the system, for example hparams/full.yaml")
    add("--space", metavar="YAML", type=Path, required=True, help="what is searched: names and their values")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--corpus", metavar="NAME", help="the recipe: the folder recipes/NAME, for example iemocap")
    what.add_argument("--recipe", metavar="FILE", type=Path, help="the train.py of a recipe that lies elsewhere")
    add("--trials", metavar="N", type=positive, required=True, help="how many the study has in the end")
    add("--protocol", metavar="NAME", default="loso", help="whose training and dev parts are used (default: loso)")
    add("--nested", action="store_true", help="choose for each fold without its test part, then train and test it")
    add("--run_name", metavar="NAME", help="of --nested's run (default: <system>_nested_<trials>)")
    add("--pruning", choices=("median", "none"), default="median", help="end trials that fall behind (default: median)")
    add(
        "--seeds",
        metavar="NUMBERS",
        type=seed_list,
        default=(1,),
        help="of the training; trials use the first (default: 1)",
    )
    add("--search_seed", metavar="N", type=int, default=1, help="of the search (default: 1)")
    add(
        "--jobs",
        metavar="N",
        type=positive,
        help="trials at once (default: as many as fill all cores); on a GPU, as many as its memory holds",
    )
    add("--threads", metavar="N", type=positive, default=1, help="threads of each trial (default: 1)")
    add("--study_folder", metavar="FOLDER", type=Path, help="(default: tuning/<system>/<corpus>/<protocol>)")
    add("--output_folder", metavar="FOLDER", type=Path, default=Path("results"), help="of --nested (default: results)")
    parser.set_defaults(passed_on=[])


def run(options: argparse.Namespace) -> int:
    """Search, and with ``--nested`` train what was found.

    Returns
    -------
    int
        0, or 1 if a trial or the training failed.
    """
    from rich.console import Console

    from mtser.sweep.lines import Lines
    from mtser.sweep.live import LiveTable
    from mtser.tuning.nested import tune_nested
    from mtser.tuning.run import run_search
    from mtser.tuning.search import Search

    options.jobs = options.jobs or max(n_cores() // options.threads, 1)
    console = Console()
    watched = sys.stdout.isatty() and not console.is_dumb_terminal
    search = Search.of(options, lambda: LiveTable(console) if watched else Lines())
    if options.nested:
        return tune_nested(search, options)
    return run_search(search)
