"""A trained run on another corpus: ``mtser evaluate``."""

import contextlib
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mtser.cli import main
from mtser.corpora.emodb import read_emodb
from mtser.corpora.manifest import read_manifest
from mtser.devices import processor_name
from mtser.evaluation import Predictions
from mtser.training import run_recipe
from tests.helpers.small_emodb import write_small_emodb
from tests.training.recipe import HPARAMS, Ended
from tests.training.tiny_corpus import write_tiny_corpus

CLASSES = ("angry", "happy", "sad", "neutral")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two corpora, a cache, and a run of three folds on the one."""
    root = tmp_path_factory.mktemp("evaluate")
    write_small_emodb(root / "emodb", speakers=("03", "08", "09"))
    write_tiny_corpus(root / "tiny", per_class=1, sessions=2)
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.setenv("MTSER_CACHE", str(root / "cache"))
        command = [str(HPARAMS / "full.yaml"), "--data_folder", str(root / "emodb"), "--number_of_epochs", "2"]
        assert run_recipe(read_emodb, arguments=[*command, "--output_folder", str(root / "results")]) == 0
    return root


@pytest.fixture(autouse=True)
def _cache(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTSER_CACHE", str(place / "cache"))


@pytest.fixture
def run_folder(place: Path, tmp_path: Path) -> Path:
    """A copy of the run that may be changed."""
    run = "results/full/emodb/lospo/seed_1"
    return shutil.copytree(place / run, tmp_path / run)


def evaluate(run: Path, *options: object) -> Ended:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["evaluate", str(run), *map(str, options)])
    return Ended(code, out.getvalue(), err.getvalue())


def on_tiny(place: Path) -> list[object]:
    return ["--corpus", "tiny:iemocap", "--data_folder", place / "tiny"]


def test_the_whole_corpus_by_the_mean_of_the_models(place: Path, run_folder: Path) -> None:
    ended = evaluate(run_folder, *on_tiny(place))
    assert ended.code == 0, ended.err
    out = run_folder / "evaluations" / "tiny"
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["system"], metrics["corpus"], metrics["protocol"]) == ("full", "emodb_to_tiny", "evaluation")
    assert (metrics["n_utterances"], metrics["n_speakers"], metrics["models"]) == (16, 4, 3)
    together = Predictions.read(out / "predictions.csv")
    each = [Predictions.read(path) for path in sorted(out.glob("folds/*/predictions.csv"))]
    assert [one.fold_names() for one in each] == [("speaker_03",), ("speaker_08",), ("speaker_09",)]
    assert all(one.utterances == together.utterances for one in each)
    mean = np.mean([one.probabilities.astype(np.float64) for one in each], axis=0)
    np.testing.assert_allclose(together.probabilities, mean, atol=1e-6)
    np.testing.assert_array_equal(together.prediction, mean.argmax(1))
    truth = {one.id: one.emotion for one in read_manifest(out / "manifest.json")}
    assert [CLASSES[number] for number in together.truth] == [truth[id] for id in together.utterances]
    assert np.trace(metrics["pooled"]["confusion"]) == (together.truth == together.prediction).sum()
    assert [fold["wa"] for fold in metrics["folds"]] == [float((one.truth == one.prediction).mean()) for one in each]
    report = (out / "report.md").read_text()
    assert "the models of 3 folds together" in report and "mean ± std over models" in report
    assert "Trained on emodb under lospo" in report and "Tested is speech in en, trained on is speech in de" in report
    assert f"| cpu | {processor_name('cpu')} |" in report or not processor_name("cpu")
    assert (out / "confusion.png").is_file() and "mean ± std over 3 models" in ended.out


def test_a_run_that_was_moved_says_what_it_was_trained_on(place: Path, run_folder: Path) -> None:
    moved = shutil.move(run_folder, run_folder.parents[4] / "handed_on")
    assert evaluate(moved, *on_tiny(place)).code == 0
    metrics = json.loads((moved / "evaluations" / "tiny" / "metrics.json").read_text())
    assert (metrics["system"], metrics["corpus"]) == ("full", "emodb_to_tiny")
    assert metrics["notes"][0].startswith("Trained on emodb under lospo; every utterance is judged by")


def test_the_same_numbers_as_training_on_the_held_out_part(place: Path, run_folder: Path) -> None:
    ended = evaluate(run_folder, "--corpus", "emodb", "--data_folder", place / "emodb", "--fold", "speaker_08")
    assert ended.code == 0, ended.err
    out = run_folder / "evaluations" / "emodb_speaker_08"
    found, trained = (
        Predictions.read(folder / "predictions.csv") for folder in (out, run_folder / "folds" / "speaker_08")
    )
    assert found.utterances == trained.utterances and len(found) == 8
    np.testing.assert_allclose(found.probabilities, trained.probabilities, atol=1e-5)
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["skipped"] == {"trained on": 16}
    assert any("16 utterances were left out, since the run was trained on them" in text for text in metrics["warnings"])


def test_a_run_of_the_classical_reference_is_judged_alike(place: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        options = ["--data_folder", str(place / "emodb"), "--audio_encoder", "null", "--model.strengths", "[1.0]"]
        command = [str(HPARAMS / "classical.yaml"), *options, "--output_folder", str(place / "results")]
        assert run_recipe(read_emodb, arguments=command) == 0
    run = place / "results/classical/emodb/lospo/seed_1"
    assert evaluate(run, "--corpus", "emodb", "--data_folder", place / "emodb", "--fold", "speaker_08").code == 0
    found, trained = (
        Predictions.read(folder / "predictions.csv")
        for folder in (run / "evaluations" / "emodb_speaker_08", run / "folds" / "speaker_08")
    )
    np.testing.assert_allclose(found.probabilities, trained.probabilities, atol=1e-6)
    assert evaluate(run, *on_tiny(place)).code == 0
    metrics = json.loads((run / "evaluations" / "tiny" / "metrics.json").read_text())
    assert metrics["models"] == 3 and "the models of speaker_03, speaker_08, speaker_09." in metrics["notes"][0]


def test_a_corpus_that_was_trained_on_is_refused_whatever_it_is_called(
    place: Path, run_folder: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(place / "emodb", tmp_path / "moved")
    said = evaluate(run_folder, "--corpus", "other:emodb", "--data_folder", copy).sentence
    assert f"24 of its 24 utterances are what {run_folder} was trained on" in said
    assert "report.md" in said and "--fold (speaker_03, speaker_08, speaker_09)" in said
    (run_folder / "audio.json").unlink()  # of a run that kept no hashes
    assert "24 of its 24" in evaluate(run_folder, "--corpus", "other:emodb", "--data_folder", copy).sentence
    assert not (run_folder / "evaluations").exists()


def test_a_few_known_files_are_left_out(place: Path, run_folder: Path, tmp_path: Path) -> None:
    corpus = write_small_emodb(tmp_path / "new", speakers=("11", "12"))
    for take in "ab":
        name = f"11a01W{take}.wav"
        shutil.copy(place / "emodb" / "wav" / f"03a01F{take}.wav", corpus / "wav" / name)
    assert evaluate(run_folder, "--corpus", "new:emodb", "--data_folder", corpus).code == 0
    metrics = json.loads((run_folder / "evaluations/new/metrics.json").read_text())
    assert metrics["n_utterances"] == 14 and metrics["skipped"] == {"trained on": 2}


def test_classes_that_the_corpus_lacks_and_options_of_its_reader(place: Path, run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text("classes: [sad, happy]\ncorpora: {tiny: {sad: sad, hap: happy}}\n")
    (tmp_path / "corpora.yaml").write_text(f"tiny: {{reader: iemocap, data_folder: {place / 'tiny'}}}\n")
    options = ["--corpora", tmp_path / "corpora.yaml", "--class_map", tmp_path / "two.yaml", "--out", tmp_path / "out"]
    ended = evaluate(run_folder, "--corpus", "tiny", *options, "--unaligned", "even", "--jobs", "1")
    assert ended.code == 0, ended.err
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["classes"] == list(CLASSES) and metrics["n_utterances"] == 8
    assert metrics["pooled"]["recall"]["angry"] is None
    assert any("No tested utterance is angry, neutral: UA and macro F1 are over the other" in w for w in metrics["warnings"])  # noqa: E501  # fmt: skip


def test_models_that_are_missing_are_said(place: Path, run_folder: Path) -> None:
    (run_folder / "folds" / "speaker_09" / "result.json").unlink()
    assert evaluate(run_folder, *on_tiny(place)).code == 0
    metrics = json.loads((run_folder / "evaluations/tiny/metrics.json").read_text())
    assert metrics["models"] == 2
    assert "The run is not finished: the models of speaker_09 are missing." in metrics["warnings"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--corpus", "emodb"], "--data_folder is missing: where does the corpus emodb lie?"),
        (["--corpus", "emodd", "--data_folder", "."], "no reader 'emodd'; the nearest is 'emodb'"),
        (["--corpus", "emodb", "--data_folder", "."], "holds no audio in wav/"),
        (["--corpus", "emodb", "--data_folder", ".", "--fold", "speaker_99"], "has no fold 'speaker_99'"),
        (["--corpus", "emodb", "--data_folder", ".", "--unalined", "even"], "its reader has no option 'unalined'"),
        (["--corpus", "emodb", "--data_folder", ".", "--unaligned"], "--unaligned needs a value"),
        (["--corpus", "emodb", "--data_folder", ".", "--jobs", "0"], "'0' is no whole number from 1 on"),
        (["--corpus", "emodb", "--data_folder", ".", "--device", "cuda:99"], "--device cuda:99 cannot be used"),
    ],
)
def test_what_is_refused(options: list[str], said: str, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: E501  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert said in evaluate(run_folder, *options).sentence


def test_classes_that_the_run_does_not_know(place: Path, run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("classes: [sad, calm]\ncorpora: {iemocap: {sad: sad, neu: calm}}\n")
    said = evaluate(run_folder, *on_tiny(place), "--class_map", tmp_path / "more.yaml").sentence
    assert "its classes are angry, happy, sad, neutral, but" in said and "more.yaml has calm" in said
    assert "give a class map whose classes are those of the run: --class_map FILE" in said


def test_a_table_whose_labels_are_the_classes_of_the_run(place: Path, run_folder: Path, tmp_path: Path) -> None:
    wavs = sorted((place / "tiny").rglob("*.wav"))[:5]
    rows = [f"{wav},{label},OH NO" for wav, label in zip(wavs, (*CLASSES, "bored"), strict=True)]
    (tmp_path / "table.csv").write_text("\n".join(["file,label,text", *rows]) + "\n")
    options = ["--corpus", "mine:custom", "--data_folder", tmp_path / "table.csv", "--alignment", "even"]
    assert evaluate(run_folder, *options).code == 0
    metrics = json.loads((run_folder / "evaluations/mine/metrics.json").read_text())
    assert metrics["n_utterances"] == 4 and metrics["skipped"] == {"label not among the classes": 1}


def test_a_table_that_lacks_classes_of_the_run(place: Path, run_folder: Path, tmp_path: Path) -> None:
    wavs = sorted((place / "tiny").rglob("*.wav"))[:2]
    rows = [f"{wav},{label},OH NO" for wav, label in zip(wavs, ("sad", "bored"), strict=True)]
    (tmp_path / "table.csv").write_text("\n".join(["file,label,text", *rows]) + "\n")
    options = ["--corpus", "mine:custom", "--data_folder", tmp_path / "table.csv", "--alignment", "even"]
    assert evaluate(run_folder, *options).code == 0
    metrics = json.loads((run_folder / "evaluations/mine/metrics.json").read_text())
    assert metrics["classes"] == list(CLASSES) and metrics["n_utterances"] == 1
    assert "No label of it is angry, happy, neutral." in metrics["warnings"]
    (tmp_path / "table.csv").write_text(f"file,label,text\n{wavs[0]},bored,OH NO\n")
    said = evaluate(run_folder, *options).sentence
    assert "none of its classes (bored) is called as one of the model's (angry, happy" in said and "--class_map" in said


def test_what_another_command_has_written_is_never_overwritten(place: Path, run_folder: Path, tmp_path: Path) -> None:
    options = ["--out", tmp_path / "out"]
    assert evaluate(run_folder, *on_tiny(place), *options).code == 0
    assert evaluate(run_folder, *on_tiny(place), *options).code == 0  # the same once more
    assert len(list((tmp_path / "out" / "folds").iterdir())) == 3
    said = evaluate(run_folder, *on_tiny(place), *options, "--fold", "speaker_03").sentence
    assert "holds another evaluation (fold was None, is speaker_03); give another --out" in said
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "report.md").write_text("my own words")
    said = evaluate(run_folder, *on_tiny(place), "--out", tmp_path / "mine").sentence
    assert "report.md: mtser evaluate has not written it" in said
    (tmp_path / "out" / "evaluation.json").unlink()  # as it was before there were notes
    assert evaluate(run_folder, *on_tiny(place), *options).code == 0
    assert evaluate(run_folder, *on_tiny(place)[:1], "other:iemocap", *on_tiny(place)[2:], *options).code == 2


def test_a_run_is_never_overwritten(place: Path, run_folder: Path) -> None:
    assert "is the folder of a run" in evaluate(run_folder, *on_tiny(place), "--out", run_folder).sentence


def test_no_run(place: Path, tmp_path: Path) -> None:
    assert "there is no such folder" in evaluate(tmp_path / "nothing", *on_tiny(place)).sentence
