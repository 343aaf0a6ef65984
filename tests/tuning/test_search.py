"""Studies: what is found, what is kept, and what happens when something goes wrong."""

import time
from pathlib import Path

import pytest
from hyperpyyaml import load_hyperpyyaml

from mtser.cli import main
from mtser.configuration import Hyperparameters
from tests.tuning.studies import Study

pytest.importorskip("optuna")


def test_the_best_trial_becomes_a_yaml_of_its_own(tmp_path: Path) -> None:
    study = Study(tmp_path, "x: {low: 0.1, high: 0.9}\ny: [1, 2]\n")
    ended = study(trials=6)
    assert ended.code == 0, ended.err
    rows = study.trials()
    assert [row["state"] for row in rows] == ["done"] * 6
    assert (rows[0]["x"], rows[0]["y"]) == ("0.3", "1")  # the YAML as it is comes first
    best = max(rows, key=lambda row: float(row["dev"]))
    assert all(float(row["dev"]) == pytest.approx(float(row["x"]), abs=1e-5) for row in rows)
    with (study.folder / "best.yaml").open() as file:
        found = load_hyperpyyaml(file)
    assert (found["system"], str(found["x"]), str(found["y"])) == ("toy_best", best["x"], best["y"])
    assert found["tuned"].startswith("The settings of toy_best were chosen on the dev parts of mini under loso")
    header = (study.folder / "best.yaml").read_text()
    assert "too good" in header and f"trial {best['trial']} of 6" in header
    assert {"history.png", "importance.png", "study.db"} <= {file.name for file in study.folder.iterdir()}
    assert f"Best: trial {best['trial']}" in ended.out and "no test part" not in ended.err


def test_it_has_the_values_that_its_trial_had(tmp_path: Path) -> None:
    """Those of the command line and of --settings also count in a block that is searched."""
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(f"!new:torch.nn.Dropout\np: 0.1\ninplace: {name == 'b'}\n")
    (tmp_path / "calm.yaml").write_text("other.p: 0.2\n")
    study = Study(tmp_path, "layer: [a.yaml, b.yaml]\nother: [a.yaml, b.yaml]\n")
    block = "!new:torch.nn.Dropout {p: 0.5}"
    ended = study("--layer.p", "0.3", "--settings", tmp_path / "calm.yaml", trials=1, layer=block, other=block)
    assert ended.code == 0, ended.err
    with (study.folder / "best.yaml").open() as file:
        found = load_hyperpyyaml(file)
    assert (found["layer"].p, found["other"].p) == (0.3, 0.2)


def test_when_two_trials_are_refused_alike_no_other_is_tried(tmp_path: Path) -> None:
    """They are one system with other values."""
    study = Study(tmp_path)
    study(trials=5, behave="refuse")
    assert [line.split()[1] for line in study.journal.read_text().splitlines()] == ["start", "start"]


@pytest.mark.parametrize(("options", "told"), [({"n_folds": 1}, ""), ({"tuned": "Before."}, "Before. The settings of")])
def test_figures_that_are_too_good_are_told_by_the_file(tmp_path: Path, options: dict, told: str) -> None:
    study = Study(tmp_path)
    assert study(trials=1, **options).code == 0
    notes = Hyperparameters(study.folder / "best.yaml").notes()
    assert bool(notes) == bool(told) and all(note.startswith(told) and "too good" in note for note in notes)
    words = study.arguments("--nested", trials=1)
    words[1] = str(study.folder / "best.yaml")
    words[words.index("--study_folder") + 1] = str(tmp_path / "again")
    assert main(words) == 0
    inner = Hyperparameters(tmp_path / "again" / "fold_1" / "best.yaml").notes()
    assert inner == notes  # a search that leaks nothing adds nothing, and what was true is still true


@pytest.mark.parametrize(
    ("space", "is_told"), [("x: {low: 0.1, high: 0.9}", True), ("x: {low: 0.4, high: 0.9}", False)]
)
def test_the_yaml_as_it_is(tmp_path: Path, space: str, is_told: bool) -> None:
    ended = Study(tmp_path, space)(trials=4)
    assert ended.code == 0 and ("Trial 0, the YAML as it is: 0.300" in ended.out) == is_told
    assert ("Trial 0" in ended.out) == is_told


def test_every_trial_looks_at_dev_alone(tmp_path: Path) -> None:
    study = Study(tmp_path)
    assert study(trials=2).code == 0
    logs = sorted((study.folder / "trials" / "sweep").rglob("*.log"))
    assert len(logs) == 2 and all("--dev_only" in log.read_text().splitlines()[0] for log in logs)


def test_the_same_command_does_nothing_and_more_trials_go_on(tmp_path: Path) -> None:
    study = Study(tmp_path)
    assert study(trials=3).code == 0
    before = study.trials()
    assert study(trials=3).code == 0
    assert len(study.events("start")) == 3 and study.trials() == before
    assert study(trials=5).code == 0
    assert len(study.events("start")) == 5 and study.trials()[:3] == before
    assert len({row["x"] for row in study.trials()}) == 5  # it does not draw again what it drew before


def test_a_small_space_is_tried_out(tmp_path: Path) -> None:
    study = Study(tmp_path, "x: {low: 0.1, high: 0.5, step: 0.2}\ny: [1, 2]\n")
    assert study(trials=2).code == 0  # drawn: the second may be like the first
    ended = study(trials=20)
    assert ended.code == 0 and "all 6 settings" in ended.out, ended.err
    rows = study.trials()
    assert {(row["x"], row["y"]) for row in rows} == {(x, y) for x in ("0.1", "0.3", "0.5") for y in ("1", "2")}
    assert (rows[0]["x"], rows[0]["y"]) == ("0.3", "1")  # the YAML as it is comes first
    assert study(trials=20).code == 0 and len(study.events("start")) == 6


def test_in_a_small_space_what_the_yaml_is_like_comes_first(tmp_path: Path) -> None:
    study = Study(tmp_path, "x: [0.1, 0.2]\ny: [2, 1]\n")  # its x of 0.3 is not searched
    assert study(trials=4).code == 0
    assert [row["y"] for row in study.trials()] == ["1", "1", "2", "2"]


def test_settings_that_come_again_are_not_trained_again(tmp_path: Path) -> None:
    study = Study(tmp_path, "x: [0.1, 0.2, 0.3, 0.4, 0.5]\ny: [1, 2]\n")
    ended = study(trials=9)  # one fewer than there are settings
    assert ended.code == 0, ended.err
    rows = study.trials()
    again = [row for row in rows if row["reason"]]
    assert again, "no settings came again: else this test tells nothing"
    for row in again:
        twin = rows[int(row["reason"].removesuffix(".").rsplit(" ", 1)[1])]
        assert (twin["x"], twin["y"], twin["dev"], twin["reason"]) == (row["x"], row["y"], row["dev"], "")
        assert (row["state"], row["seconds"]) == ("done", "0")
    assert len(study.events("start")) == len(rows) - len(again)
    assert study(trials=9).code == 0 and study.trials() == rows


def test_a_bad_trial_stops_nothing(tmp_path: Path) -> None:
    study = Study(tmp_path, "behave: [crash, '']\nx: {low: 0.1, high: 0.9}\n")
    ended = study(trials=8, behave="''")
    rows = study.trials()
    assert len(rows) == 8 and {row["state"] for row in rows} == {"done", "failed"}
    assert ended.code == 1 and "the weights" in ended.out
    assert all("the weights" in row["reason"] for row in rows if row["state"] == "failed")
    assert (study.folder / "best.yaml").is_file()


def test_a_study_that_is_killed_goes_on_in_the_middle_of_a_trial(tmp_path: Path) -> None:
    study = Study(tmp_path)
    options = {"number_of_epochs": 6, "epoch_seconds": 0.3}
    process = study.process(trials=3, **options)
    end = time.monotonic() + 60
    while len(study.events("epoch")) < 15 and time.monotonic() < end:  # in the second trial
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert 15 <= len(study.events("epoch")) < 30
    ended = study(trials=3, **options)
    assert ended.code == 0 and "Warning" not in ended.err, ended.err
    assert [row["state"] for row in study.trials()] == ["done"] * 3
    assert len(study.events("epoch")) <= 3 * 2 * 6 + 1  # nothing but the epoch that was killed is done again
    assert len({name for name, _ in study.events("epoch")}) == 3


def test_a_trial_that_falls_behind_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtser.tuning.pruning.WARM_UP", 3)
    study = Study(tmp_path)
    ended = study(trials=12, number_of_epochs=8, epoch_seconds=0.25, n_folds=1)
    assert ended.code == 0, ended.err
    rows = study.trials()
    pruned = [row for row in rows if row["state"] == "pruned"]
    assert pruned and "pruned" in ended.out
    for row in pruned:
        before = [float(one["x"]) for one in rows[: int(row["trial"])]]
        assert float(row["x"]) < max(before) and not row["dev"]
    best = max(rows, key=lambda row: float(row["x"]))
    assert best["state"] == "done"
    (tmp_path / "kept").mkdir()
    kept = Study(tmp_path / "kept")
    assert kept("--pruning", "none", trials=7, n_folds=1).code == 0
    assert {row["state"] for row in kept.trials()} == {"done"}


def test_when_a_trial_is_looked_at_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial that ended before it was seen to fall behind is pruned, as it is if it takes longer."""
    monkeypatch.setattr("mtser.tuning.pruning.WARM_UP", 3)
    found = []
    for name, every in (("never", 1e6), ("often", 0.0)):
        monkeypatch.setattr("mtser.tuning.scheduler._EVERY", every)
        (tmp_path / name).mkdir()
        study = Study(tmp_path / name)
        assert study(trials=10, number_of_epochs=8, epoch_seconds=0.02, n_folds=1).code == 0
        found.append([(row["x"], row["state"], row["dev"]) for row in study.trials()])
    assert found[0] == found[1] and "pruned" in {state for _, state, _ in found[0]}


def test_a_study_of_something_else_is_refused(tmp_path: Path) -> None:
    study = Study(tmp_path)
    assert study(trials=1).code == 0
    ended = study(trials=2, number_of_epochs=3)
    assert ended.code == 2 and "holds the study of something else (settings differs)" in ended.err
    assert len(study.events("start")) == 1


@pytest.mark.parametrize(
    ("space", "options", "sentence"),
    [
        ("xx: [1, 2]", (), "the nearest is --x"),
        ("x: 3", (), "neither a list of choices nor a range"),
        ("x: [1, 2]", ("--x", "1"), "searches it, too"),
        ("x: [1, 2]", ("--run_name", "n"), "--run_name names the run of --nested; a search is named by --study_folder"),
        ("seed: [1, 2]", (), "seed cannot be searched: all trials have the first of --seeds"),
        ("training.select_by: [ua, likelihood]", (), "trials are compared by one measure"),
        ("y: [1, 2]\nx: {low: 0.1, high: 0.9, if: {y: 3}}", (), "'if' wants y to be 3, which the space never tries"),
        ("x: [1, 2]", ("--nested", "--folds", "1"), "--folds leaves out folds"),
        ("max_words: [1, 2]", ("--nested",), "max_words cannot be searched with --nested"),
        ("x: [1, 2]", ("--protocol", "losso"), "losso"),
    ],
)
def test_what_cannot_be_is_told_before_a_trial_is_started(
    tmp_path: Path, space: str, options: tuple[str, ...], sentence: str
) -> None:
    study = Study(tmp_path, space)
    ended = study(*options)
    assert ended.code == 2 and sentence in ended.err and not study.events("start"), ended.err


def test_nested_each_fold_has_a_study_and_one_run_has_all_settings(tmp_path: Path) -> None:
    study = Study(tmp_path)
    ended = study("--nested", "--seeds", "1,2", trials=2)
    assert ended.code == 0, ended.err
    for number in (1, 2):
        logs = list((study.folder / f"fold_{number}" / "trials" / "sweep").rglob("*.log"))
        assert len(logs) == 2 and all(f"--dev_only --inner {number}" in log.read_text() for log in logs)
    told = (study.folder / "fold_settings.json").read_text()
    for number in (1, 2):
        best = max(study.trials(f"fold_{number}"), key=lambda row: float(row["dev"]))
        assert f'"x": "{best["x"]}"' in told
    runs = sorted((tmp_path / "results" / "toy_nested_2").glob("*/loso/seed_*/metrics.json"))
    assert len(runs) == 2
    log = next((tmp_path / "results" / "sweep" / "toy_nested_2").rglob("seed_2.log")).read_text()
    assert "--fold_settings" in log and "--dev_only" not in log
    assert study("--nested", trials=3).code == 0  # the search goes on, and its run is another one
    assert len(list((tmp_path / "results" / "toy_nested_3").glob("*/loso/seed_1/metrics.json"))) == 1


def test_nested_with_fewer_trials_chooses_among_these(tmp_path: Path) -> None:
    study = Study(tmp_path)
    assert study("--nested", trials=2).code == 0
    settings = (study.folder / "fold_settings.json").read_text()
    assert study("--nested", trials=6).code == 0
    longer = (study.folder / "fold_settings.json").read_text()
    assert longer != settings, "the search found something better: else this test tells nothing"
    assert study("--nested", trials=2).code == 0
    assert (study.folder / "fold_settings.json").read_text() == settings
    assert study("--nested", trials=6).code == 0
    assert (study.folder / "fold_settings.json").read_text() == longer


def test_a_damaged_study_is_one_sentence(tmp_path: Path) -> None:
    study = Study(tmp_path)
    study.folder.mkdir()
    (study.folder / "study.db").write_bytes(b"no database" * 100)
    ended = study()
    assert ended.code == 2 and "study.db: is damaged" in ended.err and "Traceback" not in ended.err


def test_a_yaml_that_names_no_system(tmp_path: Path) -> None:
    study = Study(tmp_path)
    arguments = study.arguments(trials=1)
    file = tmp_path / "toy.yaml"
    file.write_text(file.read_text().replace("system: toy\n", ""))
    assert main(arguments) == 0
    assert "system: toy_best" in (study.folder / "best.yaml").read_text()


def test_another_nested_study_does_not_take_its_place(tmp_path: Path) -> None:
    study = Study(tmp_path)
    assert study("--nested", trials=1).code == 0
    (study.folder / "fold_settings.json").unlink()  # as of a study in another folder
    before = len(study.events("start"))
    ended = study("--nested", trials=1)
    assert ended.code == 2 and "toy_nested_1" in ended.err and "give another --run_name" in ended.err
    assert len(study.events("start")) == before
    assert study("--nested", "--run_name", "other", trials=1).code == 0
    assert list((tmp_path / "results" / "other").glob("*/loso/seed_1/metrics.json"))


def test_a_corpus_that_cannot_be_used_ends_the_search(tmp_path: Path) -> None:
    study = Study(tmp_path)
    ended = study(trials=4, behave="not_applicable")
    assert ended.code == 2 and "nothing can be searched: the corpus has no attributes." in ended.err
    assert len(study.events("start")) == 1
    assert study(trials=2, behave="''").code == 2  # another YAML is another study
    assert "differ" in study(trials=2, behave="''").err


def test_several_trials_at_once(tmp_path: Path) -> None:
    study = Study(tmp_path, jobs=3)
    ended = study(trials=6, meet=2)
    assert ended.code == 0 and ended.err.count("Warning") == 0, ended.err
    rows = study.trials()
    assert [row["state"] for row in rows] == ["done"] * 6
    assert all(float(row["dev"]) == pytest.approx(float(row["x"]), abs=1e-5) for row in rows)


@pytest.mark.parametrize("text", ["# of what it is\n{yaml}", "# of what it is\n\n# and more\n\n{yaml}", "{yaml}"])
def test_the_best_yaml_is_whole_whatever_its_header(tmp_path: Path, text: str) -> None:
    study = Study(tmp_path)
    arguments = study.arguments(trials=1)
    file = tmp_path / "toy.yaml"
    file.write_text(text.format(yaml=file.read_text()))
    assert main(arguments) == 0
    with (study.folder / "best.yaml").open() as best:
        assert {"system", "seed", "number_of_epochs", "x", "y"} <= load_hyperpyyaml(best).keys()
    assert "of what it is" not in (study.folder / "best.yaml").read_text()
