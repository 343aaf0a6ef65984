"""Corpora read with common classes, from real layouts."""

import shutil
import sys
import types
from dataclasses import replace
from pathlib import Path

import pytest

from mtser.audio import AudioIndex
from mtser.corpora import Corpus
from mtser.corpora.joined import cross_corpus_name, make_source, read_class_map, read_cross_corpus, read_source
from mtser.corpora.joined.class_map import ClassMap
from mtser.errors import ConfigError, CorpusError
from tests.helpers.small_emodb import write_small_emodb
from tests.helpers.synthetic import said
from tests.training.tiny_corpus import write_noise, write_tiny_corpus

FOUR = ("angry", "happy", "sad", "neutral")


@pytest.fixture
def emodb(tmp_path: Path) -> Path:
    return write_small_emodb(tmp_path / "emodb", speakers=("03", "08"))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny_corpus(tmp_path / "tiny", per_class=1, sessions=2).root


def read_own(data_folder: Path) -> Corpus:
    """A reader without a label map, index and progress bar."""
    utterances = tuple(
        said("oh no", f"u{i}", emotion=label, votes={"joy": 0.5, "grief": 0.25, "anger": 0.25})
        for i, label in enumerate(("joy", "grief", "anger"))
    )
    return Corpus("own", Path(data_folder), ("joy", "grief", "anger"), utterances)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> str:
    module = types.ModuleType("own_corpora")
    module.read_own = read_own  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "own_corpora", module)
    return "own:own_corpora.read_own"


def test_a_reader_gets_its_labels(emodb: Path, index: AudioIndex) -> None:
    classes = ClassMap("x.yaml", ("sad", "happy", "calm"), {"emodb": {"F": "happy", "T": "sad"}})
    corpus = read_source(make_source("", "emodb", emodb), classes, audio_index=index, progress=False)
    assert corpus.classes == ("sad", "happy", "calm")
    assert {one.emotion for one in corpus.utterances} == {"happy", "sad"}
    assert corpus.skipped_reasons() == {"label not among the classes": 8}
    assert "No label of it is calm." in corpus.warnings


def test_a_reader_without_label_map_is_relabelled(own: str, tmp_path: Path) -> None:
    source = make_source("", own, tmp_path)
    classes = ClassMap("x.yaml", ("sad", "happy"), {"own": {"joy": "happy", "grief": "sad"}})
    corpus = read_source(source, classes, progress=False)
    assert [(one.id, one.emotion) for one in corpus.utterances] == [("u0", "happy"), ("u1", "sad")]
    votes = corpus.utterances[0].votes
    assert votes is not None and votes == pytest.approx({"happy": 2 / 3, "sad": 1 / 3})
    assert [(one.utterance, one.detail) for one in corpus.skipped] == [("u2", "anger")]
    with pytest.raises(ConfigError, match="own maps 'joi', which is none of its reader's classes; did you mean 'joy'"):
        read_source(source, replace(classes, labels={"own": {"joi": "happy"}}), progress=False)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"unalined": "even"}, "emodb: its reader has no option 'unalined'; the nearest is 'unaligned'"),
        ({"emotions": {"T": "sad"}}, "emotions is no option here; the class map tells"),
        ({"unaligned": "maybe"}, "emodb .*unaligned is 'maybe'"),
    ],
)
def test_wrong_options_of_a_reader(options: dict, said: str, emodb: Path, index: AudioIndex) -> None:
    source = replace(make_source("", "emodb", emodb), options=options)
    with pytest.raises(ConfigError, match=said):
        read_source(source, read_class_map(), audio_index=index, progress=False)


def test_a_label_that_the_corpus_does_not_have(emodb: Path, index: AudioIndex) -> None:
    classes = ClassMap("x.yaml", ("sad", "happy"), {"emodb": {"X": "happy", "T": "sad"}})
    with pytest.raises(ConfigError, match=r"emodb \(x.yaml\): .* maps 'X', which is no label of the corpus"):
        read_source(make_source("", "emodb", emodb), classes, audio_index=index, progress=False)


def test_train_on_one_and_test_on_another(emodb: Path, tiny: Path, index: AudioIndex) -> None:
    corpora = {"train_corpus": f"emodb={emodb}", "test_corpus": f"tiny:iemocap={tiny}"}
    corpus = read_cross_corpus(**corpora, audio_index=index, progress=False)
    assert (corpus.name, corpus.classes, len(corpus.utterances)) == ("emodb_to_tiny", FOUR, 32)
    assert [(one.name, one.role) for one in corpus.members] == [("emodb", "train"), ("tiny", "test")]
    assert {one.language for one in corpus.utterances if one.corpus == "emodb"} == {"de"}
    assert all(path.is_file() for path in corpus.audio_paths().values())
    copied = {name: shutil.copytree(path, tiny.parent / "elsewhere" / path.name) for name, path in
              (("emodb", emodb), ("tiny", tiny))}  # fmt: skip
    moved = {"train_corpus": f"emodb={copied['emodb']}", "test_corpus": f"tiny:iemocap={copied['tiny']}"}
    assert read_cross_corpus(**moved, audio_index=index, progress=False).manifest_hash() == corpus.manifest_hash()


def test_several_corpora_in_any_order_and_from_a_file(emodb: Path, tiny: Path, own: str, tmp_path: Path) -> None:
    other = write_small_emodb(tmp_path / "other", speakers=("09",))
    (tmp_path / "corpora.yaml").write_text(
        f"emodb: {{data_folder: {emodb}}}\nzoo: {{reader: emodb, data_folder: other, options: {{unaligned: even}}}}\n"
    )
    first = read_cross_corpus(
        train_corpus="zoo,emodb",
        test_corpus=f"tiny:iemocap={tiny}",
        corpora=str(tmp_path / "corpora.yaml"),
        progress=False,
    )
    second = read_cross_corpus(
        train_corpus=f"emodb={emodb},zoo:emodb={other}", test_corpus=f"tiny:iemocap={tiny}", progress=False
    )
    assert first.name == second.name == "emodb+zoo_to_tiny"
    assert first.manifest == second.manifest and len(first.utterances) == 16 + 8 + 16


def test_corpora_that_are_not_two(emodb: Path, tiny: Path, tmp_path: Path) -> None:
    train = f"emodb={emodb}"
    with pytest.raises(ConfigError, match="--test_corpus emodb: that corpus is given already"):
        read_cross_corpus(train_corpus=train, test_corpus=train, progress=False)
    with pytest.raises(CorpusError, match="is the folder of both"):
        read_cross_corpus(train_corpus=train, test_corpus=f"again:emodb={emodb}", progress=False)
    copy = shutil.copytree(emodb, tmp_path / "copy")
    with pytest.raises(CorpusError, match="every audio file of emodb is in again, too"):
        read_cross_corpus(train_corpus=train, test_corpus=f"again:emodb={copy}", progress=False)
    for path in (copy / "wav").glob("03*.wav"):
        write_noise(path, 220, seed=7)
    joined = read_cross_corpus(train_corpus=train, test_corpus=f"again:emodb={copy}", progress=False)
    assert joined.skipped_reasons() == {"emodb: the same audio file is in again": 8}
    assert sum(one.corpus == "again" for one in joined.utterances) == 16


def test_mistakes_are_told_before_anything_is_read(emodb: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(AudioIndex, "inspect", never)
    test = f"tiny:iemocap={tiny}"
    with pytest.raises(ConfigError, match="no reader 'emodbb'"):
        read_cross_corpus(train_corpus=f"emodbb={emodb}", test_corpus=test, progress=False)
    with pytest.raises(ConfigError, match="--test_corpus a,b: can be one corpus only.*mtser evaluate"):
        read_cross_corpus(train_corpus=f"emodb={emodb}", test_corpus="a=/x,b=/y", progress=False)
    with pytest.raises(ConfigError, match="the class map says nothing about mine"):
        read_cross_corpus(train_corpus=f"emodb={emodb}", test_corpus=f"mine:{__name__}.read_own={tiny}", progress=False)


def test_names_of_results() -> None:
    assert cross_corpus_name("b=/x,a:emodb=/y", "c") == "a+b_to_c"
    assert cross_corpus_name("a", "c", "b") == "a_to_c_dev_b"
