"""A system that looks at dialogs, from a corpus on disk to the run folder."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.corpora import Corpus, read_iemocap, read_manifest
from mtser.corpora.utterance import Utterance
from mtser.features import TorchMFCC, UnusableFeaturesError
from mtser.training.dialogs import dialogs_across_parts
from mtser.training.folds import Fold, Folds
from tests.corpora.iemocap_writer import IemocapWriter
from tests.helpers.synthetic import said
from tests.training.recipe import Recipe, files_below
from tests.training.tiny_corpus import add

DIALOG = ("--context", "blocks/context/dialog.yaml")
SMALL = ("--audio_encoder.features", "blocks/features/mfcc_torch.yaml", "--interaction.n_layers", "1")
OTHERS = [f"Ses0{session}F_impro01_F{number}" for session in range(1, 6) for number in (100, 101)]


@pytest.fixture
def corpus(own_corpus: Path) -> IemocapWriter:
    """The tiny corpus with two turns of no class in a dialog of every session."""
    writer = IemocapWriter(own_corpus)
    for number, id in enumerate(OTHERS):
        add(writer, id, "neu", "NOT THIS AGAIN", start=2.5 + 20 * (number % 2))
        file = writer.evaluation(id)
        file.write_text(file.read_text().replace(f"{id}\tneu", f"{id}\tfru"))
    return writer


@pytest.fixture
def mcaf(corpus: IemocapWriter, tmp_path: Path) -> Recipe:
    return Recipe(corpus.root, tmp_path / "results", "mcaf")


def test_turns_of_no_class_are_kept_beside_the_manifest(mcaf: Recipe) -> None:
    assert mcaf(*SMALL).code == 0
    without = mcaf.seed_folder()
    assert not (without / "context.json").exists()
    ended = mcaf(*SMALL, *DIALOG, "--run_name", "dialog")
    assert ended.code == 0, ended.err
    run = mcaf.seed_folder(system="dialog")
    assert sorted(one.id for one in read_manifest(run / "context.json")) == OTHERS
    for same in ("manifest.json", "skipped.csv", "folds.json"):  # so that the two can be compared
        assert (run / same).read_bytes() == (without / same).read_bytes()
    before, now = (json.loads((one / "run.json").read_text()) for one in (without, run))
    assert "context" not in before and now["context"] and now["manifest"] == before["manifest"]


def test_the_same_run_goes_on_but_not_with_other_turns(mcaf: Recipe, corpus: IemocapWriter) -> None:
    assert mcaf(*SMALL, *DIALOG).code == 0
    before = files_below(mcaf.seed_folder())
    assert mcaf(*SMALL, *DIALOG).code == 0
    assert files_below(mcaf.seed_folder()) == before
    corpus.wdseg(OTHERS[0]).unlink()
    assert "the other turns of its dialogs was " in mcaf(*SMALL, *DIALOG).sentence
    assert mcaf(*SMALL, "--run_name", "words").code == 0
    corpus.wav(OTHERS[1]).unlink()
    ended = mcaf(*SMALL, "--run_name", "words")  # which does not look at dialogs: nothing has changed
    assert ended.code == 0, ended.err


def test_context_without_features_is_no_context(mcaf: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    extract, settings = TorchMFCC.extract, TorchMFCC.settings
    shorter = round(0.5 * 16_000)

    def refusing(self: TorchMFCC, waveform: np.ndarray) -> np.ndarray:
        if len(waveform) == shorter:
            raise UnusableFeaturesError("too odd", "it is")
        return extract(self, waveform)

    file = IemocapWriter(mcaf.data_folder).wav(OTHERS[0])
    samples, rate = soundfile.read(file)
    soundfile.write(file, samples[:shorter], rate)
    monkeypatch.setattr(TorchMFCC, "extract", refusing)
    monkeypatch.setattr(TorchMFCC, "settings", lambda self: {**settings(self), "class": "Refusing"})
    assert mcaf(*SMALL, *DIALOG).code == 0
    assert sorted(one.id for one in read_manifest(mcaf.seed_folder() / "context.json")) == OTHERS[1:]
    skipped = (mcaf.seed_folder() / "skipped.csv").read_text()
    assert skipped.count(OTHERS[0]) == 1 and "too odd" not in skipped


def test_a_corpus_without_dialogs_is_not_applicable(mcaf: Recipe) -> None:
    def reader(folder: Path, *, audio_index: object, progress: bool) -> Corpus:
        corpus = read_iemocap(folder, progress=progress)
        return replace(corpus, utterances=tuple(replace(one, dialog=None) for one in corpus.utterances))

    ended = Recipe(mcaf.data_folder, mcaf.output_folder, "mcaf", reader)(*SMALL, *DIALOG)
    assert "the corpus iemocap has no dialogs" in ended.not_applicable
    assert (mcaf.seed_folder() / "not_applicable.json").is_file()


@pytest.mark.parametrize(("protocol", "warned"), [("random_5fold", True), ("loso", False)])
def test_dialogs_in_more_than_one_part_are_warned_of(mcaf: Recipe, protocol: str, warned: bool) -> None:
    words = mcaf(*SMALL, "--protocol", protocol, "--run_name", "words")
    dialog = mcaf(*SMALL, *DIALOG, "--protocol", protocol)
    assert words.code == dialog.code == 0
    warning = "folds dialogs are shared by the training part and the dev or test part"
    assert warning not in words.out and (warning in dialog.out) is warned
    report = (mcaf.seed_folder(protocol=protocol) / "report.md").read_text()
    assert (warning in report) is warned


def in_dialogs(**dialogs: str | None) -> list[Utterance]:
    return [said("oh", id, dialog=dialog) for id, dialog in dialogs.items()]


@pytest.mark.parametrize(
    ("spoken", "n"),
    [
        (in_dialogs(a="d", b="e", c="e", x="d"), 0),  # dev and test may share theirs: nothing is trained on them
        (in_dialogs(a="d", b="d", c="e", x="f"), 1),
        (in_dialogs(a="d", b="e", c="d", x="f"), 1),
        (in_dialogs(a=None, b=None, c=None, x=None), 0),
    ],
)
def test_which_folds_share_dialogs(spoken: list[Utterance], n: int) -> None:
    folds = Folds("mine", (Fold("1", ("a",), ("b",), ("c",)), Fold("2", ("x",), (), ())))
    warnings = dialogs_across_parts(folds, spoken)
    assert len(warnings) == n and all(one.startswith("In 1 of 2 folds") for one in warnings)


def test_turns_taken_out_of_training_are_still_heard() -> None:
    spoken = in_dialogs(a="d", b="e", c="f", out="d")
    folds = Folds("loso_script_disjoint", (Fold("1", ("a",), ("b",), ("c",)),), removed=1)
    (warning,) = dialogs_across_parts(folds, spoken)
    assert warning.startswith("In 1 of 1 folds turns that the protocol takes out of the training part are still heard")
    assert not dialogs_across_parts(folds, in_dialogs(a="d", b="e", c="f", out="f"))
