from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtser.errors import EvaluationError
from mtser.evaluation import Predictions, join

COLUMNS = ("seeds", "truth", "prediction", "probabilities")


def equal(one: Predictions, other: Predictions) -> bool:
    same = (one.utterances, one.folds, one.classes) == (other.utterances, other.folds, other.classes)
    return same and all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in COLUMNS)


ids = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1)
floats = st.floats(0, 1, width=32)
rows = st.lists(
    st.tuples(ids, st.sampled_from(["f2", "f1", 'a "fold", odd']), st.integers(-3, 2**40), floats),
    max_size=12,
    unique_by=lambda row: (row[0], row[2]),
)


@settings(max_examples=60)
@given(rows)
def test_a_file_gives_back_every_bit(tmp_path_factory, cases):
    ids = [row[0] for row in cases]
    index = np.arange(len(ids)) % 2
    probabilities = np.array([[row[3], np.float32(1) - np.float32(row[3])] for row in cases], np.float32).reshape(-1, 2)
    one = Predictions(
        ids,
        [row[1] for row in cases],
        np.array([row[2] for row in cases], np.int64),
        index,
        1 - index,
        probabilities,
        ("sad", "very, angry"),
    )
    path = tmp_path_factory.mktemp("predictions") / "predictions.csv"
    one.save(path)
    again = Predictions.read(path)
    assert sorted(again.utterances) == sorted(one.utterances)
    if len(one.seed_values()) < 2:  # with several seeds the first rows need not show every fold in its order
        assert equal(one, again)


def test_every_float32_survives(tmp_path, make_predictions):
    bits = np.random.default_rng(0).integers(0, np.float32(1).view(np.int32) + 1, (4000, 2), np.int32)
    probabilities = bits.view(np.float32)  # also tiny and denormal ones
    ids = [f"u{i:04d}" for i in range(len(bits))]
    zero = np.zeros(len(bits), np.int64)
    one = Predictions(ids, ["f"] * len(ids), zero, zero, zero, probabilities, ("a", "b"))
    one.save(tmp_path / "p.csv")
    assert equal(one, Predictions.read(tmp_path / "p.csv"))


def test_the_file_has_the_promised_columns_and_order(tmp_path):
    one = Predictions(
        ["u3", "u1", "u2"], ["late", "late", "early"], [7, 7, 7], [0, 1, 1], [1, 1, 0],
        [[0.25, 0.75], [0.1, 0.9], [1, 0]], ("sad", "angry"),
    )  # fmt: skip
    text = one.save(tmp_path / "predictions.csv").read_text()
    assert text.splitlines() == [
        "utterance,fold,seed,truth,prediction,p_sad,p_angry",
        "u1,late,7,angry,angry,0.100000001,0.899999976",
        "u3,late,7,sad,angry,0.25,0.75",
        "u2,early,7,angry,sad,1,0",
    ]


def test_the_order_of_rows_within_folds_does_not_matter(make_predictions):
    straight, _ = make_predictions(3)
    parts = [straight.fold(name) for name in straight.fold_names()]
    mixed = [part.select(np.random.default_rng(i).permutation(len(part)) >= 0) for i, part in enumerate(parts)]
    assert equal(join(mixed), straight) and straight.fold_names() == tuple(f"fold_{i}" for i in range(1, 6))
    shuffled, _ = make_predictions(3, shuffle=True)
    assert set(shuffled.fold_names()) == set(straight.fold_names())
    for name in straight.fold_names():
        assert equal(shuffled.fold(name), straight.fold(name))


def test_joined_seeds_stay_apart(make_predictions):
    first, second = make_predictions(2)[0], make_predictions(1)[0]
    both = join([first, second])
    assert both.seed_values() == (1, 2) and equal(both.select(both.seeds == 2), first)
    assert (both.confusion() == first.confusion() + second.confusion()).all()
    assert both.items(1) == both.items(2) == first.items(2)


def test_what_cannot_be_joined_is_refused(make_predictions):
    one, _ = make_predictions(1)
    other, _ = make_predictions(2, classes=("a", "b"))
    for parts, said in (([], "no predictions"), ([one, other], "different classes"), ([one, one], "predicted twice")):
        with pytest.raises(EvaluationError, match=said):
            join(parts)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"probabilities": [[np.nan, 1], [0, 1]]}, "1 predictions have no probabilities.*u1.*diverged"),
        ({"probabilities": [[0, 1], [-0.1, 1.1]]}, "u2"),
        ({"probabilities": [[0, 1]]}, "other lengths"),
        ({"truth": [0, 2]}, "truth has a class index"),
        ({"prediction": [0, -1]}, "prediction has a class index"),
        ({"folds": ["f"]}, "other lengths"),
        ({"utterances": ["u1", "u1"]}, "u1 is predicted twice with the seed 1"),
    ],
)
def test_impossible_predictions_are_refused(changes, said):
    good = {
        "utterances": ["u1", "u2"], "folds": ["f", "f"], "seeds": [1, 1], "truth": [0, 1], "prediction": [0, 1],
        "probabilities": [[1, 0], [0, 1]], "classes": ("a", "b"),
    }  # fmt: skip
    Predictions(**good)
    with pytest.raises(EvaluationError, match=said):
        Predictions(**good | changes)


HEADER = "utterance,fold,seed,truth,prediction,p_a,p_b\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "breaks off"),
        (HEADER + "u1,f,1,a,a,0.5,0.5\nu2,f,1,a,a,0.5,0.", "breaks off in the middle"),
        (HEADER + "u1,f,1,a,a,0.5,0.5\nu2,f,1,a,a,0.5\n", "line 3: 6 fields instead of 7"),
        (HEADER + "u1,f,1,a,joy,0.5,0.5\n", "line 2: 'joy' is no class"),
        (HEADER + "u1,f,one,a,a,0.5,0.5\n", "line 2: .*one"),
        (HEADER + "u1,f,1,a,a,0.5,half\n", "line 2: .*half"),
        (HEADER + "u1,f,1,a,a,0.5,nan\n", "no probabilities"),
        (HEADER + "u1,f,1,a,a,0.5,0.5\n" * 2, "predicted twice"),
        (HEADER.replace("seed,", "") + "u1,f,a,a,0.5,0.5\n", "line 1: the columns"),
        (HEADER.replace("p_b", "b") + "u1,f,1,a,a,0.5,0.5\n", "line 1: the columns"),
        (HEADER.replace("p_b", "p_a") + "u1,f,1,a,a,0.5,0.5\n", "line 1: the columns"),
        (HEADER + '"u1,f,1,a,a,0.5,0.5\n', "p.csv: "),
        ("utterance,fold,seed,truth,prediction\n", "line 1: the columns"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path, text, said):
    path: Path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(EvaluationError, match=f"p.csv: .*{said}" if not said.startswith("p.csv") else said):
        Predictions.read(path)


def test_missing_and_binary_files_are_one_sentence(tmp_path):
    with pytest.raises(EvaluationError, match="cannot be read"):
        Predictions.read(tmp_path / "none.csv")
    (tmp_path / "p.csv").write_bytes(b"\xff\xfe\x00\n")
    with pytest.raises(EvaluationError, match="not UTF-8"):
        Predictions.read(tmp_path / "p.csv")


def test_windows_line_ends_are_read(tmp_path):
    (tmp_path / "p.csv").write_bytes((HEADER + "u1,f,1,a,b,0.5,0.5\n").replace("\n", "\r\n").encode())
    assert Predictions.read(tmp_path / "p.csv").confusion().tolist() == [[0, 1], [0, 0]]
