from dataclasses import replace
from pathlib import Path

import pytest

from mtser.alignment.word import Word
from mtser.corpora import Corpus, Utterance, read_manifest
from mtser.errors import ProtocolError, ProtocolNotApplicableError
from mtser.training.protocols import default_protocol, make_folds, protocols_for


def say(id: str, speaker: str, emotion: str, partition: str | None) -> Utterance:
    return Utterance(id, "a.wav", 1.0, speaker, emotion, "oh", (Word("oh", 0, 1),), partition=partition)


def corpus_of(*utterances: Utterance) -> Corpus:
    return Corpus("toy", Path("/toy"), ("sad", "angry"), utterances)


DIVIDED = corpus_of(
    *(
        say(f"{part}_{emotion}", part, emotion, part)
        for part in ("train", "dev", "test")
        for emotion in ("sad", "angry")
    ),
    say("other", "other", "sad", None),
)


def test_one_fold_as_the_makers_divided_it() -> None:
    folds = make_folds(DIVIDED, "official")
    (fold,) = folds.folds
    assert (fold.name, folds.protocol) == ("official", "official")
    assert fold.train == ("train_angry", "train_sad")
    assert fold.dev == ("dev_angry", "dev_sad") and fold.test == ("test_angry", "test_sad")
    assert not any("share speakers" in one for one in folds.warnings)
    assert folds.warnings == ("1 of the corpus's 7 utterances are in no part of the fold (other).",)


def test_speakers_that_are_in_several_partitions_are_counted() -> None:
    more = corpus_of(*DIVIDED.utterances, say("again", "test", "sad", "dev"))
    warnings = make_folds(more, "official").warnings
    assert warnings[0].startswith(
        "The official partitions share speakers: 1 of the 1 test speakers, with 2 of 2 test utterances, are in training"
    )


def test_corpora_that_are_not_divided() -> None:
    whole = corpus_of(*(replace(one, partition=None) for one in DIVIDED.utterances))
    with pytest.raises(ProtocolNotApplicableError, match="cannot feed official. Its makers did not divide it"):
        make_folds(whole, "official")
    assert "official" not in protocols_for(whole) and "official" in protocols_for(DIVIDED)
    halved = corpus_of(*(one for one in DIVIDED.utterances if one.partition != "dev"))
    with pytest.raises(ProtocolNotApplicableError, match="Its official partition dev has no usable utterance"):
        make_folds(halved, "official")
    with pytest.raises(ProtocolError, match="Its utterance x has the partition 'Test2'"):
        make_folds(corpus_of(*DIVIDED.utterances, say("x", "x", "sad", "Test2")), "official")


def test_a_corpus_may_name_its_protocol() -> None:
    assert default_protocol(DIVIDED) == "lospo"
    assert default_protocol(replace(DIVIDED, default_protocol="official")) == "official"


def test_the_partition_is_in_the_manifest_where_there_is_one(tmp_path: Path) -> None:
    DIVIDED.save(tmp_path)
    assert read_manifest(tmp_path / "manifest.json") == DIVIDED.utterances
    assert '"partition": "dev"' in DIVIDED.manifest and '"partition": null' not in DIVIDED.manifest
