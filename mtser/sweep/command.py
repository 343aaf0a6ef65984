"""The sub-command ``mtser sweep``."""

import argparse
import sys
from pathlib import Path

from mtser.cores import n_cores
from mtser.option_values import positive, seed_list

NAME = "sweep"
SUMMARY = "Train many systems under several protocols with several seeds, on all cores."

_EXAMPLES = """\
Every option that is not listed is passed on to the recipe's train.py, for each
run: --data_folder, values of the YAML files, and all else that it knows.

examples:
  every system on the mini corpus (synthetic speech, made on the spot):
    mtser sweep hparams/*.yaml --corpus iemocap --protocol loso
  two protocols, three seeds, on IEMOCAP:
    mtser sweep hparams/*.yaml --corpus iemocap --protocol loso,random_5fold \\
      --seeds 1,2,3 --data_folder /corpora/IEMOCAP_full_release
  trained on two corpora, tested on a third:
    mtser sweep hparams/*.yaml --corpus cross_corpus --protocol cross_corpus \\
      --train_corpus emodb=/corpora/emodb,ravdess=/corpora/RAVDESS \\
      --test_corpus iemocap=/corpora/IEMOCAP_full_release
  a recipe of your own, four runs at once with two threads each:
    mtser sweep my_systems/*.yaml --recipe my_project/train.py \\
      --protocol lospo --jobs 4 --threads 2 --data_folder my_corpus

What is done is skipped; what was stopped or killed goes on: give the same
command again. Results lie where train.py puts them; what each run printed, in
<output_folder>/sweep. On a GPU give --jobs: as many as fit into its memory.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the sub-command."""
    parser.epilog = _EXAMPLES
    parser.usage = "%(prog)s YAML ... --corpus NAME --protocol NAMES [options]"
    add = parser.add_argument
    add("hparams", nargs="+", type=Path, metavar="YAML", help="the systems, for example hparams/*.yaml")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--corpus", metavar="NAME", help="the recipe: the folder recipes/NAME, for example iemocap")
    what.add_argument("--recipe", metavar="FILE", type=Path, help="the train.py of a recipe that lies elsewhere")
    add("--protocol", metavar="NAMES", type=_names, required=True, help="one or several, for example loso,random_5fold")
    add(
        "--seeds",
        metavar="NUMBERS",
        type=seed_list,
        default=(1,),
        help="one or several, for example 1,2,3 (default: 1)",
    )
    add("--jobs", metavar="N", type=positive, help="runs at once (default: as many as fill all cores)")
    add("--threads", metavar="N", type=positive, default=1, help="threads of each run (default: 1)")
    add("--output_folder", metavar="FOLDER", type=Path, default=Path("results"), help="(default: results)")
    parser.set_defaults(passed_on=[])


def run(options: argparse.Namespace) -> int:
    """Run the sweep.

    Returns
    -------
    int
        0, or 1 if a run failed.
    """
    from rich.console import Console

    from mtser.sweep.lines import Lines
    from mtser.sweep.live import LiveTable
    from mtser.sweep.plan import make_plan
    from mtser.sweep.results import results
    from mtser.sweep.scheduler import Scheduler, Screen

    options.jobs = options.jobs or max(n_cores() // options.threads, 1)
    plan = make_plan(options)
    console = Console()
    watched = sys.stdout.isatty() and not console.is_dumb_terminal
    screen: Screen = LiveTable(console) if watched else Lines()
    board = Scheduler(plan, screen).run()
    print(results(board))
    return 1 if board.count("failed") else 0


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of names such as loso,random_5fold")
    if len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(f"{text!r} names something twice")
    return names
