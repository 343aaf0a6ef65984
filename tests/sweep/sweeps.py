"""Sweeps of the fake recipe: their YAML files, their command lines, and what they did."""

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mtser.cli import main

FAKE = Path(__file__).with_name("fake_recipe.py")


@dataclass(frozen=True)
class Ended:
    """The exit code of a sweep, and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Sweep:
    """Everything of a test's sweeps lies in one folder."""

    folder: Path

    @property
    def results(self) -> Path:
        return self.folder / "results"

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    def system(self, name: str, **values: object) -> Path:
        """Write a YAML; ``extractor`` names what computes its features."""
        values = {"seed": 1, "number_of_epochs": 2, **values}
        extractor = values.pop("extractor", None)
        lines = [f"system: {name}", *(f"{key}: {value}" for key, value in values.items())]
        if extractor:
            lines += ["features:", f"    extractor: !name:{extractor}"]
        file = self.folder / "hparams" / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join([*lines, ""]))
        return file

    def arguments(self, *options: object, protocol: str = "loso") -> list[str]:
        """The command line for all YAML files there are."""
        files = sorted(map(str, (self.folder / "hparams").glob("*.yaml")))
        usual = ["--recipe", str(FAKE), "--protocol", protocol, "--output_folder", str(self.results)]
        return ["sweep", *files, *usual, *map(str, options)]

    def __call__(self, *options: object, protocol: str = "loso") -> Ended:
        """Run it in this process."""
        out, err = io.StringIO(), io.StringIO()
        os.environ["JOURNAL"] = str(self.journal)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main(self.arguments(*options, protocol=protocol))
        finally:
            del os.environ["JOURNAL"]
        return Ended(code, out.getvalue(), err.getvalue())

    def process(self, *options: object, protocol: str = "loso", **more: object) -> subprocess.Popen:
        """Start it in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "mtser.cli", *self.arguments(*options, protocol=protocol)],
            env={**os.environ, "JOURNAL": str(self.journal)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,  # type: ignore[call-overload]
        )

    def events(self, *kinds: str) -> list[tuple[str, ...]]:
        """What the journal holds, in order: kind, run, more."""
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        found = [tuple(line.split()[1:]) for line in lines]
        return [event for event in found if not kinds or event[0] in kinds]

    def metrics(self) -> dict[str, dict]:
        """What the runs brought, by run folder."""
        files = self.results.glob("*/*/*/*/metrics.json")
        return {file.parent.relative_to(self.results).as_posix(): json.loads(file.read_text()) for file in files}
