"""The console command: what it lists, how it is quick, and how mistakes are told."""

import importlib
import os
import re
import subprocess
import sys
import warnings
from argparse import ArgumentParser, Namespace
from pathlib import Path
from types import SimpleNamespace

import pytest

import mtser
from mtser import cli
from mtser.errors import CorpusError

BUFFERED = {**os.environ, "PYTHONUNBUFFERED": ""}  # argparse passes over what it cannot write at once
HEAVY = ("torch", "speechbrain", "matplotlib", "scipy", "sklearn", "rich")


def run_it(options: Namespace) -> int:
    if options.word == "bad":
        raise CorpusError("bad.txt: is bad; give a good one.")
    if options.word == "stop":
        raise KeyboardInterrupt
    if options.word == "doubtful":
        for text, kind in [
            ("Half is missing.", UserWarning),
            ("Old.", FutureWarning),
            ("Half is missing.", UserWarning),
        ]:
            warnings.warn(text, kind, stacklevel=1)
    print(vars(options))
    return 7


def toy(**more: object) -> SimpleNamespace:
    """A sub-command with a word and an option."""

    def configure(parser: ArgumentParser) -> None:
        parser.add_argument("word")
        parser.add_argument("--colour", required=bool(more.get("required")))
        parser.add_argument("--size", type=int)
        if more.get("passes_on"):
            parser.set_defaults(passed_on=[])

    return SimpleNamespace(NAME="toy", SUMMARY="Play.", configure=configure, run=run_it)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """``toy`` in the place of the sub-commands."""
    monkeypatch.setattr(cli, "COMMANDS", (("toy", "toy_module"), ("other", "toy_module")))
    monkeypatch.setitem(sys.modules, "toy_module", toy())  # type: ignore[arg-type]
    return monkeypatch


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_help_lists_all_commands(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for name, _ in cli.COMMANDS:
        assert re.search(rf"^ +{name} +\w", shown, re.MULTILINE)


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "commands:" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "module"), cli.COMMANDS)
def test_every_command_keeps_the_contract(
    name: str, module: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = importlib.import_module(module)
    assert name == command.NAME and command.SUMMARY
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        cli.main([name, "--help"])
    shown = capsys.readouterr().out
    assert f"mtser {name} " in shown.partition("example")[2], "its help has examples"
    assert max(map(len, shown.splitlines())) <= 80
    assert all(len(option) > 3 for option in re.findall(r"^ +(-\S+)", shown, re.MULTILINE) if option != "-h,")


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"mtser {mtser.__version__}\n")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["swep"], *([name, "--help"] for name, _ in cli.COMMANDS)]
)
def test_it_is_quick(arguments: list[str]) -> None:
    """What is heavy is not imported to explain oneself."""
    run = f"try: main({arguments!r})\nexcept SystemExit: pass\n"
    code = f"import sys; from mtser.cli import main\n{run}print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not set(HEAVY) & set(shown.splitlines()[-1].split())


@pytest.mark.parametrize("module", ["mtser", "mtser.cli"])
def test_as_a_program(module: str) -> None:
    ended = subprocess.run([sys.executable, "-m", module, "swep"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2 and ended.stderr.startswith("error: there is no command 'swep'; the nearest is sweep")


def test_a_command_gets_its_options_and_gives_its_code(
    commands: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["toy", "car", "--colour=red", "--size", "3"]) == 7
    assert capsys.readouterr().out == "{'command': 'toy', 'word': 'car', 'colour': 'red', 'size': 3}\n"


def test_a_command_may_pass_on_what_it_does_not_know(
    commands: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.setitem(sys.modules, "toy_module", toy(passes_on=True))  # type: ignore[arg-type]
    assert cli.main(["toy", "car", "--wheels", "4", "--colour", "red", "--fast"]) == 7
    assert "'passed_on': ['--wheels', '4', '--fast']" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tou", "car"], "there is no command 'tou'; the nearest is toy (mtser --help explains them)."),
        (["zzz"], "there is no command 'zzz'; there are toy, other (mtser --help explains them)."),
        (["--size", "3"], "a command comes before --size: toy, other (mtser --help explains them)."),
        (["toy"], "the following arguments are required: word (mtser toy --help lists the options)."),
        (["toy", "car", "--color", "red"], "there is no option --color; the nearest is --colour."),
        (["toy", "car", "--col", "red"], "there is no option --col; the nearest is --colour."),
        (["toy", "car", "--zzz", "red"], "'--zzz' belongs to no option of mtser toy (--help lists them)."),
        (["toy", "car", "--zzz=red"], "'--zzz' belongs to no option of mtser toy (--help lists them)."),
        (["toy", "car", "bus"], "'bus' belongs to no option of mtser toy (--help lists them)."),
        (
            ["toy", "car", "--size", "big"],
            "argument --size: invalid int value: 'big' (mtser toy --help lists the options).",
        ),
        (["toy", "car", "--size", "1", "--size=2"], "--size is given twice."),
        (["toy", "bad"], "bad.txt: is bad; give a good one."),
    ],
)
def test_mistakes_are_one_sentence(
    commands: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert cli.main(arguments) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"error: {message}\n")


def test_an_option_that_is_missing_may_be_misspelt(
    commands: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands.setitem(sys.modules, "toy_module", toy(required=True))  # type: ignore[arg-type]
    assert cli.main(["toy", "car", "--color", "red"]) == 2
    assert capsys.readouterr().err == "error: there is no option --color; the nearest is --colour.\n"
    assert cli.main(["toy", "car"]) == 2
    assert "the following arguments are required: --colour" in capsys.readouterr().err


def test_warnings_are_sentences_once_each(commands: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["toy", "doubtful"]) == 7
    assert capsys.readouterr().err == "! Half is missing.\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written() -> None:
    command = [sys.executable, "-m", "mtser.cli", "--help"]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=BUFFERED)
    assert ended.returncode == 2 and ended.stderr == "error: the output cannot be written (No space left on device).\n"


def test_nobody_reads_the_output() -> None:
    code = "import sys\nfrom mtser.cli import main\nsys.stdin.read()\nsys.exit(main([]))"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, stderr=-1, text=True, env=BUFFERED)
    assert process.stdin and process.stdout and process.stderr
    process.stdout.close()
    process.stdin.close()  # now it begins
    assert process.wait() == 141 and process.stderr.read() == ""


def test_what_the_output_cannot_show() -> None:
    code = "from mtser import cli\ncli._run = lambda words: print('█ a') or 0\ncli.main(['align'])"
    ended = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONIOENCODING": "cp1252"}, stdout=-1)
    assert ended.returncode == 0 and ended.stdout.split() == [b"?", b"a"]


def test_ctrl_c(commands: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["toy", "stop"]) == 130
    assert capsys.readouterr().err == "\nstopped.\n"
    commands.setattr(cli, "_CONTINUES", {"toy": ()})
    assert cli.main(["toy", "stop"]) == 130
    assert "stopped; the same command continues" in capsys.readouterr().err
    commands.setattr(cli, "_CONTINUES", {"toy": ("stop",)})
    assert cli.main(["toy", "stop"]) == 130
    assert "stopped; the same command continues" in capsys.readouterr().err
