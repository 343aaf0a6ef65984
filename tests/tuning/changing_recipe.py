"""The fake recipe of sweeps, on a corpus that may change: the files $CORPUS and $FOLDS tell of it and of its folds."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "sweep"))

import fake_recipe  # type: ignore[import-not-found]  # noqa: E402

_write = fake_recipe.write


def write(file: Path, value: object) -> None:
    """Write what a run folder has, and of a run also what it was trained on."""
    if file.name == "run.json":
        corpus, folds = (Path(os.environ[name]).read_text() for name in ("CORPUS", "FOLDS"))
        _write(file.with_name("corpus.json"), {"manifest": corpus})
        value = {"manifest": f"{corpus} without {os.environ.get('LEFT_OUT', 'nothing')}", "folds": folds}
    _write(file, value)


if __name__ == "__main__":
    fake_recipe.write = write
    sys.exit(fake_recipe.main(sys.argv[1:]))
