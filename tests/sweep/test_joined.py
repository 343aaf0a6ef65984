"""Sweeps over joined corpora."""

from pathlib import Path

import pytest

from mtser.errors import ConfigError
from mtser.sweep.joined import joined_corpora
from mtser.sweep.notes import Notes
from tests.sweep.boards import write
from tests.sweep.test_plan import HPARAMS, plan


def options(folder: Path, **more: str) -> dict[str, str | None]:
    for name in ("emodb", "tiny"):
        (folder / name).mkdir(exist_ok=True)
    return {"train_corpus": f"emodb={folder / 'emodb'}", "test_corpus": f"tiny:iemocap={folder / 'tiny'}", **more}


def test_name_and_folders(tmp_path: Path) -> None:
    assert joined_corpora(options(tmp_path)) == ("emodb_to_tiny", (tmp_path / "emodb", tmp_path / "tiny"))
    write(tmp_path / "corpora.yaml", "zoo: {reader: emodb, data_folder: emodb}")
    given = options(tmp_path, train_corpus="zoo", corpora=str(tmp_path / "corpora.yaml"))
    assert joined_corpora(given) == ("zoo_to_tiny", (tmp_path / "emodb", tmp_path / "tiny"))
    assert joined_corpora({"data_folder": "x"}) is None and joined_corpora({"train_corpus": "x=."}) is None
    with pytest.raises(ConfigError, match="emodb: there is no such folder, nor such a table, as"):
        joined_corpora(options(tmp_path, train_corpus="emodb=/no/such"))


def test_the_runs_lie_where_train_py_puts_them(tmp_path: Path) -> None:
    words = [word for name, value in options(tmp_path).items() for word in (f"--{name}", value)]
    made = plan(
        HPARAMS / "text_only.yaml", "--corpus", "cross_corpus", "--protocol", "cross_corpus", passed_on=tuple(words)
    )
    (run,) = made.runs
    assert run.folder == Path("results/text_only/emodb_to_tiny/cross_corpus/seed_1")
    assert made.corpus == "emodb_to_tiny"
    # A note is void as soon as a file of one of the corpora changes.
    notes = Notes(made.recipe, made.corpora, made.output_folder)
    before = notes._request(run)
    write(tmp_path / "tiny" / "new.txt", "new")
    assert Notes(made.recipe, made.corpora, made.output_folder)._request(run) != before
