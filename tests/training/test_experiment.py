"""From a corpus on disk to the run folder."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hyperpyyaml import load_hyperpyyaml
from speechbrain.dataio.dataset import DynamicItemDataset
from speechbrain.utils.checkpoints import Checkpointer
from speechbrain.utils.distributed import infer_device

from mtser.corpora.iemocap import read_iemocap
from mtser.devices import processor_name
from mtser.errors import MtserError
from mtser.training.protocols import make_folds
from tests.corpora.iemocap_writer import IemocapWriter
from tests.training.rated_corpus import rate
from tests.training.recipe import HPARAMS, Ended, Recipe, files_below, half_written
from tests.training.tiny_corpus import add, write_noise

CLASSES = ["angry", "happy", "sad", "neutral"]
RUN_FILES = {
    "audio.json",
    "confusion.png",
    "curves.png",
    "environment.json",
    "folds.json",
    "hyperparams.yaml",
    "manifest.json",
    "metrics.json",
    "predictions.csv",
    "report.md",
    "run.json",
    "skipped.csv",
}


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as stream:
        return list(csv.DictReader(stream))


def probabilities(run: Path, fold: str = "session_1") -> dict[str, list[str]]:
    rows = rows_of(run / "folds" / fold / "predictions.csv")
    return {row["utterance"]: [row[f"p_{name}"] for name in CLASSES] for row in rows}


def weights(run: Path, fold: str = "session_1") -> dict[str, torch.Tensor]:
    """Those of the last epoch."""
    folders = (run / "folds" / fold / "checkpoints").iterdir()
    newest = max(folders, key=lambda folder: len(json.loads((folder / "progress.ckpt").read_text())))
    return torch.load(newest / "model.ckpt", weights_only=True)


def equal(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


@pytest.fixture(scope="module")
def finished(tiny_corpus: Path, tmp_path_factory: pytest.TempPathFactory, _shared_cache: Path) -> tuple[Recipe, Ended]:
    """All folds of one run, on a corpus of which one utterance cannot be used; not to be changed."""
    corpus = shutil.copytree(tiny_corpus, tmp_path_factory.mktemp("finished") / "corpus")
    (IemocapWriter(corpus).wav("Ses02F_impro01_M000")).write_bytes(b"")
    recipe = Recipe(corpus, tmp_path_factory.mktemp("finished_results"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTSER_CACHE", str(_shared_cache))
        ended = recipe(folds=None)
    assert ended.code == 0, ended.err
    return recipe, ended


def test_the_files_of_a_run(finished: tuple[Recipe, Ended]) -> None:
    run = finished[0].seed_folder()
    assert {path.name for path in run.iterdir() if path.is_file()} == RUN_FILES
    assert {path.name for path in run.iterdir() if path.is_dir()} == {"folds"}
    assert sorted(path.name for path in (run / "folds").iterdir()) == [f"session_{n}" for n in range(1, 6)]
    for fold in (run / "folds").iterdir():
        assert {path.name for path in fold.iterdir()} == {
            "assets",
            "checkpoints",
            "log.csv",
            "predictions.csv",
            "result.json",
            "tensorboard",
        }
        assert [row["epoch"] for row in rows_of(fold / "log.csv")] == ["1"]
    environment = json.loads((run / "environment.json").read_text())
    device = infer_device()
    assert environment.get("cpu" if device == "cpu" else "gpu", "") == processor_name(device)
    assert half_written(finished[0].output_folder) == []


def test_the_screen_says_what_was_done(finished: tuple[Recipe, Ended]) -> None:
    shown = finished[1].out
    for part in ("79 utterances", "Left out  1: empty audio 1", "loso: 5 folds; seed 1", "WA", "UA", "recall"):
        assert part in shown
    assert all(f"fold {n}/5 session_{n}" in shown for n in range(1, 6))
    assert str(finished[0].seed_folder()) in shown


def test_predictions_and_metrics_agree(finished: tuple[Recipe, Ended]) -> None:
    run = finished[0].seed_folder()
    rows = rows_of(run / "predictions.csv")
    assert list(rows[0]) == ["utterance", "fold", "seed", "truth", "prediction", *(f"p_{name}" for name in CLASSES)]
    corpus = read_iemocap(finished[0].data_folder, progress=False)
    assert {row["utterance"]: row["truth"] for row in rows} == {one.id: one.emotion for one in corpus.utterances}
    assert len(rows) == 79
    for row in rows:
        shares = np.array([float(row[f"p_{name}"]) for name in CLASSES])
        assert shares.sum() == pytest.approx(1, abs=1e-5) and CLASSES[int(shares.argmax())] == row["prediction"]
        assert row["fold"] == f"session_{int(row['utterance'][3:5])}" and row["seed"] == "1"

    def measures(rows: list[dict[str, str]]) -> tuple[float, float]:
        right = [row["truth"] == row["prediction"] for row in rows]
        recalls = [np.mean([ok for ok, row in zip(right, rows, strict=True) if row["truth"] == k]) for k in CLASSES]
        return float(np.mean(right)), float(np.mean(recalls))

    metrics = json.loads((run / "metrics.json").read_text())
    assert (metrics["pooled"]["wa"], metrics["pooled"]["ua"]) == pytest.approx(measures(rows))
    low, high = metrics["pooled"]["ua_ci95"]
    assert 0 <= low <= metrics["pooled"]["ua"] <= high <= 1
    for fold in metrics["folds"]:
        expected = measures([row for row in rows if row["fold"] == fold["name"]])
        assert (fold["wa"], fold["ua"]) == pytest.approx(expected)
    assert (metrics["protocol"], metrics["n_utterances"], metrics["n_skipped"]) == ("loso", 79, 1)
    assert (metrics["system"], metrics["corpus"], metrics["seed"]) == ("full", "tiny", 1)


def test_the_manifest_the_folds_and_what_was_skipped(finished: tuple[Recipe, Ended]) -> None:
    run = finished[0].seed_folder()
    corpus = read_iemocap(finished[0].data_folder, progress=False)
    dataset = DynamicItemDataset.from_json(run / "manifest.json", output_keys=["id", "emotion", "speaker", "words"])
    assert {one["id"]: one["emotion"] for one in dataset} == {one.id: one.emotion for one in corpus.utterances}
    assert json.loads((run / "folds.json").read_text())["folds"] == make_folds(corpus, "loso").to_dict()["folds"]
    assert [(row["utterance"], row["reason"]) for row in rows_of(run / "skipped.csv")] == [
        ("Ses02F_impro01_M000", "empty audio")
    ]


def test_the_saved_yaml_builds_the_model_of_the_checkpoint(finished: tuple[Recipe, Ended]) -> None:
    run = finished[0].seed_folder()
    with (run / "hyperparams.yaml").open() as stream:
        loaded = load_hyperpyyaml(stream)
    model = loaded["model"]
    model.load_assets(run / "folds" / "session_1" / "assets")
    model.load_state_dict(weights(run))
    checkpoint = Checkpointer(run / "folds" / "session_1" / "checkpoints").find_checkpoint()
    assert checkpoint is not None and checkpoint.meta["epoch"] == 1
    assert (loaded["seed"], loaded["n_classes"], loaded["number_of_epochs"]) == (1, 4, 1)


def test_the_same_command_prints_the_result_and_changes_no_file(finished: tuple[Recipe, Ended]) -> None:
    recipe, first = finished
    before = files_below(recipe.output_folder)
    again = recipe(folds=None)
    assert again.code == 0 and again.out.split("fold 1/5")[1] == first.out.split("fold 1/5")[1]
    assert files_below(recipe.output_folder) == before


def test_a_finished_run_is_shown_where_nothing_can_be_written(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise MtserError(f"{path}: cannot be written (Read-only file system).")

    first = recipe()
    monkeypatch.setattr("mtser.files.write_atomically", refuse)
    again = recipe()
    assert again.code == 0 and again.out.split("fold 1/5")[1] == first.out.split("fold 1/5")[1]
    (recipe.seed_folder() / "report.md").unlink()
    assert "predictions.csv: cannot be written (Read-only file system)" in recipe().sentence


def test_a_report_that_cannot_be_written_to_its_end_is_told(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise MtserError(f"{path}: cannot be written (No space left on device).")

    with monkeypatch.context() as patch:
        patch.setattr("mtser.evaluation.report.draw_confusion", refuse)
        assert "confusion.png: cannot be written (No space left" in recipe().sentence
    assert recipe().code == 0 and (recipe.seed_folder() / "report.md").is_file()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--batch_size", "8"], "batch_size was 64, is 8"),
        (["--interaction", "blocks/fusion/mean_pooling.yaml"], "interaction! was !new:mtser"),
        (["--precision", "bf16"], "precision was fp32, is bf16"),
        (["--max_grad_norm", "1"], "max_grad_norm was not there, is 1.0"),
        (["--unaligned", "even", "--label_map", "{ang: angry, sad: sad}"], "n_classes was 4, is 2"),
    ],
)
def test_another_command_for_the_same_folder_is_refused(
    finished: tuple[Recipe, Ended], options: list[str], told: str
) -> None:
    recipe = finished[0]
    before = files_below(recipe.output_folder)
    sentence = recipe(*options).sentence
    assert "holds another run" in sentence and told in sentence and "--run_name" in sentence
    assert files_below(recipe.output_folder) == before


def test_the_report_tells_what_limits_cut(recipe: Recipe) -> None:
    assert recipe("--max_words", "1", "--audio_encoder.features.max_frames", "3").code == 0
    run = recipe.seed_folder()
    cut = json.loads((run / "metrics.json").read_text())["cut"]
    of_audio = ["audio: words longer than max_frames", "audio: frames behind max_frames"]
    assert list(cut) == ["utterances to their first 1 words", *of_audio]
    assert all(n > 0 for n in cut.values())
    report = (run / "report.md").read_text()
    assert all(f"Cut: {n} {what}." in report for what, n in cut.items())


def test_a_changed_corpus_is_refused(finished: tuple[Recipe, Ended], tmp_path: Path) -> None:
    recipe = finished[0]
    corpus = shutil.copytree(recipe.data_folder, tmp_path / "corpus")
    add(IemocapWriter(corpus), "Ses01F_impro01_F090", "sad", "NO")
    sentence = recipe("--data_folder", str(corpus)).sentence
    assert "the corpus's manifest was " in sentence and "the folds was " in sentence


def test_other_sound_under_the_same_names_is_refused(recipe: Recipe, own_corpus: Path) -> None:
    assert recipe("--data_folder", str(own_corpus)).code == 0
    write_noise(IemocapWriter(own_corpus).wav("Ses02F_impro01_F000"), 150, seed=9)
    sentence = recipe("--data_folder", str(own_corpus), "--folds", "2").sentence
    assert "the audio files of 1 utterances have changed since this run was begun" in sentence and "Ses02F_" in sentence
    assert [one.name for one in (recipe.seed_folder() / "folds").iterdir()] == ["session_1"]


def test_a_file_that_changed_since_the_first_fold_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    """Else the other folds would be trained with something else, under one name."""
    vectors, text_only = tmp_path / "v.txt", Recipe(recipe.data_folder, recipe.output_folder, "text_only")
    numbers = " ".join(["0.1"] * 100)
    vectors.write_text(f"it {numbers}\n")
    options = ("--text_encoder.vectors", str(vectors))
    assert text_only(*options).code == 0
    before = vectors.read_bytes()
    vectors.write_text(f"it {numbers.replace('0.1', '0.2')}\n")
    assert f"{vectors}, which a setting of this run names, has changed" in text_only(*options, "--folds", "2").sentence
    assert [one.name for one in (text_only.seed_folder() / "folds").iterdir()] == ["session_1"]
    vectors.write_bytes(before)
    assert text_only(*options, "--folds", "2").code == 0


def test_folds_of_nobody_knows_what_are_refused(recipe: Recipe) -> None:
    assert recipe().code == 0
    (recipe.seed_folder() / "run.json").unlink()
    assert "holds folds of a run, but no run.json" in recipe("--batch_size", "7").sentence
    assert not (recipe.seed_folder() / "run.json").exists()


@pytest.mark.parametrize("history", ["3", "[3]", '"abc"', "null"])
def test_a_damaged_result_is_a_sentence(recipe: Recipe, history: str) -> None:
    assert recipe().code == 0
    (recipe.seed_folder() / "folds" / "session_1" / "result.json").write_text(
        f'{{"history": {history}, "summary": {{}}}}'
    )
    assert "result.json: is damaged (" in recipe().sentence


def test_a_fold_file_and_a_changed_one(recipe: Recipe, tmp_path: Path) -> None:
    folds = make_folds(read_iemocap(recipe.data_folder, progress=False), "loso").to_dict()
    own = {"protocol": "mine", "folds": [{**folds["folds"][0], "name": "one"}]}
    (tmp_path / "mine.json").write_text(json.dumps(own))
    assert recipe("--folds_file", str(tmp_path / "mine.json"), folds=None).code == 0
    run = recipe.seed_folder(protocol="mine")
    assert [fold.name for fold in (run / "folds").iterdir()] == ["one"]
    assert json.loads((run / "metrics.json").read_text())["protocol"] == "mine"
    own["folds"][0]["train"] = own["folds"][0]["train"][1:]
    (tmp_path / "mine.json").write_text(json.dumps(own))
    assert "(the folds was " in recipe("--folds_file", str(tmp_path / "mine.json"), folds=None).sentence


def test_some_folds_then_all_are_the_same_as_all_at_once(finished: tuple[Recipe, Ended], tmp_path: Path) -> None:
    whole = finished[0]
    parts = Recipe(whole.data_folder, tmp_path / "results")
    first = parts("--folds", "3,1")
    assert first.code == 0 and "Only 2 of 5 folds were run (session_1, session_3)" in first.out
    metrics = json.loads((parts.seed_folder() / "metrics.json").read_text())
    assert metrics["folds_missing"] == ["session_2", "session_4", "session_5"]
    assert parts(folds=None).code == 0
    for name in ("predictions.csv", "folds.json", "manifest.json", "hyperparams.yaml", "run.json"):
        assert (parts.seed_folder() / name).read_bytes() == (whole.seed_folder() / name).read_bytes(), name
    again, all_at_once = (
        json.loads((folder / "metrics.json").read_text()) for folder in (parts.seed_folder(), whole.seed_folder())
    )
    assert again == all_at_once


def test_several_seeds_have_a_summary(recipe: Recipe) -> None:
    ended = recipe("--seeds", "2,1", "--run_name", "mine")
    assert ended.code == 0
    parent = recipe.seed_folder(system="mine").parent
    assert {path.name for path in parent.iterdir()} == {"seed_1", "seed_2", "seeds.json", "seeds.md"}
    summary = json.loads((parent / "seeds.json").read_text())
    uas = [json.loads((parent / f"seed_{seed}" / "metrics.json").read_text())["pooled"]["ua"] for seed in (1, 2)]
    assert summary["seeds"] == [1, 2] and [one["ua"] for one in summary["per_seed"]] == uas
    assert summary["over_seeds"]["ua"]["mean"] == pytest.approx(np.mean(uas))
    assert not equal(weights(parent / "seed_1"), weights(parent / "seed_2"))
    for seed in (1, 2):
        with (parent / f"seed_{seed}" / "hyperparams.yaml").open() as stream:
            assert load_hyperpyyaml(stream)["seed"] == seed
    # one of them alone is the same run
    before = files_below(parent / "seed_2")
    assert recipe("--seed", "2", "--run_name", "mine").code == 0
    after = files_below(parent / "seed_2")
    assert [name for name in after if after[name] != before.get(name)] == ["report.md"]  # which holds the command


@pytest.mark.parametrize(
    ("protocol", "fold", "n_folds"),
    [
        ("lospo", "speaker_1F", 10),
        ("random_5fold", "random_1", 5),
        ("loso_script_disjoint", "session_1", 5),
        ("impro_only", "session_1", 5),
    ],
)
def test_every_protocol(recipe: Recipe, protocol: str, fold: str, n_folds: int) -> None:
    ended = recipe("--protocol", protocol)
    assert ended.code == 0, ended.err
    run = recipe.seed_folder(protocol=protocol)
    folds = json.loads((run / "folds.json").read_text())
    assert (folds["protocol"], len(folds["folds"])) == (protocol, n_folds)
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["protocol"] == protocol and [one["name"] for one in metrics["folds"]] == [fold]
    tested = {row["utterance"] for row in rows_of(run / "predictions.csv")}
    assert tested == set(folds["folds"][0]["test"])
    if protocol == "loso_script_disjoint":
        assert metrics["n_removed"] > 0
    if protocol == "random_5fold":
        assert any("leak" in warning for warning in metrics["warnings"]) and "leak" in ended.out


def relabel(corpus: Path, session: int) -> None:
    """Give every utterance of a session another label."""
    other = {"ang": "hap", "hap": "sad", "sad": "neu", "neu": "ang"}
    for file in (corpus / f"Session{session}" / "dialog" / "EmoEvaluation").glob("*.txt"):
        lines = [line.split("\t") for line in file.read_text().split("\n")]
        for cells in lines:
            if len(cells) == 4:
                cells[2] = other[cells[2]]
        file.write_text("\n".join("\t".join(cells) for cells in lines))


def test_labels_of_the_test_part_change_no_probability(recipe: Recipe, own_corpus: Path, tmp_path: Path) -> None:
    changed = Recipe(own_corpus, tmp_path / "changed")
    relabel(own_corpus, session=1)
    for each in (recipe, changed):
        assert each("--number_of_epochs", "2").code == 0
    assert probabilities(changed.seed_folder()) == probabilities(recipe.seed_folder())
    truths = [[row["truth"] for row in rows_of(each.seed_folder() / "predictions.csv")] for each in (recipe, changed)]
    assert all(old != new for old, new in zip(*truths, strict=True))


def test_words_and_audio_of_the_test_part_change_no_weight(recipe: Recipe, own_corpus: Path, tmp_path: Path) -> None:
    writer, changed = IemocapWriter(own_corpus), Recipe(own_corpus, tmp_path / "changed")
    for file in (own_corpus / "Session1" / "sentences" / "ForcedAlignment").rglob("*.wdseg"):
        file.write_text(file.read_text().replace("SAID1", "ELSEWHERE").replace("STOP", "LATE"))
    for number, file in enumerate((own_corpus / "Session1" / "sentences" / "wav").rglob("*.wav")):
        write_noise(file, 900, seed=number + 1)
    shutil.rmtree(writer.wav("Ses01F_impro01_M000").parents[1] / "Ses01F_script01_1")  # fewer of them, too
    for each in (recipe, changed):
        assert each("--number_of_epochs", "2").code == 0
    old, new = recipe.seed_folder(), changed.seed_folder()
    assert len(probabilities(new)) == 8 and len(probabilities(old)) == 16
    assert all(probabilities(old)[id] != shares for id, shares in probabilities(new).items())
    assert equal(weights(old), weights(new))
    vocabulary = "folds/session_1/assets/text/vocabulary.json"
    assert (old / vocabulary).read_bytes() == (new / vocabulary).read_bytes()
    logs = [rows_of(run / "folds" / "session_1" / "log.csv") for run in (old, new)]
    assert [[{**row, "seconds": 0} for row in log] for log in logs][0] == [{**row, "seconds": 0} for row in logs[1]]


def test_what_stands_in_the_training_part_does_change_weights(recipe: Recipe, own_corpus: Path, tmp_path: Path) -> None:
    """So that the two tests above say something."""
    relabel(own_corpus, session=3)
    changed = Recipe(own_corpus, tmp_path / "changed")
    for each in (recipe, changed):
        assert each().code == 0
    assert not equal(weights(recipe.seed_folder()), weights(changed.seed_folder()))


def test_an_exception_between_epochs_and_the_same_command_again(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at the end of every epoch in turn; see test_resume.py for other moments and real kills."""
    options = ["--number_of_epochs", "4", "--training.patience", "3", "--batch_size", "16"]
    assert recipe(*options).code == 0
    broken = Recipe(recipe.data_folder, tmp_path / "broken")
    seen: list[int] = []

    def die(bar: object, fold: object, row: dict) -> None:
        seen.append(row["epoch"])
        if row["epoch"] == max(seen) and seen.count(row["epoch"]) == 1:
            raise MtserError(f"killed in epoch {row['epoch']}.")

    n_epochs = len(rows_of(recipe.seed_folder() / "folds" / "session_1" / "log.csv"))
    with monkeypatch.context() as patch:
        patch.setattr("mtser.training.display._Bar.epoch", die)
        for epoch in range(1, n_epochs + 1):
            assert broken(*options).sentence == f"killed in epoch {epoch}."
    assert broken(*options).code == 0
    one, other = (each.seed_folder() / "predictions.csv" for each in (recipe, broken))
    assert one.read_bytes() == other.read_bytes()
    logs = [rows_of(each.seed_folder() / "folds" / "session_1" / "log.csv") for each in (recipe, broken)]
    assert [{**row, "seconds": 0} for row in logs[0]] == [{**row, "seconds": 0} for row in logs[1]]


@pytest.mark.parametrize("system", sorted({file.stem for file in HPARAMS.glob("*.yaml")} - {"full"}))
def test_every_other_system(recipe: Recipe, own_corpus: Path, system: str) -> None:
    rate(own_corpus)
    each = Recipe(own_corpus, recipe.output_folder, system)
    ended = each()
    assert ended.code == 0, ended.err
    assert json.loads((each.seed_folder() / "metrics.json").read_text())["system"] == system


@pytest.mark.parametrize(
    "options",
    [
        ["--interaction", "blocks/fusion/mean_pooling.yaml"],
        ["--text_encoder", "blocks/text/subwords.yaml", "--text_encoder.tokenizer.size", "60"],
        ["--audio_encoder.features", "blocks/features/mfcc_torch.yaml", "--transformer.share", "[q, k, v]"],
        ["--precision", "bf16", "--eval_precision", "bf16"],
        ["--grad_accumulation_factor", "2", "--batch_size", "10", "--training.loss.class_weights", "balanced"],
    ],
    ids=["pooling", "subwords", "torch_mfcc", "bf16", "accumulation"],
)
def test_blocks_and_options_on_the_command_line(recipe: Recipe, options: list[str]) -> None:
    ended = recipe(*options)
    assert ended.code == 0, ended.err
