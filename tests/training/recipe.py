"""Runs of the IEMOCAP recipe in this process."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtser.corpora.iemocap import read_iemocap
from mtser.training import run_recipe

HPARAMS = Path(__file__).parents[2] / "hparams"


@dataclass(frozen=True)
class Ended:
    """What a command brought: its exit code, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The sentence of a command that was refused, which is all that it may say beside progress bars."""
        assert self.code == 2, self.out + self.err
        return self._sentence("error: ")

    @property
    def not_applicable(self) -> str:
        """The sentence of a command that the corpus cannot feed."""
        assert self.code == 3, self.out + self.err
        return self._sentence("not applicable: ")

    def _sentence(self, beginning: str) -> str:
        assert "Traceback" not in self.err
        _, said, sentence = self.err.rpartition(beginning)
        assert said and sentence.count("\n") == 1 and sentence.endswith((".\n", ").\n")), self.err
        return sentence.strip()


@dataclass(frozen=True)
class Recipe:
    """A command line that is the same for several runs: one epoch of one fold, unless options say otherwise."""

    data_folder: Path
    output_folder: Path
    system: str = "full"
    reader: Callable[..., Any] = read_iemocap

    def command(self, *options: str) -> list[str]:
        usual = {
            "--data_folder": str(self.data_folder),
            "--output_folder": str(self.output_folder),
            "--corpus_name": "tiny",
            "--number_of_epochs": "1",
            "--folds": "1",
        }
        given = {option.partition("=")[0] for option in options}
        rest = [part for name, value in usual.items() if name not in given for part in (name, value)]
        return [str(HPARAMS / f"{self.system}.yaml"), *rest, *options]

    def __call__(self, *options: str, folds: str | None = "1") -> Ended:
        arguments = self.command(*options)
        if folds is None:
            at = arguments.index("--folds")
            del arguments[at : at + 2]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run_recipe(self.reader, arguments=arguments)
        return Ended(code, out.getvalue(), err.getvalue())

    def seed_folder(self, seed: int = 1, protocol: str = "loso", system: str | None = None) -> Path:
        return self.output_folder / (system or self.system) / "tiny" / protocol / f"seed_{seed}"


def half_written(folder: Path) -> list[Path]:
    """Everything below a folder that is not finished."""
    return [path for path in folder.rglob("*") if path.name.endswith(".part") or path.name.startswith("part+")]


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file below a folder and what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
