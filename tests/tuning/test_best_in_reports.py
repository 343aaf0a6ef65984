"""That a system was tuned on dev parts of a corpus is told wherever its figures are."""

import contextlib
import io
from pathlib import Path

import pytest

from mtser.cli import main
from mtser.configuration import Hyperparameters
from mtser.corpora.iemocap import read_iemocap
from mtser.training import run_recipe
from tests.training.recipe import HPARAMS
from tests.training.tiny_corpus import write_tiny_corpus

TOLD = "The settings of text_only were chosen on the dev parts of tiny."


def test_they_tell_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))
    corpus, file = write_tiny_corpus(tmp_path / "tiny").root, tmp_path / "best.yaml"
    file.write_text(Hyperparameters(HPARAMS / "text_only.yaml").tuned(TOLD).text())
    words = [str(file), "--data_folder", str(corpus), "--output_folder", str(tmp_path / "results")]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert run_recipe(read_iemocap, arguments=[*words, "--number_of_epochs", "1"]) == 0
    assert f"Note      {TOLD}" in out.getvalue()
    (report,) = (tmp_path / "results").rglob("report.md")
    assert TOLD in report.read_text().replace("\\", "")
    assert main(["report", str(tmp_path / "results"), "--out", str(tmp_path / "tables")]) == 0
    tables = "".join(path.read_text() for path in (tmp_path / "tables").rglob("*.md"))
    assert TOLD in tables.replace("\\", "")
