"""Mistakes that a run's YAML brings to light where the run is used."""

from pathlib import Path

import pytest

from mtser.errors import MtserError
from mtser.inference.run_description import RunDescription


def sentence(folder: Path, model: str) -> str:
    """What building this model says; it begins with the file."""
    file = folder / "hyperparams.yaml"
    file.write_text(f"model: {model}\n")
    with pytest.raises(MtserError) as caught:
        RunDescription.read(file).build()
    assert str(caught.value).startswith(f"{file}: ")
    return str(caught.value)


def test_a_class_that_cannot_be_imported_here_is_told_as_in_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "described_module.py").write_text("class Fine:\n    def __init__(self) -> None:\n        {}['x']\n")
    (tmp_path / "described_broken.py").write_text("class Broken(:\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "set PYTHONPATH to the folder" in sentence(tmp_path, "!new:not_here.Block {}")
    assert "Broken cannot be imported: SyntaxError: " in sentence(tmp_path, "!new:described_broken.Broken {}")
    told = sentence(tmp_path, "!new:described_module.Fine {}")
    assert told.endswith("described_module.Fine cannot be made: KeyError: 'x' (described_module.py:3).")
    assert "is a OrderedDict, not an EmotionModel" in sentence(tmp_path, "!new:collections.OrderedDict {}")


def test_a_file_of_word_features_that_is_not_there_is_not_all_that_is_lacking(tmp_path: Path) -> None:
    encoder = "!new:mtser.encoders.WordVectors {features: !new:mtser.features.WordFeatureFile {file: no/face.csv}}"
    told = sentence(tmp_path, f"!new:mtser.model.EmotionModel {{encoders: {{face: {encoder}}}}}")
    assert "from the file no/face.csv, which is not there" in told and "no new recordings" in told
