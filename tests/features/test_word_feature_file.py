"""Word features from a user's file: what is read, and what is refused with which sentence."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.corpora import Corpus
from mtser.errors import ConfigError, FeatureError
from mtser.features import FeatureStore, WordFeatureFile
from mtser.features.source import FeatureSource
from mtser.features.word_table import read_words
from tests.helpers.synthetic import EMOTIONS, said

HEADER = "utterance,word,smile,brows\n"
UTTERANCES = (said("oh no", "a", "1F"), said("yes", "b", "1M"), said("oh no no", "c", "1F"))
VALUES = {"a": [[1, 2], [3, 4]], "b": [[5, 6]], "c": [[7, 8], [9, 10], [11, 13]]}


def table(values: dict[str, list]) -> str:
    rows = [
        f"{id},{word},{','.join(map(str, each))}" for id, words in values.items() for word, each in enumerate(words)
    ]
    return HEADER + "\n".join(rows) + "\n"


def source(*utterances, context=()) -> FeatureSource:  # noqa: ANN001, ANN002
    return FeatureSource(Corpus("toy", Path("/toy"), EMOTIONS, utterances, context=context), FeatureStore())


@pytest.fixture(params=["csv", "npz"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"face.{request.param}"
    if request.param == "csv":
        path.write_text(table(VALUES), encoding="utf-8")
    else:
        np.savez(path, **{id: np.array(each) for id, each in VALUES.items()})  # type: ignore[arg-type]
    return path


def test_words_in_the_order_of_the_utterances(file: Path) -> None:
    features = WordFeatureFile(str(file))
    assert features.dimension == 2 and features.unit == "word" and features.prepare(source(*UTTERANCES)) == []
    loaded = features.load([UTTERANCES[2], UTTERANCES[0]], source(*UTTERANCES))
    assert loaded.values.tolist() == VALUES["c"] + VALUES["a"] and loaded.values.dtype.is_floating_point
    assert loaded.lengths.tolist() == [1] * 5 and loaded.lengths.dtype == np.int64


def test_utterances_that_were_cut_have_their_first_words(file: Path) -> None:
    cut = replace(UTTERANCES[2], words=UTTERANCES[2].words[:2])
    assert WordFeatureFile(str(file)).load([cut], source(*UTTERANCES)).values.tolist() == VALUES["c"][:2]


def test_utterances_that_it_lacks_are_skipped_and_others_passed_over(file: Path) -> None:
    more, context = said("who", "d"), said("me", "x", emotion="")
    skipped = WordFeatureFile(str(file)).prepare(source(UTTERANCES[0], more, context=(context,)))
    assert [(one.utterance, one.reason, one.detail) for one in skipped] == [
        ("d", "not in the word feature file", file.name),
        ("x", "not in the word feature file", file.name),
    ]


def test_other_numbers_of_words_are_told_with_their_place(file: Path) -> None:
    other = [said("oh no oh", "a"), said("no", "c"), said("yes", "b")]
    place = f"{file}, line 2" if file.suffix == ".csv" else f"{file}, a"
    with pytest.raises(FeatureError) as caught:
        WordFeatureFile(str(file)).prepare(source(*other))
    assert str(caught.value) == (
        f"{place}: a has 2 words here, but 3 in the corpus; so it is with 1 more utterances. Write the file for the "
        "words of the corpus as it is read now."
    )


@pytest.mark.parametrize("by", ["speaker", "utterance"])
def test_normalised_by_its_owner(file: Path, by: str) -> None:
    loaded = WordFeatureFile(str(file), normalise=by).load(list(UTTERANCES), source(*UTTERANCES))  # type: ignore[arg-type]
    values = np.concatenate(list(VALUES.values())).astype(float)
    owners = {"speaker": [0, 0, 1, 0, 0, 0], "utterance": [0, 0, 1, 2, 2, 2]}[by]
    for owner in set(owners):
        rows = [row for row, one in enumerate(owners) if one == owner]
        own = values[rows]
        std = np.where(own.std(0) == 0, 1, own.std(0))
        np.testing.assert_allclose(loaded.values[rows], (own - own.mean(0)) / std, rtol=1e-6, atol=1e-6)


def test_equal_keys_promise_equal_data(file: Path) -> None:
    one, same = WordFeatureFile(str(file)), WordFeatureFile(str(file))
    assert one.key() == same.key() != WordFeatureFile(str(file), normalise="none").key()
    before = one.key()
    file.write_bytes(file.read_bytes() + b"\n" if file.suffix == ".csv" else file.read_bytes() + b"\0")
    assert one.key() != before


@pytest.mark.parametrize("how", ["shuffled", "windows", "byte order mark", "blank lines", "quoted"])
def test_csv_as_programs_write_it(tmp_path: Path, how: str) -> None:
    lines = table(VALUES).splitlines()
    if how == "shuffled":
        lines[1:] = lines[:0:-1]
    text = {"windows": "\r\n", "blank lines": "\n\n"}.get(how, "\n").join(lines) + "\n"
    if how == "quoted":
        text = "\n".join(",".join(f'"{field}"' for field in line.split(",")) for line in lines)
    file = tmp_path / "face.csv"
    file.write_bytes(text.encode("utf-8-sig" if how == "byte order mark" else "utf-8"))
    loaded = WordFeatureFile(str(file)).load(list(UTTERANCES), source(*UTTERANCES))
    assert loaded.values.tolist() == [word for words in VALUES.values() for word in words]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: starts with ''; the names of the columns were expected"),
        ("a,0,1.0\n", "line 1: starts with 'a,0,1.0'"),
        ("utterance,word\n", "line 1: starts with 'utterance,word'"),
        (HEADER + "a,0,1,2\na,1,1\n", "line 3: has 3 columns, but the first line has 4."),
        (HEADER + "a,0,1,2\n\na,one,1,2\n", "line 4: 'one' is no number of a word; they are counted from 0."),
        (HEADER + "a,-1,1,2\n", "line 2: '-1' is no number of a word"),
        (HEADER + "a,0,1,2\na,0,3,4\n", "line 3: a has its word 0 a second time."),
        (HEADER + "b,0,1,2\na,1,1,2\n", "line 3: a has a word 1, but none with the number 0."),
        (HEADER + "a,999999999999,1,2\n", "line 2: a has a word 999999999999, but none with the number 0."),
        (HEADER + "a,0,1,NaN\n", "line 2: 'NaN' is no finite number; give a number"),
        (HEADER + "a,0,,1\n", "line 2: '' is no finite number"),
        (HEADER + "a,0,1,1e60\n", "line 2: '1e60' is no finite number"),
        (HEADER + "a,0,1;2,3\n", "line 2: '1;2' is no finite number"),
        ("\0" * 40, "line 1: starts with"),
    ],
)
def test_damaged_csv(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "face.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FeatureError) as caught:
        WordFeatureFile(str(file)).prepare(source(*UTTERANCES))
    assert str(caught.value).startswith(f"{file}, {message}")


def test_text_of_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "face.csv"
    file.write_bytes((HEADER + "Ö,0,1,2\n").encode("latin-1"))
    with pytest.raises(FeatureError, match="face.csv: is no file of word features"):
        WordFeatureFile(str(file)).prepare(source(*UTTERANCES))


NUMBERS = np.ones((2, 2))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, ": holds no array."),
        ({"a": np.ones(3)}, ", a: holds [3] of float64; [words, features] of numbers was expected."),
        ({"a": np.array([["x"]])}, ", a: holds [1, 1] of <U1"),
        ({"a": np.ones((2, 0))}, ", a: holds [2, 0] of float64"),
        ({"a": NUMBERS, "b": np.ones((1, 3))}, ", b: has 3 features a word, but a has 2; all need the same."),
        ({"a": NUMBERS, "b": np.array([[1, 2], [np.inf, 1]])}, ", b: word 1 has a value that is NaN or infinite"),
        ({"a": NUMBERS, "b": np.array([[1, 1e60]])}, ", b: word 0 has a value that is NaN or infinite"),
        ({"a": np.array([[{}]])}, ": is no file of word features (Object arrays"),
    ],
)
def test_damaged_npz(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    file = tmp_path / "face.npz"
    np.savez(file, **arrays)  # type: ignore[arg-type]
    with pytest.raises(FeatureError) as caught:
        WordFeatureFile(str(file)).prepare(source(*UTTERANCES))
    assert str(caught.value).startswith(f"{file}{message}")


def test_npz_that_is_none_or_cut(tmp_path: Path) -> None:
    file = tmp_path / "face.npz"
    file.write_text(table(VALUES))
    with pytest.raises(FeatureError, match="is no file of numpy.savez"):
        WordFeatureFile(str(file))
    np.savez_compressed(file, a=np.random.default_rng(0).normal(size=(500, 2)))
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    file.write_bytes(whole)
    with pytest.raises(FeatureError, match="is no file of word features"):
        read_words(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("face.csv", "face.npz"):
        with pytest.raises(FeatureError, match=f"{name}: the word features cannot be read"):
            WordFeatureFile(str(tmp_path / name))
    with pytest.raises(FeatureError, match="cannot be read"):
        WordFeatureFile(str(tmp_path))


def test_unknown_normalisation(file: Path) -> None:
    with pytest.raises(ConfigError, match="normalise is 'all'"):
        WordFeatureFile(str(file), normalise="all")  # type: ignore[arg-type]


names = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1, max_size=8)
numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
words = st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=4)


@given(st.dictionaries(names, words, min_size=1, max_size=5))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, values: dict[str, list]) -> None:
    file = tmp_path_factory.mktemp("words") / "face.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["utterance", "word", "a", "b", "c"])
        writer.writerows([id, n, *each] for id, words in values.items() for n, each in enumerate(words))
    found = read_words(file)
    assert found.keys() == values.keys()
    for id, each in values.items():
        np.testing.assert_array_equal(found[id].values, np.array(each, np.float32))


def test_the_home_folder_may_be_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "face.csv").write_text("utterance,word,smile,brows\nu1,0,0.1,0.3\n")
    assert WordFeatureFile("~/face.csv").dimension == 2
