"""Studies with the fake recipe: their files, their command lines, what they leave."""

import contextlib
import csv
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtser.cli import main
from tests.sweep.sweeps import FAKE, Ended


@dataclass(frozen=True)
class Study:
    """One study in a folder of the test; what a trial reaches is its ``x``."""

    root: Path
    space: str = "x: {low: 0.1, high: 0.9}"
    jobs: int = 1
    recipe: Path = FAKE

    @property
    def folder(self) -> Path:
        return self.root / "study"

    @property
    def journal(self) -> Path:
        return self.root / "journal"

    def arguments(self, *options: object, trials: int = 4, **values: object) -> list[str]:
        lines = {"system": "toy", "seed": 1, "number_of_epochs": 2, "x": 0.3, "y": 1, **values}
        system, space = self.root / "toy.yaml", self.root / "space.yaml"
        system.write_text("".join(f"{name}: {value}\n" for name, value in lines.items()))
        space.write_text(self.space)
        usual = ["--recipe", str(self.recipe), "--space", str(space), "--trials", str(trials), "--jobs", str(self.jobs)]
        folders = ["--study_folder", str(self.folder), "--output_folder", str(self.root / "results")]
        usual = [*usual, *folders]
        return ["tune", str(system), *usual, *map(str, options)]

    def __call__(self, *options: object, trials: int = 4, **values: object) -> Ended:
        """Run it in this process."""
        out, err = io.StringIO(), io.StringIO()
        os.environ["JOURNAL"] = str(self.journal)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main(self.arguments(*options, trials=trials, **values))
        finally:
            del os.environ["JOURNAL"]
        return Ended(code, out.getvalue(), err.getvalue())

    def process(self, *options: object, trials: int = 4, **values: object) -> subprocess.Popen:
        """Start it in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "mtser.cli", *self.arguments(*options, trials=trials, **values)],
            env={**os.environ, "JOURNAL": str(self.journal)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def trials(self, folder: str = "") -> list[dict[str, Any]]:
        """The rows of ``trials.csv``."""
        with (self.folder / folder / "trials.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def events(self, kind: str) -> list[tuple[str, ...]]:
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        return [tuple(line.split()[2:]) for line in lines if line.split()[1] == kind]
