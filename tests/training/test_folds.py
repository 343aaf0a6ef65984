import json
from pathlib import Path

import pytest

from mtser.alignment.word import Word
from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.errors import ProtocolError
from mtser.training.checked_folds import check_folds, read_folds
from mtser.training.folds import Fold, Folds


def utterance(id: str, emotion: str) -> Utterance:
    return Utterance(id, f"{id}.wav", 1.0, f"S{id[1:]}", emotion, "oh", (Word("oh", 0.0, 1.0),))


CORPUS = Corpus(
    "toy", Path("/toy"), ("sad", "angry"), tuple(utterance(f"{e[0]}{i}", e) for e in ("sad", "angry") for i in range(4))
)
GOOD = {
    "protocol": "by_room",
    "folds": [
        {"name": "r1", "train": ["s0", "s1", "a0", "a1"], "dev": ["s2", "a2"], "test": ["s3", "a3"]},
        {"name": "r2", "train": ["s2", "s3", "a2", "a3"], "dev": ["s0", "a0"], "test": ["s1", "a1"]},
        {"name": "r3", "train": ["s2", "s3", "a2", "a3"], "dev": ["s1", "a1"], "test": ["s0", "a0"]},
        {"name": "r4", "train": ["s0", "s3", "a0", "a3"], "dev": ["s1", "a1"], "test": ["s2", "a2"]},
    ],
}


def changed(**parts) -> dict:
    """The good folds with the first one changed."""
    value = json.loads(json.dumps(GOOD))
    value["folds"][0].update(parts)
    return value


def read(tmp_path: Path, value: object) -> Folds:
    path = tmp_path / "folds.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return read_folds(path, CORPUS)


def test_a_good_file_is_read_without_a_warning_and_survives_saving(tmp_path):
    folds = read(tmp_path, GOOD)
    assert folds.warnings == () and folds.names() == ("r1", "r2", "r3", "r4")
    assert folds.folds[0] == Fold("r1", ("a0", "a1", "s0", "s1"), ("a2", "s2"), ("a3", "s3"))
    folds.save(tmp_path / "again.json")
    again = read_folds(tmp_path / "again.json", CORPUS)
    assert again == folds and again.hash() == folds.hash()


def test_warnings_and_removed_are_kept_and_no_warning_comes_twice(tmp_path):
    value = changed(test=["s3"]) | {"warnings": ["look out"], "removed": 7}
    once = read(tmp_path, value)
    once.save(tmp_path / "again.json")
    assert read_folds(tmp_path / "again.json", CORPUS) == once
    assert once.removed == 7 and once.warnings[0] == "look out" and len(once.warnings) == 3


def test_test_speakers_who_are_in_training_are_a_warning(tmp_path):
    value = changed(train=["s0", "a0", "a1", "a3"], test=["s3"])
    (told,) = [one for one in read(tmp_path, value).warnings if "speaker" in one]
    assert told.startswith("Of the 4 test speakers 1 are also in the training or dev part of the fold that tests them")
    humming = read(tmp_path, value | {"warnings": ["The loudspeaker hums."]})
    assert told in humming.warnings
    humming.save(tmp_path / "again.json")
    assert read_folds(tmp_path / "again.json", CORPUS) == humming
    named = changed(name="speaker_women", train=["s0", "a0", "a1", "a3"], test=["s3"])
    assert told in read(tmp_path, named).warnings


def test_a_protocol_that_says_itself_that_test_speakers_are_known_is_not_repeated(tmp_path):
    value = changed(train=["s0", "a0", "a1", "a3"], test=["s3"])
    already = value | {"warnings": ["speakers leak, as everybody knows"], "tells_of_known_speakers": True}
    folds = read(tmp_path, already)
    assert [one for one in folds.warnings if "speaker" in one] == already["warnings"]
    folds.save(tmp_path / "again.json")
    assert read_folds(tmp_path / "again.json", CORPUS) == folds


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Fold("f", CORPUS.utterances, (), ()), "'train' of the fold f holds an object of the class Utterance"),
        (lambda: Fold("f", ("s0",), "s1", ()), "'dev' of the fold f is the text 's1'"),
        (lambda: Fold("f", ("s0",), ("s1",), None), "'test' of the fold f is None"),
        (lambda: Fold(1, (), (), ()), "name of a fold is 1"),
        (lambda: Folds("p", ()), "p has no folds"),
        (lambda: Folds("p", None), "the folds of p are None"),
        (lambda: Folds("p", Fold("f", (), (), ())), "the folds of p are an object of the class Fold"),
        (lambda: Folds("p", ("f",)), "the folds of p hold the text 'f'"),
        (lambda: Folds(None, (Fold("f", (), (), ()),)), "name of a protocol is None"),
        (lambda: Folds("p", (Fold("f", (), (), ()),), "A sentence."), "'warnings' of p is the text 'A sentence.'"),
        (lambda: Folds("p", (Fold("f", (), (), ()),), notes=(1,)), "'notes' of p holds an object of the class int"),
        (lambda: Folds("p", (Fold("f", (), (), ()),), removed=None), "'removed' of p is None"),
    ],
)
def test_what_a_protocol_of_ones_own_gets_wrong_is_said_at_once(make, said):
    with pytest.raises(ProtocolError, match=said):
        make()


def test_lists_are_as_good_as_tuples():
    folds = Folds("p", [Fold("f", ["b", "a"], {"c"}, iter(["d"]))], ["A sentence."])
    assert folds == Folds("p", (Fold("f", ("a", "b"), ("c",), ("d",)),), ("A sentence.",))


def test_the_hash_sees_the_division_alone(tmp_path):
    folds = read(tmp_path, GOOD)
    assert read(tmp_path, changed(train=["a1", "a0", "s1", "s0"])).hash() == folds.hash()
    assert read(tmp_path, GOOD | {"warnings": ["other"]}).hash() == folds.hash()
    assert read(tmp_path, changed(train=["a1", "a0", "s1"])).hash() != folds.hash()
    assert read(tmp_path, GOOD | {"protocol": "other"}).hash() != folds.hash()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (changed(train=["s0", "a0", "ghost"]), "fold r1.*1 of its utterances.*ghost"),
        (changed(dev=["s0", "a2"]), "fold r1.*more than once.*s0"),
        (changed(dev=["s3", "a2"]), "fold r1.*more than once.*s3"),
        (changed(test=["a3", "a3"]), "fold r1.*more than once.*a3"),
        (changed(train=["s0", "a0"], test=["s1", "a1"]), "more than one fold tests .*1"),
        (changed(dev=[]), "fold r1.*dev part is empty"),
        (changed(test=[]), "fold r1.*test part is empty"),
        (changed(train=["s0", "s1"]), "fold r1.*no training utterance is angry"),
        (changed(name="r2"), "more than one fold is called r2"),
        (changed(name="../r2"), "cannot name a folder"),
        (GOOD | {"protocol": ".."}, "cannot name a folder"),
        (changed(dev="s2"), "'dev' of the fold r1 is not a list"),
        (changed(dev=[1]), "'dev' of the fold r1 is not a list"),
        (changed(valid=["s2"]), "'valid'"),
        (GOOD | {"folds": []}, "at least one fold"),
        (GOOD | {"folds": [["s0"]]}, "fold 1 has no 'name'"),
        (GOOD | {"removed": "x"}, "'removed'"),
        ([], "is no fold file"),
        ("{", "is no fold file"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(tmp_path, value, said):
    with pytest.raises(ProtocolError, match=f"(?s)folds.json.*{said}"):
        read(tmp_path, value)


def test_a_missing_file_and_one_in_another_encoding_are_one_sentence(tmp_path):
    with pytest.raises(ProtocolError, match="cannot be read"):
        read_folds(tmp_path / "none.json", CORPUS)
    (tmp_path / "latin.json").write_bytes('{"protocol": "Räume"}'.encode("latin-1"))
    with pytest.raises(ProtocolError, match="is no fold file"):
        read_folds(tmp_path / "latin.json", CORPUS)


def test_untested_utterances_and_absent_test_classes_are_warnings(tmp_path):
    folds = read(tmp_path, changed(test=["s3"]))
    assert [w for w in folds.warnings if "Fold r1: no test utterance is angry" in w]
    assert [w for w in folds.warnings if w.startswith("1 of the corpus's 8 utterances") and "a3" in w]
    assert len(folds.warnings) == 2


def test_a_class_that_the_whole_corpus_lacks_is_an_error():
    corpus = Corpus("toy", Path(), ("sad", "angry", "happy"), CORPUS.utterances)
    with pytest.raises(ProtocolError, match="no training utterance is happy"):
        check_folds(Folds.from_dict(GOOD), corpus, "x")


def test_folds_are_selected_by_number():
    folds = Folds.from_dict(GOOD)
    assert [fold.name for fold in folds.select([3, 1, 3])] == ["r1", "r3"]
    for numbers in ([0], [5], [], [1, 9]):
        with pytest.raises(ProtocolError, match="folds 1 to 4"):
            folds.select(numbers)
