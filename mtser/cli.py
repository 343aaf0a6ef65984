"""The console command ``mtser``: its sub-commands, and how their errors are told.

A sub-command is a module with ``NAME``, ``SUMMARY``, ``configure(parser)`` and ``run(options) -> exit code``. It is
imported when it is asked for, so that ``mtser --help`` is quick; what is heavy (PyTorch), ``run`` imports in turn.
"""

import argparse
import contextlib
import difflib
import errno
import importlib
import io
import os
import sys
import textwrap
import warnings
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from mtser import __version__
from mtser.errors import ConfigError, MtserError

COMMANDS = (
    ("align", "mtser.aligning.command"),
    ("sweep", "mtser.sweep.command"),
    ("tune", "mtser.tuning.command"),
    ("report", "mtser.tables.command"),
    ("evaluate", "mtser.transfer.command"),
    ("predict", "mtser.prediction.command"),
    ("demo", "mtser.demo.command"),
    ("export", "mtser.inference.export_command"),
)
"""Each sub-command's name and module."""

_CONTINUES = {"align": (), "sweep": (), "tune": (), "predict": ("--out", "--plot", "--textgrid")}
"""Sub-commands that take up their work again, some with one of these options alone."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command.

    Parameters
    ----------
    arguments
        The command line; default: ``sys.argv[1:]``.

    Returns
    -------
    int
        The exit code: that of the sub-command; 2 after an error that the user can mend, which is printed as a sentence;
        130 after Ctrl-C; 141 if whoever read the output has gone (``| head``).
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # what it cannot show, as on Windows in a file, ends no work
    _tell_plainly()
    try:
        try:
            return _answer(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return 141
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(f"error: the output cannot be written ({error.strerror}).", file=sys.stderr)
        _drop_output()
        return 2


def _answer(arguments: list[str]) -> int:
    """Run the sub-command, its errors told."""
    try:
        if not arguments:
            _parser(_modules(arguments)).print_help()
            return 2
        _check_command(arguments[0])
        return _run(arguments)
    except MtserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        goes_on = "; the same command continues where it was" if _continues(arguments) else ""
        print(f"\nstopped{goes_on}.", file=sys.stderr)
        return 130


def _tell_plainly() -> None:
    """Show what qualifies the answers (folds that are missing, a weaker recogniser) as a sentence, once each."""
    told: set[str] = set()

    def show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        if issubclass(category, UserWarning) and str(message) not in told:
            told.add(str(message))
            print(f"! {message}", file=sys.stderr)

    warnings.showwarning = show


def _drop_output() -> None:
    """What still waits to be printed goes nowhere."""
    with contextlib.suppress(OSError):  # where standard output is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _continues(arguments: Sequence[str]) -> bool:
    """Whether the command takes up its work again."""
    options = _CONTINUES.get(arguments[0]) if arguments else None
    if not options:
        return options is not None
    return any(one.partition("=")[0] in options for one in arguments)


def _run(arguments: list[str]) -> int:
    modules = _modules(arguments)
    parser = _parser(modules)
    try:
        options, rest = parser.parse_known_args(arguments)
    except ConfigError as error:  # an option that is missing may only be misspelt
        raise _misspelt(arguments, parser.known_options(arguments[0])) or error from error
    known = parser.known_options(options.command)
    _refuse_repeated(arguments, known)
    if rest:
        if not hasattr(options, "passed_on"):
            name = rest[0].partition("=")[0]
            raise _misspelt([name], known, cutoff=0.6) or ConfigError(
                f"{name!r} belongs to no option of mtser {options.command} (--help lists them)."
            )
        options.passed_on = rest
    return modules[options.command].run(options)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, as every other error of mtser; knows no abbreviations."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "formatter_class": argparse.RawDescriptionHelpFormatter, **options})
        self.commands: dict[str, _Parser] = {}

    def error(self, message: str) -> Any:
        raise ConfigError(f"{message.rstrip('.')} ({self.prog} --help lists the options).")

    def known_options(self, command: str) -> list[str]:
        """The options of a sub-command, ``--`` included."""
        parser = self.commands.get(command, self)
        return [name for name in parser._option_string_actions if name.startswith("--")]


def _modules(arguments: list[str]) -> dict[str, ModuleType]:
    """The modules of the sub-commands: of the one that is asked for, or of all, to list them."""
    wanted = [(name, module) for name, module in COMMANDS if arguments[:1] == [name]]
    return {name: importlib.import_module(module) for name, module in wanted or COMMANDS}


def _parser(modules: dict[str, ModuleType]) -> _Parser:
    parser = _Parser(
        prog="mtser",
        description="Multimodal speech emotion recognition: what is done around training.",
        epilog=(
            "mtser COMMAND --help shows the options of a command, with examples.\n"
            "One system is trained by a recipe:\n"
            "  python recipes/iemocap/train.py hparams/full.yaml"
        ),
    )
    parser.add_argument("--version", action="version", version=f"mtser {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True)
    for name, module in modules.items():
        parser.commands[name] = commands.add_parser(
            name, help=module.SUMMARY, description=textwrap.fill(module.SUMMARY, 78)
        )
        module.configure(parser.commands[name])
    return parser


def _check_command(name: str) -> None:
    names = [command for command, _ in COMMANDS]
    if name in (*names, "-h", "--help", "--version"):
        return
    if name.startswith("-"):
        raise ConfigError(f"a command comes before {name}: {', '.join(names)} (mtser --help explains them).")
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    advice = f"the nearest is {near[0]}" if near else f"there are {', '.join(names)}"
    raise ConfigError(f"there is no command {name!r}; {advice} (mtser --help explains them).")


def _misspelt(arguments: Sequence[str], known: Sequence[str], cutoff: float = 0.8) -> ConfigError | None:
    """An error that names an option which looks like one of the known; None if there is none such."""
    for name in (argument.partition("=")[0] for argument in arguments if argument.startswith("--")):
        near = difflib.get_close_matches(name, known, n=1, cutoff=cutoff)
        near = near or [one for one in known if len(name) > 2 and one.startswith(name)]  # as an abbreviation
        if near and name not in known:
            return ConfigError(f"there is no option {name}; the nearest is {near[0]}.")
    return None


def _refuse_repeated(arguments: Sequence[str], known: Sequence[str]) -> None:
    """Of an option that is given twice, argparse would quietly take the last."""
    names = [argument.partition("=")[0] for argument in arguments]
    for name in names:
        if name in known and names.count(name) > 1:
            raise ConfigError(f"{name} is given twice.")


if __name__ == "__main__":
    sys.exit(main())
