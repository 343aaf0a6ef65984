"""A run is skipped only if all that its result depends on is as it was."""

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mtser.sweep.notes import NOT_APPLICABLE, Notes
from mtser.sweep.outcome import Kind, Outcome
from mtser.sweep.run import Run
from mtser.training import run_folder
from tests.sweep.boards import write


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that is done, on a corpus of one file."""
    write(tmp_path / "corpus/Session1/a.wav", "sound")
    write(tmp_path / "vectors.txt", "1 2 3")
    write(tmp_path / "train.py", "")
    command = ("python", "train.py", "full.yaml", "--protocol", "loso", "--vectors", str(tmp_path / "vectors.txt"))
    made = Run("full", "corpus", "loso", 1, tmp_path / "results", command, {"size": 3})
    write(made.folder / "run.json", json.dumps({"hyperparameters": {"size": 3, "seed": 1}}))
    write(made.folder / "folds/session_1/result.json", "{}")
    write(made.folder / "metrics.json", json.dumps({"folds": [{"name": "session_1"}]}))
    for name in ("predictions.csv", "report.md", "manifest.json"):
        write(made.folder / name, "something")
    return made


def notes(tmp_path: Path) -> Notes:
    return Notes(tmp_path / "train.py", [tmp_path / "corpus"], tmp_path / "results")


def note(notes: Notes, run: Run, kind: Kind = "done") -> None:
    """What a sweep does when a run is started, and when it has ended."""
    notes.begin(run)
    notes.write(run, Outcome(kind, "" if kind == "done" else "no."))


def test_a_run_that_is_done(run: Run, tmp_path: Path) -> None:
    assert notes(tmp_path).ended(run) is None
    note(notes(tmp_path), run)
    assert notes(tmp_path).ended(run) == Outcome("done", skipped=True)


def test_a_run_that_is_not_applicable(run: Run, tmp_path: Path) -> None:
    (run.folder / "run.json").unlink()
    write(run.folder / NOT_APPLICABLE, '{"reason": "no dialogs."}')
    note(notes(tmp_path), run, "not applicable")
    assert notes(tmp_path).ended(run) == Outcome("not applicable", "no dialogs.", skipped=True)
    (run.folder / NOT_APPLICABLE).unlink()
    assert notes(tmp_path).ended(run) is None


def test_a_run_that_failed(run: Run, tmp_path: Path) -> None:
    note(notes(tmp_path), run, "failed")
    assert not run.note.exists()


def test_what_was_done_before_is_not_the_result_of_what_is_not_applicable(run: Run, tmp_path: Path) -> None:
    note(notes(tmp_path), run, "not applicable")  # train.py leaves what is there alone
    assert notes(tmp_path).ended(run) is None


CHANGES: dict[str, Callable[[Run, Path], object]] = {
    "a new file in the corpus": lambda run, tmp: write(tmp / "corpus/Session1/b.wav", "sound"),
    "a changed file in the corpus": lambda run, tmp: write(tmp / "corpus/Session1/a.wav", "silence"),
    "a file of another time": lambda run, tmp: os.utime(tmp / "corpus/Session1/a.wav", (1, 1)),
    "a missing file": lambda run, tmp: (tmp / "corpus/Session1/a.wav").unlink(),
    "another recipe": lambda run, tmp: write(tmp / "train.py", "pass"),
    "a reader beside the recipe": lambda run, tmp: write(tmp / "my_package/corpus.py", "pass"),
    "other vectors": lambda run, tmp: write(tmp / "vectors.txt", "1 2 3 4"),
    "another run in the folder": lambda run, tmp: write(run.folder / "run.json", '{"size": 4}'),
    "no run in the folder": lambda run, tmp: (run.folder / "run.json").unlink(),
    "no metrics": lambda run, tmp: (run.folder / "metrics.json").unlink(),
    "damaged metrics": lambda run, tmp: write(run.folder / "metrics.json", "{"),
    "no predictions": lambda run, tmp: (run.folder / "predictions.csv").unlink(),
    "other predictions": lambda run, tmp: write(run.folder / "predictions.csv", "anything!"),
    "no report": lambda run, tmp: (run.folder / "report.md").unlink(),
    "an empty manifest": lambda run, tmp: write(run.folder / "manifest.json", ""),
    "a missing fold": lambda run, tmp: (run.folder / "folds/session_1/result.json").unlink(),
    "a damaged note": lambda run, tmp: write(run.note, "{"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_on_the_disk(run: Run, tmp_path: Path, change: str) -> None:
    note(notes(tmp_path), run)
    CHANGES[change](run, tmp_path)
    assert notes(tmp_path).ended(run) is None


@pytest.mark.parametrize(
    "changed",
    [{"settings": {"size": 4}}, {"settings": {"size": 3, "new": 1}}, {"command": ("a", "b", "c", "--folds", "1")}],
)
def test_another_request(run: Run, tmp_path: Path, changed: dict) -> None:
    note(notes(tmp_path), run)
    assert notes(tmp_path).ended(dataclasses.replace(run, **changed)) is None


def trained_with(run: Run, file: str = "run.json", **settings: object) -> None:
    told = json.loads((run.folder / file).read_text())
    write(run.folder / file, json.dumps(told | {"hyperparameters": settings}))


@pytest.mark.parametrize(
    ("settings", "differs"),
    [
        ({"size": 4, "seed": 1}, "size was 3, is 4"),
        ({"seed": 1}, "size was 3, is not there"),
        ({"size": 3, "new": "a" * 50}, "new was not there, is " + "a" * 39 + "…"),
        (
            {"a": 1, "b": 1, "c": 1},
            "size was 3, is not there; a was not there, is 1; b was not there, is 1; and 1 more",
        ),
    ],
)
def test_what_was_trained_otherwise_is_not_noted(run: Run, tmp_path: Path, settings: dict, differs: str) -> None:
    """The process read the YAML after it was changed."""
    trained_with(run, **settings)
    note(notes(tmp_path), run)
    assert not run.note.exists()
    told = notes(tmp_path).trained_otherwise(run, "done")
    assert f"than was planned ({differs})" in told and str(run.folder) in told


def test_a_note_of_what_was_trained_otherwise_counts_for_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_with(run, size=4, seed=1)
    with monkeypatch.context() as patch:
        patch.setattr(Notes, "trained_otherwise", lambda *_: "")
        note(notes(tmp_path), run)
    assert run.note.exists() and notes(tmp_path).ended(run) is None


def test_what_training_puts_in_is_not_compared(run: Run, tmp_path: Path) -> None:
    named = dataclasses.replace(run, left_open=frozenset({"seed", "n_classes", "head.size"}), settings={"size": 3})
    trained_with(run, size=3, seed=7, n_classes=2, **{"head.size": 2})
    assert notes(tmp_path).trained_otherwise(named, "done") == ""
    write(run.folder / "run.json", "{}")  # of a recipe that does not tell
    assert notes(tmp_path).trained_otherwise(named, "done") == ""


def test_what_was_not_applicable_otherwise_is_not_noted(run: Run, tmp_path: Path) -> None:
    (run.folder / "run.json").unlink()
    write(run.folder / NOT_APPLICABLE, '{"reason": "no dialogs."}')
    trained_with(run, NOT_APPLICABLE, size=4)
    note(notes(tmp_path), run, "not applicable")
    assert not run.note.exists()


@pytest.mark.parametrize("change", ["other vectors", "another recipe"])
def test_what_changed_while_a_run_was_on_makes_no_note(run: Run, tmp_path: Path, change: str) -> None:
    of_sweep = notes(tmp_path)
    of_sweep.begin(run)
    CHANGES[change](run, tmp_path)
    of_sweep.write(run, Outcome("done"))
    assert not run.note.exists()


def test_runs_of_dev_parts_alone_have_no_predictions(run: Run, tmp_path: Path) -> None:
    for name in ("predictions.csv", "report.md"):
        (run.folder / name).unlink()
    write(run.folder / "metrics.json", json.dumps({"part": "dev", "folds": [{"name": "session_1"}]}))
    note(notes(tmp_path), run)
    assert notes(tmp_path).ended(run) == Outcome("done", skipped=True)


def test_attributes_are_there_where_the_metrics_have_them(run: Run, tmp_path: Path) -> None:
    write(run.folder / "metrics.json", json.dumps({"attributes": {}, "folds": [{"name": "session_1"}]}))
    note(notes(tmp_path), run)
    assert notes(tmp_path).ended(run) is None
    write(run.folder / "attributes.csv", "something")
    assert notes(tmp_path).ended(run) == Outcome("done", skipped=True)


def test_where_python_and_the_results_lie_does_not_matter(run: Run, tmp_path: Path) -> None:
    moved = dataclasses.replace(
        run, output_folder=tmp_path / "moved", command=("/other/python", "./train.py", *run.command[2:])
    )
    note(notes(tmp_path), run)
    run.output_folder.rename(moved.output_folder)
    assert notes(tmp_path).ended(moved) == Outcome("done", skipped=True)


def test_another_corpus_of_the_same_name(run: Run, tmp_path: Path) -> None:
    note(notes(tmp_path), run)
    write(tmp_path / "other/corpus/Session1/a.wav", "other")
    for corpora in ([tmp_path / "other/corpus"], []):
        assert Notes(tmp_path / "train.py", corpora, tmp_path / "results").ended(run) is None


def test_of_a_table_the_folder_around_it_counts(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "corpus/table.csv", "file,label")
    table = Notes(tmp_path / "train.py", [tmp_path / "corpus/table.csv"], tmp_path / "results")
    note(table, run)
    assert table.ended(run) is not None
    write(tmp_path / "corpus/Session1/a.wav", "silence")
    assert Notes(tmp_path / "train.py", [tmp_path / "corpus/table.csv"], tmp_path / "results").ended(run) is None


def test_results_and_caches_in_the_corpus_are_no_part_of_it(run: Run, tmp_path: Path) -> None:
    inside = dataclasses.replace(
        run,
        output_folder=tmp_path / "corpus/results",
        command=(*run.command, "--cache_folder", str(tmp_path / "cache"), "--output_folder=corpus/results"),
    )
    run.output_folder.rename(inside.output_folder)

    def notes_now() -> Notes:
        return Notes(tmp_path / "train.py", [tmp_path / "corpus"], tmp_path / "corpus/results")

    note(notes_now(), inside)
    write(tmp_path / "corpus/results/mha2/new.csv", "new")
    write(tmp_path / "cache/new.bin", "new")
    assert notes_now().ended(inside) is not None


@pytest.mark.parametrize("words", [["--aligner", "grids"], ["--aligner=grids"], ["--aligner=./grids"]])
def test_files_that_the_command_names(
    run: Run, tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "grids/a.TextGrid", "before")
    asked = dataclasses.replace(run, command=(*run.command, *words))
    note(notes(tmp_path), asked)
    assert notes(tmp_path).ended(asked) is not None
    write(tmp_path / "grids/a.TextGrid", "and after")
    assert notes(tmp_path).ended(asked) is None


def test_results_below_the_folder_that_the_command_names(run: Run, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    inside = dataclasses.replace(
        run, output_folder=corpus / "results", command=(*run.command, "--data_folder", str(corpus))
    )
    run.output_folder.rename(inside.output_folder)
    note(Notes(tmp_path / "train.py", [corpus], corpus / "results"), inside)
    write(corpus / "results/mha2/new.csv", "new")
    assert Notes(tmp_path / "train.py", [corpus], corpus / "results").ended(inside) is not None


@pytest.mark.parametrize("value", ["!new:" + "my_package.blocks." * 40, "a.\0b"])
def test_values_that_cannot_be_files(run: Run, tmp_path: Path, value: str) -> None:
    long = dataclasses.replace(run, settings={"model.fusion": value})
    trained_with(long, **{"model.fusion": value})
    note(notes(tmp_path), long)
    assert notes(tmp_path).ended(long) is not None


def test_folders_that_hold_themselves(run: Run, tmp_path: Path) -> None:
    (tmp_path / "corpus/again").symlink_to(tmp_path / "corpus")
    note(notes(tmp_path), run)
    assert notes(tmp_path).ended(run) is not None


def test_links_are_followed(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/b.wav", "sound")
    (tmp_path / "corpus/Session2").symlink_to(tmp_path / "elsewhere")
    note(notes(tmp_path), run)
    write(tmp_path / "elsewhere/b.wav", "silence")
    assert notes(tmp_path).ended(run) is None


def test_the_file_has_the_name_that_training_gives_it() -> None:
    assert NOT_APPLICABLE == run_folder.NOT_APPLICABLE
