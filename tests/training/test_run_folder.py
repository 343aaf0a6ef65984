"""What a run folder holds, and when it is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mtser.corpora.corpus import Corpus
from mtser.errors import ConfigError, MtserError
from mtser.files import write_atomically
from mtser.training.folds import Folds
from mtser.training.protocols import make_folds
from mtser.training.run_folder import RunFolder, command_line
from tests.helpers.leftovers import leftover
from tests.helpers.synthetic import EMOTIONS, said
from tests.training.recipe import files_below

CORPUS = Corpus(
    "toy", Path("/toy"), EMOTIONS, tuple(said("oh", f"{s}_{e}", s, e) for s in ("1F", "1M", "2F") for e in EMOTIONS)
)
FOLDS = make_folds(CORPUS, "lospo")
FLAT = {"seed": 1, "transformer.share": ["q", "k"], "interaction!": "!new:mtser.fusion.CoAttention"}
OPTIONS = {"precision": "fp32", "grad_accumulation_factor": 1}


def begin(folder: Path, **changed: object) -> RunFolder:
    given = {"flat": FLAT, "corpus": CORPUS, "folds": FOLDS, "options": OPTIONS, **changed}
    run = RunFolder(folder)
    run.begin("seed: 1\n", **given)  # type: ignore[arg-type]
    return run


def test_what_a_run_begins_with_is_written(tmp_path: Path) -> None:
    begin(tmp_path / "run")
    assert sorted(files_below(tmp_path / "run")) == [
        "audio.json",
        "environment.json",
        "folds.json",
        "hyperparams.yaml",
        "manifest.json",
        "run.json",
        "skipped.csv",
    ]
    assert (tmp_path / "run" / "hyperparams.yaml").read_text() == "seed: 1\n"
    environment = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert {"mtser", "python", "torch", "speechbrain", "platform", "threads"} <= environment.keys()


def test_the_same_run_goes_on_and_nothing_is_written(tmp_path: Path) -> None:
    begin(tmp_path)
    before = files_below(tmp_path)
    begin(tmp_path, flat=json.loads(json.dumps(FLAT)))
    assert files_below(tmp_path) == before


def test_an_empty_folder_of_a_fold_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "folds" / "1" / "checkpoints").mkdir(parents=True)  # of another process, or of a disk that was full
    begin(tmp_path)
    assert (tmp_path / "run.json").is_file()


OTHER_CORPUS = replace(CORPUS, utterances=(*CORPUS.utterances, said("no", "new", "1F")))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"flat": FLAT | {"seed": 2}}, "seed was 1, is 2"),
        ({"flat": FLAT | {"transformer.share": ["q"]}}, "transformer.share was ['q', 'k'], is ['q']"),
        ({"flat": FLAT | {"new": 3}}, "new was not there, is 3"),
        ({"flat": {"seed": 1}}, "transformer.share was ['q', 'k'], is not there"),
        ({"options": OPTIONS | {"precision": "bf16"}}, "precision was fp32, is bf16"),
        ({"options": OPTIONS | {"grad_accumulation_factor": 2}}, "grad_accumulation_factor was 1, is 2"),
        ({"corpus": OTHER_CORPUS}, "the corpus's manifest was "),
        ({"folds": Folds("lospo", FOLDS.folds[:1])}, "the folds was "),
    ],
)
def test_another_run_is_refused_and_what_differs_is_named(tmp_path: Path, changed: dict, told: str) -> None:
    begin(tmp_path)
    before = files_below(tmp_path)
    with pytest.raises(ConfigError) as caught:
        begin(tmp_path, **changed)
    assert str(caught.value).startswith(f"{tmp_path}: holds another run (") and told in str(caught.value)
    assert "--run_name" in str(caught.value)
    assert files_below(tmp_path) == before


def test_other_files_than_the_run_began_with_are_refused(tmp_path: Path) -> None:
    files = {"glove.txt": "0a", "faces.csv": "0b"}
    begin(tmp_path, files=files)
    begin(tmp_path, files=files)
    begin(tmp_path, files={"glove.txt": "0a"})  # a finished run is shown without them
    before = files_below(tmp_path)
    with pytest.raises(ConfigError) as caught:
        begin(tmp_path, files={"glove.txt": "0c", "faces.csv": "0b"})
    assert f"{tmp_path}: glove.txt, which a setting of this run names, has changed since it was begun. Put it" in str(
        caught.value
    )
    with pytest.raises(ConfigError, match="begun, and so has what 1 more settings name"):
        begin(tmp_path, files={"glove.txt": "0c", "faces.csv": "0c"})
    assert files_below(tmp_path) == before


def test_a_run_of_a_time_when_no_files_were_noted_goes_on(tmp_path: Path) -> None:
    begin(tmp_path)
    assert "files" not in json.loads((tmp_path / "run.json").read_text())
    begin(tmp_path, files={"glove.txt": "0a"})


def test_many_differences_are_counted(tmp_path: Path) -> None:
    begin(tmp_path, flat={f"name{number}": 1 for number in range(8)})
    with pytest.raises(ConfigError, match=r"name4 was 1, is 2; and 3 more\)"):
        begin(tmp_path, flat={f"name{number}": 2 for number in range(8)})


def test_a_beginning_that_was_killed_is_made_again(tmp_path: Path) -> None:
    begin(tmp_path)
    whole = files_below(tmp_path)
    (tmp_path / "run.json").unlink()  # the last one to be written
    (tmp_path / "folds.json").write_text("{")
    begin(tmp_path)
    assert files_below(tmp_path) == whole


def test_what_a_kill_left_half_written_is_removed(tmp_path: Path) -> None:
    run = begin(tmp_path)
    run.fold("session_1").mkdir(parents=True)
    before = files_below(tmp_path)
    leftover(tmp_path, "metrics.json")
    leftover(run.fold("session_1"), "log.csv")
    begin(tmp_path)
    assert files_below(tmp_path) == before


def test_what_another_process_writes_stays(tmp_path: Path) -> None:
    begin(tmp_path)
    write_atomically(tmp_path / "log.csv", lambda file: (file.write(b"whole"), begin(tmp_path)))
    assert (tmp_path / "log.csv").read_bytes() == b"whole"


def test_a_damaged_run_file_is_one_sentence(tmp_path: Path) -> None:
    begin(tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(ConfigError, match=r"run\.json: is damaged \(.*delete the folder and run again"):
        begin(tmp_path)


def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MtserError, match="cannot be written"):
        begin(tmp_path / "file" / "run")
    (tmp_path / "run" / "run.json").mkdir(parents=True)
    with pytest.raises(MtserError, match=r"run\.json: cannot be read"):
        begin(tmp_path / "run")


def test_the_environment_is_that_of_the_beginning(tmp_path: Path) -> None:
    run = begin(tmp_path)
    (tmp_path / "environment.json").write_text('{"torch": "1.0"}')
    assert run.environment() == {"torch": "1.0"}


def test_the_environment_names_what_trained_and_not_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--device cpu`` on a machine with a GPU."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda *_: "Some GPU")
    monkeypatch.setattr("mtser.devices.platform.processor", lambda: "Some processor")
    monkeypatch.setattr("mtser.devices.Path", lambda _: tmp_path / "no cpuinfo")
    on_cpu, on_gpu = (RunFolder(tmp_path / name, name).environment() for name in ("cpu", "cuda"))
    assert on_cpu["cpu"] == "Some processor" and "gpu" not in on_cpu
    assert on_gpu["gpu"] == "Some GPU" and "cpu" not in on_gpu
    monkeypatch.setattr("mtser.devices.platform.processor", lambda: "")
    assert not {"cpu", "gpu"} & RunFolder(tmp_path / "unknown", "cpu").environment().keys()


def test_the_command_can_be_pasted() -> None:
    assert command_line(["a.yaml", "--transformer.share", "[q, k]"]).endswith(" a.yaml --transformer.share '[q, k]'")
