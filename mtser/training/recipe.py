"""What a recipe's ``train.py`` calls: a command line is read, run, and its errors are told."""

import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from mtser.corpora.joined.readers import Reader
from mtser.errors import MtserError, NotApplicableError
from mtser.training.device import join_processes
from mtser.training.experiment import Experiment
from mtser.training.options import parse_options
from mtser.training.run_folder import command_line


def run_recipe(
    reader: Reader, *, mini_corpus: Callable[..., Path] | None = None, arguments: Sequence[str] | None = None
) -> int:
    """What a recipe's ``train.py`` does.

    Parameters
    ----------
    reader
        ``reader(data_folder, *, audio_index, progress, ...)`` → corpus; it may lack these two arguments. Its other
        keyword arguments become options of the command line.
    mini_corpus
        Makes the corpus that is used without ``--data_folder``, and returns its folder; None if there is none.
    arguments
        The command line; default: ``sys.argv[1:]``.

    Returns
    -------
    int
        The exit code: 0; 2 after an error that the user can mend, and 3 if the corpus lacks what the system or the
        protocol needs, both printed as a sentence; 130 if it was stopped.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    logging.getLogger("speechbrain").setLevel(logging.WARNING)
    try:
        options = parse_options(reader, "Train and judge a system by cross-validation.", arguments)
        join_processes(options.run_opts)
        Experiment(options, reader, mini_corpus, command_line(arguments)).run()
    except NotApplicableError as error:
        print(f"not applicable: {error}", file=sys.stderr)
        return 3
    except MtserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; the same command continues where it was.", file=sys.stderr)
        return 130
    finally:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
    return 0
