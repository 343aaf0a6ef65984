"""Bad input: one sentence and exit code 2, or a skipped line with its reason, and nothing half-written."""

import csv
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.iemocap import read_iemocap
from mtser.features import TorchMFCC
from mtser.training import run_recipe
from mtser.training.run_folder import RunFolder
from tests.corpora.iemocap_writer import IemocapWriter
from tests.training.recipe import HPARAMS, Recipe, half_written
from tests.training.tiny_corpus import write_tiny_corpus


class OneIsBroken(TorchMFCC):
    """An extractor from elsewhere, which gives NaN for one file: the quietest."""

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "class": type(self).__name__}

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        features = super().extract(waveform)
        return features * np.nan if np.abs(waveform).max() < 0.05 else features


class AllAreBroken(OneIsBroken):
    """An extractor from elsewhere that never gives a number."""

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        return super().extract(waveform) * np.nan


BROKEN = "!new:tests.training.test_command_line.{} {{}}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data_folder", "{tmp}/nothing"], "nothing: no such folder; expected the root of the IEMOCAP release"),
        (["--data_folder", "{tmp}"], "expected the root of the IEMOCAP release"),
        (["--protocol", "losso"], "There is no protocol 'losso'; the nearest is 'loso'."),
        (["--protocol", "no.such.protocol"], "The protocol 'no.such.protocol' cannot be imported"),
        (["--folds", "9"], "loso has the folds 1 to 5; asked for was 9."),
        (["--folds_file", "{tmp}/nothing.json"], "nothing.json: there is no such file."),
        (["--folds_file", "x.json", "--protocol", "loso"], "--protocol and --folds_file are both given"),
        (["--unaligned", "maybe"], "unaligned is 'maybe'; choose 'drop' or 'even'."),
        (["--label_map", "{{happy: joy}}"], "label_map maps 'happy'"),
        (["--device", "tpu"], "--device tpu cannot be used"),
        (["--precision", "fp16", "--device", "cpu"], "fp16 needs a GPU; --precision bf16"),
        (["--eval_precision", "fp16", "--device", "cpu"], "fp16 needs a GPU"),
        (["--number_of_epochs", "0"], "number_of_epochs is 0; it has to be a whole number from 1 on."),
        (["--number_of_epochs", "ten"], "number_of_epochs is 'ten'; it has to be a whole number"),
        (["--batch_size", "0"], "batch_size is 0; it has to be a whole number from 1 on."),
        (["--max_words", "0"], "max_words is 0; it has to be a whole number from 1 on."),
        (["--training.patience", "0"], "patience is 0; it has to be a whole number from 1 on."),
        (["--training.penalty.l1", "x"], "l1 is 'x'; it has to be a number from 0 on."),
        (["--training.optimizer.lr", "x"], "the training's optimizer or schedule cannot be made"),
        (["--transformer.size", "51"], "not divisible by its 5 heads"),
        (["--joint.size", "90"], "MLPClassifier expects vectors of size 100, but they have size 90"),
        (["--classifier.hidden_size", "-1"], "negative dimension"),
        (["--interaction", "!new:no.such.Block {{}}"], "There is no such class as no.such.Block"),
        (["--interaction", "!new:mtser.fusion.CoAttention {{sise: 3}}"], "sise"),
        (["--training", "null"], "a system needs the keys model"),
        (["--text_encoder.vectors", "{tmp}/nothing.txt"], "nothing.txt: the word vectors cannot be read"),
        (["--audio_encoder.features.extractor", BROKEN.format("AllAreBroken").replace("{", "{{").replace("}", "}}")],
         "no utterance is left that has features; left out: non-finite features 80."),
        (["--cache_folder", "{tmp}/file/cache"], "cannot be written"),
        (["--output_folder", "{tmp}/file"], "cannot be written (Not a directory); choose another folder."),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_one_sentence(recipe: Recipe, tmp_path: Path, options: list[str], message: str) -> None:
    (tmp_path / "file").touch()
    sentence = recipe(*(option.format(tmp=tmp_path) for option in options)).sentence
    assert message in sentence
    assert half_written(tmp_path) == []
    assert not list(recipe.output_folder.rglob("result.json"))


def test_a_refused_value_does_not_stand_in_the_way_of_the_right_one(recipe: Recipe) -> None:
    for option, value in (("--training.optimizer.lr", "x"), ("--training.loss.class_weights", "[1, 2]")):
        assert "holds another run" not in recipe(option, value).sentence
    options = ("--folds", "1", "--number_of_epochs", "1")
    assert recipe(*options).code == 0
    assert "holds another run" in recipe(*options, "--training.optimizer.lr", "0.1").sentence  # and it is kept
    assert recipe(*options).code == 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there(recipe: Recipe) -> None:
    assert "--device cuda cannot be used: " in recipe("--device", "cuda").sentence
    assert not recipe.output_folder.exists()


def test_nothing_is_written_before_a_mistake_in_the_yaml_is_told(tmp_path: Path, cache: Path) -> None:
    empty = Recipe(tmp_path / "no_corpus", tmp_path / "results")
    assert "not divisible" in empty("--transformer.size", "51", "--cache_folder", str(tmp_path / "cache")).sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_protected(recipe: Recipe) -> None:
    recipe.output_folder.mkdir(mode=0o500)
    assert "cannot be written (Permission denied)" in recipe().sentence


def test_training_that_diverges(recipe: Recipe) -> None:
    options = ["--training.optimizer", "!name:torch.optim.SGD {lr: 1.0e+38}", "--training.clip_norm", "0"]
    assert "the loss is not a number any more in epoch 1; lower the learning rate" in recipe(*options).sentence
    assert not list(recipe.output_folder.rglob("CKPT*")) and half_written(recipe.output_folder) == []


def test_features_that_are_no_numbers_are_left_out_with_their_reason(own_corpus: Path, tmp_path: Path) -> None:
    writer, recipe = IemocapWriter(own_corpus), Recipe(own_corpus, tmp_path / "results")
    file = writer.wav("Ses03F_impro01_M000")
    soundfile.write(file, soundfile.read(file)[0] * 0.05, 16_000)
    ended = recipe("--audio_encoder.features.extractor", BROKEN.format("OneIsBroken"))
    assert ended.code == 0, ended.err
    assert "Left out  1: non-finite features 1" in ended.out
    with (recipe.seed_folder() / "skipped.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["utterance"], row["reason"]) for row in rows] == [("Ses03F_impro01_M000", "non-finite features")]
    assert "Ses03F_impro01_M000" in rows[0]["detail"]
    assert "Ses03F_impro01_M000" not in (recipe.seed_folder() / "folds.json").read_text()


def silence(corpus: Path, id: str = "*") -> None:
    for file in corpus.rglob(f"{id}.wav"):
        file.write_bytes(b"")


def relabel(corpus: Path, label: str, sessions: tuple[int, ...]) -> None:
    """Make the utterances with a label frustrated, which is no class."""
    for session in sessions:
        for file in (corpus / f"Session{session}" / "dialog" / "EmoEvaluation").glob("*.txt"):
            file.write_text(file.read_text().replace(f"\t{label}\t", "\tfru\t"))


def keep_sessions(corpus: Path, n: int) -> None:
    for number in range(n + 1, 6):
        shutil.rmtree(corpus / f"Session{number}")


@pytest.mark.parametrize(
    ("spoil", "options", "message"),
    [
        (lambda corpus: silence(corpus), [], "no usable utterance; left out were 80 × empty audio"),
        (lambda corpus: relabel(corpus, "sad", (3, 4, 5)), [], "fold session_1: no training utterance is sad"),
        (lambda corpus: relabel(corpus, "sad", (1, 2, 3, 4, 5)), [], "no training utterance is sad"),
    ],
    ids=["no audio", "class missing", "class nowhere"],
)
def test_a_corpus_that_cannot_be_used(
    own_corpus: Path, tmp_path: Path, spoil: Callable[[Path], None], options: list[str], message: str
) -> None:
    spoil(own_corpus)
    recipe = Recipe(own_corpus, tmp_path / "results")
    assert message in recipe(*options).sentence
    assert not recipe.output_folder.exists()


@pytest.mark.parametrize(
    ("n_sessions", "protocol", "message"),
    [
        (2, "loso", "It has 2 sessions (1, 2); train, dev and test need 3."),
        (1, "lospo", "It has 2 speakers (1F, 1M)"),
    ],
)
def test_a_protocol_that_the_corpus_cannot_feed_is_not_applicable(
    own_corpus: Path, tmp_path: Path, n_sessions: int, protocol: str, message: str
) -> None:
    keep_sessions(own_corpus, n_sessions)
    recipe = Recipe(own_corpus, tmp_path / "results")
    said = recipe("--protocol", protocol, "--seeds", "1,2").not_applicable
    assert message in said
    for seed in (1, 2):
        folder = recipe.seed_folder(seed, protocol)
        assert sorted(file.name for file in folder.iterdir()) == ["not_applicable.json", "skipped.csv"]
        told = json.loads((folder / "not_applicable.json").read_text())
        assert told["reason"] == said and told["hyperparameters"]["system"] == "full"


def test_what_was_left_out_is_said_where_too_little_is_left(own_corpus: Path, tmp_path: Path) -> None:
    for number in (2, 3, 4):
        shutil.rmtree(own_corpus / f"Session{number}" / "sentences" / "wav")
    recipe = Recipe(own_corpus, tmp_path / "results")
    ended = recipe()
    assert "It has 2 sessions (1, 5)" in ended.not_applicable and "Left out  48: no audio file 48" in ended.out
    with (recipe.seed_folder() / "skipped.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 48


def test_what_was_not_applicable_once_may_be_so_no_more(recipe: Recipe) -> None:
    corpus = read_iemocap(recipe.data_folder, progress=False)
    RunFolder(recipe.seed_folder()).not_applicable("it had no sessions", corpus, {"batch_size": 64})
    assert recipe().code == 0
    assert not (recipe.seed_folder() / "not_applicable.json").exists()
    RunFolder(recipe.seed_folder()).not_applicable(
        "its sessions are gone", corpus, {}
    )  # the results stay what they are
    assert not (recipe.seed_folder() / "not_applicable.json").exists()


def test_a_class_that_the_test_part_lacks_is_a_warning(own_corpus: Path, tmp_path: Path) -> None:
    relabel(own_corpus, "sad", (1,))
    recipe = Recipe(own_corpus, tmp_path / "results")
    ended = recipe()
    assert ended.code == 0, ended.err
    warning = "Fold session_1: no test utterance is sad; its UA is over the classes present."
    assert warning in ended.out and warning in (recipe.seed_folder() / "metrics.json").read_text()


def test_a_recipe_without_a_corpus(tmp_path: Path) -> None:
    recipe = Recipe(tmp_path, tmp_path / "results")
    arguments = recipe.command()
    at = arguments.index("--data_folder")
    del arguments[at : at + 2]
    asked: list[bool] = []

    def mini(*, progress: bool) -> Path:
        asked.append(progress)
        return write_tiny_corpus(tmp_path / "mini_corpus").root

    assert run_recipe(recipe.reader, arguments=arguments) == 2
    del arguments[arguments.index("--corpus_name") : arguments.index("--corpus_name") + 2]
    assert run_recipe(recipe.reader, mini_corpus=mini, arguments=arguments) == 0
    assert asked == [True] and (tmp_path / "results" / "full" / "mini" / "loso" / "seed_1" / "report.md").is_file()


def test_the_corpus_is_named_after_its_folder(own_corpus: Path, tmp_path: Path) -> None:
    arguments = Recipe(own_corpus, tmp_path / "results").command()
    del arguments[arguments.index("--corpus_name") : arguments.index("--corpus_name") + 2]
    assert run_recipe(Recipe.reader, arguments=arguments) == 0
    assert (tmp_path / "results" / "full" / "corpus" / "loso" / "seed_1" / "report.md").is_file()


def test_a_stopped_run_says_that_it_goes_on(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mtser.training.display._Bar.epoch", stop)
    ended = recipe()
    assert ended.code == 130 and "the same command continues where it was" in ended.err


def test_a_defect_keeps_its_traceback(recipe: Recipe) -> None:
    def reader(folder: Path, *, audio_index: object, progress: bool) -> Corpus:
        raise ZeroDivisionError("a defect")

    with pytest.raises(ZeroDivisionError):
        Recipe(recipe.data_folder, recipe.output_folder, reader=reader)()


def test_a_reader_of_ones_own(recipe: Recipe) -> None:
    """Its keyword arguments are options, and what it skips is shown."""

    def reader(folder: Path, *, least: int = 0, audio_index: object, progress: bool) -> Corpus:
        corpus = recipe.reader(folder, progress=progress)
        return corpus.without([Skipped(one.id, "a reason") for one in corpus.utterances[:least]])

    own = Recipe(recipe.data_folder, recipe.output_folder, reader=reader)
    ended = own("--least", "3")
    assert ended.code == 0 and "Left out  3: a reason 3" in ended.out
    assert "there is no option --leest; the nearest is --least." in own("--leest", "3").sentence


def test_help_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_recipe(Recipe.reader, arguments=["--help"])
    assert ended.value.code == 0 and "--label_map" in capsys.readouterr().out


def test_a_yaml_of_ones_own_that_lacks_something(
    recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (HPARAMS / "full.yaml").read_text().replace("!include:blocks", f"!include:{HPARAMS}/blocks")
    for name in ("batch_size", "number_of_epochs", "seed"):
        own = tmp_path / "own.yaml"
        own.write_text("\n".join(line for line in text.splitlines() if not line.startswith(f"{name}:")))
        arguments = [str(own), "--data_folder", str(recipe.data_folder), "--output_folder", str(tmp_path / "results")]
        assert run_recipe(recipe.reader, arguments=arguments) == 2
        assert capsys.readouterr().err.startswith(f"error: {own}: {name} is None; it has to be a whole number")


def test_results_are_called_after_the_folder_that_is_named(own_corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "corpora").mkdir()
    own_corpus.rename(tmp_path / "corpora" / "IEMOCAP_full_release")
    recipe = Recipe(tmp_path / "corpora", tmp_path / "results", "text_only")
    words = recipe.command()
    at = words.index("--corpus_name")
    assert run_recipe(read_iemocap, arguments=[*words[:at], *words[at + 2 :]]) == 0
    assert (tmp_path / "results/text_only/corpora/loso/seed_1/metrics.json").is_file()  # where a sweep looks for them


def test_one_class_is_nothing_to_tell_apart(recipe: Recipe) -> None:
    assert recipe("--label_map", "{sad: sad}").sentence.endswith(
        "all that is used is sad; there is nothing to tell apart."
    )
