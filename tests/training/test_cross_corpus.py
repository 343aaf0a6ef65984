"""The protocol cross_corpus, and its recipe from the command line to the report."""

import contextlib
import csv
import io
import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtser.corpora.corpus import Corpus, Member
from mtser.corpora.joined import join_corpora, read_cross_corpus
from mtser.errors import ProtocolError
from mtser.evaluation import Predictions
from mtser.tables.make import make_report
from mtser.tables.runs import find_runs
from mtser.training import run_recipe
from mtser.training.checked_folds import check_folds
from mtser.training.folds import Fold, Folds
from mtser.training.protocols import default_protocol, make_folds, protocols_for
from tests.helpers.small_emodb import write_small_emodb
from tests.helpers.synthetic import EMOTIONS, said
from tests.training.recipe import Ended, Recipe
from tests.training.tiny_corpus import write_tiny_corpus


def toy(name: str, speakers: int = 5, sessions: bool = False, text: str = "only", **more: object) -> Corpus:
    """Every speaker says each emotion; two speakers share a session."""
    utterances = tuple(
        said(f"{text} {name} {s} {e}", f"s{s}_{e}", f"s{s}", e, session=str(s // 2) if sessions else None, **more)
        for s in range(1, speakers + 1)
        for e in EMOTIONS
    )
    return Corpus(name, Path(f"/{name}"), EMOTIONS, utterances)


def joined(*corpora: Corpus, roles: str = "") -> Corpus:
    """The last one is tested; ``roles`` may say otherwise: a letter (t, d, x) a corpus."""
    roles = roles or "t" * (len(corpora) - 1) + "x"
    names = {"t": "train", "d": "dev", "x": "test"}
    members = [Member(one.name, one.root, names[role]) for one, role in zip(corpora, roles, strict=True)]  # type: ignore
    return join_corpora("all", {one.name: one for one in corpora}, members)


def of(corpus: Corpus, ids: tuple[str, ...], attribute: str) -> set[str]:
    values = {one.id: getattr(one, attribute) for one in corpus.utterances}
    return {values[id] for id in ids}


def test_one_fold_tests_one_corpus_wholly() -> None:
    corpus = joined(toy("a", speakers=12), toy("b", sessions=True, speakers=9), toy("c"))
    assert default_protocol(corpus) == "cross_corpus" and "cross_corpus" in protocols_for(corpus)
    folds = make_folds(corpus)
    (fold,) = folds.folds
    assert (folds.protocol, fold.name, folds.warnings) == ("cross_corpus", "test_c", ())
    assert of(corpus, fold.test, "corpus") == {"c"} and len(fold.test) == 20
    # A fifth of the speakers of a (9 before 10), the last session of b, which has one speaker.
    assert of(corpus, fold.dev, "speaker") == {"a/s11", "a/s12", "b/s8", "b/s9"}
    assert folds.notes[:2] == (
        "Dev holds 8 utterances of a: its speakers s11, s12.",
        "Dev holds 8 utterances of b: its session 4.",
    )
    assert folds.notes[2].startswith("0 of the 20 test utterances (0.0 %) have a transcript that stands in training")


def test_sessions_that_share_speakers_hold_nobody_apart() -> None:
    shared = toy("a", speakers=4, sessions=True)
    utterances = tuple(replace(one, session=str(number % 2)) for number, one in enumerate(shared.utterances))
    corpus = joined(replace(shared, utterances=utterances), toy("c"))
    (fold,) = make_folds(corpus).folds
    assert of(corpus, fold.dev, "speaker") == {"a/s4"}


def test_a_corpus_that_chooses_the_epoch() -> None:
    corpus = joined(toy("a"), toy("b"), toy("c"), roles="tdx")
    folds = make_folds(corpus)
    (fold,) = folds.folds
    assert of(corpus, fold.train, "corpus") == {"a"} and of(corpus, fold.dev, "corpus") == {"b"}
    assert len(fold.train) == len(fold.dev) == 20 and "Dev is all of b (20 utterances)." in folds.notes


def test_a_corpus_of_one_speaker_is_trained_on() -> None:
    corpus = joined(toy("a"), toy("b", speakers=1), toy("c"))
    folds = make_folds(corpus)
    assert "b/s1" in of(corpus, folds.folds[0].train, "speaker")
    assert "Nothing of b is in dev: it has one speaker, who is needed for training." in folds.notes
    with pytest.raises(ProtocolError, match="one speaker each, so none can be held out as dev; give --dev_corpus"):
        make_folds(joined(toy("b", speakers=1), toy("c")))


def test_transcripts_that_return_and_other_languages_are_said() -> None:
    same = [replace(toy(name), utterances=tuple(
        replace(one, text=f"Oh, {one.emotion}!" if number % 2 else one.text) for number, one in
        enumerate(toy(name).utterances))) for name in "ac"]  # fmt: skip
    folds = make_folds(joined(*same))
    assert folds.warnings[0].startswith("10 of the 20 test utterances (50.0 %) have a transcript")
    german = make_folds(joined(toy("a", language="de"), toy("c")))
    assert any("Tested is speech in en, trained on is speech in de" in note for note in german.notes)
    assert not any("Tested is speech" in note for note in folds.notes)


def test_classes_that_are_missing() -> None:
    def without(corpus: Corpus, emotion: str) -> Corpus:
        return replace(corpus, utterances=tuple(one for one in corpus.utterances if one.emotion != emotion))

    folds = make_folds(joined(toy("a"), without(toy("c"), "sad")))
    assert "Fold test_c: no test utterance is sad; its UA is over the classes present." in folds.warnings
    with pytest.raises(ProtocolError, match="no training utterance is sad, so it cannot be learnt"):
        make_folds(joined(without(toy("a"), "sad"), toy("c")))


def test_a_corpus_by_itself_is_refused() -> None:
    with pytest.raises(ProtocolError, match=r"cannot feed cross_corpus. It is one corpus.*It can feed: lospo"):
        make_folds(toy("a"), "cross_corpus")


@pytest.mark.parametrize("name", ["lospo", "random_5fold"])
def test_other_protocols_cannot_mix_the_test_corpus_in(name: str) -> None:
    with pytest.raises(ProtocolError, match="trains on the test corpus or tests another one.*cross_corpus"):
        make_folds(joined(toy("a"), toy("c")), name)


def test_folds_of_ones_own_are_held_to_it() -> None:
    corpus = joined(toy("a"), toy("c"))
    (fold,) = make_folds(corpus).folds
    half = Folds("mine", (replace(fold, test=fold.test[:10]),))
    assert any("10 of the corpus's 20 utterances are in no part of the fold" in w for w in check_folds(half, corpus, "x").warnings)  # fmt: skip # noqa: E501
    mixed = Folds("mine", (Fold("f", (*fold.train, fold.test[0]), fold.dev, fold.test[1:]),))
    with pytest.raises(ProtocolError, match="trains on the test corpus"):
        check_folds(mixed, corpus, "x")
    with pytest.raises(ProtocolError, match="tests another one"):
        check_folds(Folds("mine", (replace(fold, train=fold.train[1:], test=fold.train[:1]),)), corpus, "x")


@settings(max_examples=60)
@given(st.data())
def test_no_utterance_of_the_test_corpus_is_learned_from(data: st.DataObject) -> None:
    draw = data.draw
    names = draw(st.lists(st.sampled_from("abcd"), min_size=2, max_size=4, unique=True))
    corpora = [toy(name, speakers=draw(st.integers(1, 12)), sessions=draw(st.booleans())) for name in names]
    # Sessions at random may share speakers.
    if draw(st.booleans()):
        first = corpora[0]
        kept = tuple(replace(one, session=draw(st.sampled_from("123"))) for one in first.utterances)
        corpora[0] = replace(first, utterances=kept)
    corpus = joined(*corpora)
    try:
        folds = make_folds(corpus, "cross_corpus")
    except ProtocolError as error:
        assert all(len({one.speaker for one in each.utterances}) == 1 for each in corpora[:-1]), error
        return
    (fold,) = folds.folds
    assert of(corpus, fold.test, "corpus") == {names[-1]} and len(fold.test) == len(corpora[-1].utterances)
    assert not {names[-1]} & of(corpus, (*fold.train, *fold.dev), "corpus")
    assert Counter((*fold.train, *fold.dev, *fold.test)) == Counter(one.id for one in corpus.utterances)
    assert not of(corpus, fold.train, "speaker") & of(corpus, fold.dev, "speaker")
    order = list(range(len(corpora)))
    random.Random(draw(st.integers(0, 9))).shuffle(order)
    roles = "".join("x" if number == len(corpora) - 1 else "t" for number in order)
    assert make_folds(joined(*(corpora[number] for number in order), roles=roles), "cross_corpus") == folds


# The recipe


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    root = tmp_path_factory.mktemp("joined")
    emodb = write_small_emodb(root / "emodb")
    tiny = write_tiny_corpus(root / "tiny", per_class=1, sessions=2).root
    return f"emodb={emodb}", f"tiny:iemocap={tiny}"


def run(corpora: tuple[str, str], output: Path, *options: str, system: str = "full") -> Ended:
    train, test = corpora
    recipe = Recipe(Path(), output, system, read_cross_corpus)
    arguments = ["--train_corpus", train, "--test_corpus", test, *options]
    words = recipe.command(*arguments)
    for name in ("--data_folder", "--corpus_name"):
        at = words.index(name)
        del words[at : at + 2]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run_recipe(read_cross_corpus, arguments=words)
    return Ended(code, out.getvalue(), err.getvalue())


def test_the_recipe(corpora: tuple[str, str], tmp_path: Path) -> None:
    ended = run(corpora, tmp_path)
    assert ended.code == 0, ended.err
    folder = tmp_path / "full" / "emodb_to_tiny" / "cross_corpus" / "seed_1"
    assert "train emodb: 32 utterances of 4 speakers" in ended.out and "Dev holds 8 utterances of emodb" in ended.out
    metrics = json.loads((folder / "metrics.json").read_text())
    assert [(one["name"], one["role"]) for one in metrics["corpora"]] == [("emodb", "train"), ("tiny", "test")]
    assert metrics["n_utterances"] == 16 and metrics["n_speakers"] == 4
    predictions = Predictions.read(folder / "predictions.csv")
    assert all(id.startswith("tiny/") for id in predictions.utterances)
    report = (folder / "report.md").read_text()
    assert "| **tiny** | test | en | 4 | 16 | 4 | 4 | 4 | 4 |" in report
    assert "Note: Dev holds 8 utterances of emodb: its speaker 10." in report
    hashes = json.loads((folder / "audio.json").read_text())
    assert len(hashes) == 48 and len(hashes["emodb/03a01Wa"]) == 64
    assert run(corpora, tmp_path).code == 0  # the same again: nothing is trained
    assert json.loads((folder / "metrics.json").read_text()) == metrics
    (section,) = make_report(find_runs([tmp_path]), "full").sections
    assert (section.corpus, section.protocol) == ("emodb_to_tiny", "cross_corpus")
    with (folder / "skipped.csv").open() as file:
        assert list(csv.reader(file)) == [["utterance", "reason", "detail"]]


def test_the_classical_reference(corpora: tuple[str, str], tmp_path: Path) -> None:
    quick = ["--audio_encoder.features", "blocks/features/mfcc_statistics.yaml"]
    ended = run(corpora, tmp_path, *quick, system="classical")
    assert ended.code == 0, ended.err
    folder = tmp_path / "classical" / "emodb_to_tiny" / "cross_corpus" / "seed_1"
    assert len(Predictions.read(folder / "predictions.csv")) == 16


def test_normalisation_by_speaker(corpora: tuple[str, str], tmp_path: Path) -> None:
    assert run(corpora, tmp_path, "--audio_encoder.features.normalise", "speaker").code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--train_corpus", "emodb"), "where does emodb lie?"),
        (("--protocol", "lospo"), "divided by the protocol cross_corpus"),
        (("--class_map", "nothing.yaml"), "--class_map nothing.yaml: there is no such file"),
    ],
)
def test_what_is_refused(options: tuple[str, str], said: str, corpora: tuple[str, str], tmp_path: Path) -> None:
    given = {"--train_corpus": corpora[0], "--test_corpus": corpora[1], options[0]: options[1]}
    rest = [
        word
        for name, value in given.items()
        if name.startswith("--p") or name == "--class_map"
        for word in (name, value)
    ]  # noqa: E501
    ended = run((given["--train_corpus"], given["--test_corpus"]), tmp_path, *rest)
    assert said in ended.sentence
