import json
import shutil
from pathlib import Path

import pytest

from mtser.errors import EvaluationError
from mtser.evaluation import Predictions
from mtser.tables import runs
from mtser.tables.runs import Place, find_runs
from tests.tables.conftest import answers
from tests.tables.run_writer import sure, write_not_applicable, write_run


def places(found):
    return [(run.place.system, run.place.protocol, run.place.seed) for run in found.runs]


def test_everything_is_found_once(results, monkeypatch):
    read = []
    original = Predictions.read
    monkeypatch.setattr(Predictions, "read", lambda path: read.append(path) or original(path))
    found = find_runs([results, results / "full", results / "full" / "toy" / "loso" / "seed_1"])
    assert len(found.runs) == 8 and len(set(places(found))) == 8
    assert len(read) == len(set(read)) == 8
    assert [left.place.system for left in found.not_applicable] == ["mcaf", "multitask_vad"]
    assert found.not_applicable[1].reason == "toy has no valence."
    [left] = found.incomplete
    assert (left.place.system, left.reason) == ("audio_only", "folds missing: fold_2, fold_4")


@pytest.mark.parametrize("part", ["full", "full/toy", "full/toy/loso", "full/toy/loso/seed_1"])
def test_any_part_of_the_results_will_do(results, part, monkeypatch):
    monkeypatch.chdir(results / part)
    assert ("full", "loso", 1) in places(find_runs(["."]))


def test_what_is_read(results):
    run = find_runs([results / "full" / "toy" / "loso" / "seed_2"]).runs[0]
    assert run.place == Place("toy", "loso", "full", 2)
    assert run.seconds == 2 * (2.0 + 3.0)  # two folds
    assert run.parameters == 1000
    assert run.speakers["u005"] == "speaker_1"
    assert run.settings == {"system": "full", "number_of_epochs": 2, "precision": "fp32"}


def test_what_was_not_written_down_is_none(tmp_path, corpus):
    folder = write_run(tmp_path, "full", sure(answers()), corpus, parameters=None)
    (folder / "folds" / "fold_1" / "result.json").unlink()
    run = find_runs([tmp_path]).runs[0]
    assert run.seconds is None and run.parameters is None


def test_a_history_without_seconds(tmp_path, corpus):
    folder = write_run(tmp_path, "classical", sure(answers()), corpus)
    (folder / "folds" / "fold_1" / "result.json").write_text('{"history": [], "summary": {}}')
    assert find_runs([tmp_path]).runs[0].seconds is None


def test_runs_on_the_same_data_share_their_speakers(results, monkeypatch):
    read = []
    original = runs.read_manifest
    monkeypatch.setattr(runs, "read_manifest", lambda path: read.append(path) or original(path))
    find_runs([results])
    assert len(read) == 1


def test_runs_that_are_not_finished(tmp_path, corpus):
    begun = write_run(tmp_path, "full", sure(answers()), corpus)
    (begun / "metrics.json").unlink()
    (tmp_path / "wise" / "toy" / "loso" / "seed_1").mkdir(parents=True)
    found = find_runs([tmp_path])
    assert {left.place.system: left.reason for left in found.incomplete} == {
        "full": "not finished",
        "wise": "not begun",
    }
    assert not found.runs and not found.not_applicable


def test_a_run_is_not_hidden_by_an_old_reason(tmp_path, corpus):
    folder = write_run(tmp_path, "mcaf", sure(answers()), corpus)
    (folder / "not_applicable.json").write_text('{"reason": "old"}')
    assert len(find_runs([tmp_path]).runs) == 1


def test_other_folders_are_passed_by(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus)
    write_not_applicable(tmp_path / ".hidden", "wise", "no")
    (tmp_path / "sweep" / "logs").mkdir(parents=True)
    (tmp_path / "full" / "toy" / "loso" / "seeds.json").write_text("{}")
    assert len(find_runs([tmp_path]).places()) == 1


def test_a_path_that_does_not_exist(tmp_path):
    with pytest.raises(EvaluationError, match=r"nowhere: there is no such folder; give the results that train\.py"):
        find_runs([tmp_path / "nowhere"])


def test_no_run_at_all(tmp_path):
    with pytest.raises(EvaluationError, match=r"holds no run folder \(<system>/<corpus>/<protocol>/seed_<n>\)"):
        find_runs([tmp_path])


def test_a_run_that_lies_elsewhere(tmp_path, corpus):
    folder = write_run(tmp_path, "full", sure(answers()), corpus)
    shutil.move(folder, tmp_path / "moved")
    with pytest.raises(EvaluationError, match=r"moved: holds a run, but does not lie as <system>/.*move it back"):
        find_runs([tmp_path])


def test_a_place_needs_three_folders_above():
    with pytest.raises(EvaluationError, match="does not lie as"):
        Place.of(Path("/loso/seed_1"))


def test_a_copy_that_pretends_to_be_a_seed(tmp_path, corpus):
    folder = write_run(tmp_path, "full", sure(answers()), corpus)
    shutil.copytree(folder, folder.parent / "seed_2")
    with pytest.raises(
        EvaluationError, match=r"seed_2/predictions\.csv: is of the seed 1, but the folder's name says 2"
    ):
        find_runs([tmp_path])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "".join(text.splitlines(keepends=True)[:-1]),
        lambda text: text.replace("1,angry,angry", "1,angry,sad", 1),
    ],
)
def test_predictions_that_are_not_those_of_the_metrics(tmp_path, corpus, change):
    file = write_run(tmp_path, "full", sure(answers()), corpus) / "predictions.csv"
    file.write_text(change(file.read_text()))
    with pytest.raises(EvaluationError, match=r"predictions.csv: its \d+ predictions are not the 40 that metrics"):
        find_runs([tmp_path])


def test_damaged_json(tmp_path, corpus):
    folder = write_run(tmp_path, "full", sure(answers()), corpus)
    (folder / "metrics.json").write_text('{"folds": [')
    with pytest.raises(EvaluationError, match=r"metrics\.json: is damaged .*; delete the folder and run again"):
        find_runs([tmp_path])


def test_json_of_another_version(tmp_path, corpus):
    folder = write_run(tmp_path, "full", sure(answers()), corpus)
    run = json.loads((folder / "run.json").read_text())
    del run["manifest"]
    (folder / "run.json").write_text(json.dumps(run))
    with pytest.raises(EvaluationError, match=r"seed_1: its JSON files are damaged or of another version .*manifest"):
        find_runs([tmp_path])


def test_runs_with_the_same_audio_share_what_is_known_of_it(tmp_path, corpus):
    """Their files are compared as bytes, and each distinct one is taken apart once."""
    heard = {"u000": "1f", "u001": "2e"}
    for system in ("full", "wise"):
        write_run(tmp_path, system, sure(answers()), corpus, audio=heard)
    write_run(tmp_path, "mdre", sure(answers()), corpus, audio=heard | {"u001": "3d"})
    write_run(tmp_path, "mha2", sure(answers()), corpus)
    found = {run.place.system: run.audio for run in find_runs([tmp_path]).runs}
    assert found["full"] is found["wise"] and found["full"] == heard
    assert found["mdre"] == {"u000": "1f", "u001": "3d"} and found["mha2"] == {}


@pytest.mark.parametrize(("text", "told"), [('{"u0', r"audio\.json: is damaged"), ("[]", "of another version")])
def test_damaged_audio_hashes(tmp_path, corpus, text, told):
    folder = write_run(tmp_path, "full", sure(answers()), corpus)
    (folder / "audio.json").write_text(text)
    with pytest.raises(EvaluationError, match=told):
        find_runs([tmp_path])
