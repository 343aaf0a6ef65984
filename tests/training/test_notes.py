"""What a reader has to know of the data: printed once, and in the report."""

import json
import sys
from pathlib import Path

import pytest

from tests.training.recipe import Recipe

ONE_EPOCH = "Trained for at most 1 epoch; the YAML file says 100."


@pytest.fixture
def recipe(tiny_corpus: Path, tmp_path: Path) -> Recipe:
    return Recipe(tiny_corpus, tmp_path / "results", system="wise")


def test_notes_are_printed_once_and_stand_in_the_report(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)  # the same notes with and without it
    options = ("--audio_encoder.features", "blocks/features/mfcc_torch.yaml", "--folds", "1,2", "--seeds", "1,2")
    ended = recipe(*options)
    assert ended.code == 0, ended.err
    metrics = json.loads((recipe.seed_folder(2) / "metrics.json").read_text())
    epochs, changed, evenly, spelled = metrics["notes"]
    assert epochs == ONE_EPOCH
    assert changed == "Other values than in wise.yaml: audio_encoder.features blocks/features/mfcc_torch.yaml."
    assert evenly.endswith("words have no phone times: their phones share the word's time evenly.")
    assert "words have their letters for phones, as nobody here can pronounce them (" in spelled
    assert "espeak-ng can: pip install mtser[phones]" in spelled
    assert metrics["model"]["session_1"]["notes"] == [evenly, spelled]
    for note in (evenly, spelled):
        assert (ended.out + ended.err).count(f"Note      {note}") == 1
    report = (recipe.seed_folder(1) / "report.md").read_text()
    assert report.count(f"Note: {evenly}") == 1 and "Note: " + spelled.split("(")[0] in report
    again = recipe(*options)
    assert again.code == 0 and (again.out + again.err).count(f"Note      {evenly}") == 1


def test_systems_without_notes_have_none_but_that_of_their_epochs(recipe: Recipe) -> None:
    other = Recipe(recipe.data_folder, recipe.output_folder, system="text_only")
    assert other().out.count("Note  ") == 1
    metrics = json.loads(other.seed_folder().joinpath("metrics.json").read_text())
    assert metrics["notes"] == [ONE_EPOCH] and "notes" not in metrics["model"]["session_1"]
    report = other.seed_folder().joinpath("report.md").read_text()
    assert report.count("Note:") == report.count(f"Note: {ONE_EPOCH}") == 1


def test_normalisation_by_speaker_is_told(recipe: Recipe) -> None:
    other = Recipe(recipe.data_folder, recipe.output_folder, system="audio_only")
    options = ("--audio_encoder.features", "blocks/features/mfcc_torch.yaml", "--audio_encoder.features.normalise")
    assert other(*options, "speaker", "--folds", "1").code == 0
    report = (other.seed_folder() / "report.md").read_text()
    assert "normalised by speaker: by mean and deviation of all utterances that the corpus has of a speaker" in report
    assert other(*options, "utterance", "--folds", "1", "--run_name", "own").code == 0
    assert "normalised by speaker" not in (other.seed_folder(system="own") / "report.md").read_text()


def test_so_it_is_of_a_system_without_epochs(recipe: Recipe) -> None:
    other = Recipe(recipe.data_folder, recipe.output_folder, system="classical")
    options = ("--audio_encoder.features", "blocks/features/mfcc_statistics.yaml", "--folds", "1")
    assert other(*options, "--audio_encoder.features.normalise", "speaker").code == 0
    report = (other.seed_folder() / "report.md").read_text()
    assert report.count("Note: Sound is normalised by speaker: by mean and deviation of all utterances") == 1
    assert other(*options, "--run_name", "own").code == 0
    assert "normalised by speaker" not in (other.seed_folder(system="own") / "report.md").read_text()
