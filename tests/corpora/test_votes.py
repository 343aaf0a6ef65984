from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.corpora.votes import LABELS, label_of, vote_shares

MAP = {"ang": "angry", "hap": "happy", "exc": "happy", "sad": "sad", "neu": "neutral"}
CLASSES = ("angry", "happy", "sad", "neutral")
CATEGORIES = {
    "Neutral": "neutral",
    "Neutral state": "neutral",
    "Anger": "angry",
    "Happiness": "happy",
    "Excited": "happy",
    "Sadness": "sad",
    "Frustration": None,
    "Surprise": None,
    "Who knows": None,
}


@given(st.lists(st.lists(st.sampled_from(sorted(CATEGORIES)), min_size=1, unique=True)))
def test_shares_equal_counting_in_fractions(ballots: list[list[str]]) -> None:
    counts = dict.fromkeys(CLASSES, Fraction(0))
    for ballot in ballots:
        for category in ballot:
            if (emotion := CATEGORIES[category]) is not None:
                counts[emotion] += Fraction(1, len(ballot))
    total = sum(counts.values())
    shares = vote_shares(ballots, MAP, CLASSES)
    if not total:
        assert shares is None
    else:
        assert shares == pytest.approx({emotion: float(count / total) for emotion, count in counts.items()})
        assert list(shares) == list(CLASSES)


def test_a_category_ticked_twice_counts_once() -> None:
    assert vote_shares([("Anger", "Anger", "Sadness")], MAP, CLASSES) == {
        "angry": 0.5,
        "happy": 0.0,
        "sad": 0.5,
        "neutral": 0.0,
    }


@pytest.mark.parametrize("category, label", [("Neutral  state", "neu"), ("FRUSTRATION", "fru"), ("Surprised", "sur")])
def test_spellings_of_categories(category: str, label: str) -> None:
    assert label_of(category) == label
    assert label in LABELS


def test_nobody_knows_this_category() -> None:
    assert label_of("Hangry") is None
