from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.corpora.custom_division import division, spellings, twice_spelt
from mtser.corpora.custom_table import CustomRow


def rows(**columns: str) -> list[CustomRow]:
    """A row for each word of the columns; - is an empty field."""
    values = zip(*(words.split() for words in columns.values()), strict=True)
    fields = [dict(zip(columns, (value.strip("-") for value in row), strict=True)) for row in values]
    return [CustomRow("a", Path("a"), True, None, None, one, "t.csv:2") for one in fields]


@pytest.mark.parametrize(
    ("columns", "protocol", "told"),
    [
        ({"split": "train DEV Eval"}, "official", None),
        ({"split": "training devel evaluation", "group": "a - b"}, "official", None),
        ({"split": "train val val"}, "lospo", "No row has the split test, so official"),
        ({"split": "train train train", "group": "a b c"}, "loso", "No row has the split dev or test, so official"),
        ({"split": "train dev test -"}, "lospo", "1 of 4 rows have no split, so official"),
        ({"split": "train - test -"}, "lospo", "2 of 4 rows have no split and no row has the split dev, so official"),
        ({"group": "a - b"}, "lospo", "1 of 3 rows have no group, so loso"),
        ({"group": "a a b"}, "loso", None),
        ({"group": "- - -", "split": "- - -"}, "lospo", None),
    ],
)
def test_what_is_run_and_what_is_told(columns: dict[str, str], protocol: str, told: str | None) -> None:
    found, warnings = division(rows(**columns), frozenset({"speaker", *columns}))
    assert found == protocol
    assert len(warnings) == (told is not None)
    if told:
        assert warnings[0].startswith(f"{told} is not what is run by default, but {protocol}")
        assert ("those of test included" in warnings[0]) == ("official" in told)


def test_very_many_speakers_have_five_folds() -> None:
    people = " ".join(f"p{i}" for i in range(501))
    assert division(rows(speaker=people), frozenset({"speaker"})) == ("speakers_5fold", [])
    assert division(rows(speaker=people.removesuffix("p500")), frozenset({"speaker"})) == ("lospo", [])


def test_without_speakers(tmp_path: Path) -> None:
    protocol, (no_speaker, no_dev) = division(rows(split="train test"), frozenset({"split"}))
    assert protocol == "random_5fold" and no_dev.startswith("No row has the split dev")
    assert no_speaker.startswith("The table has no column speaker")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", "b", "a"], []),
        (["Ann Lee", "ann lee", "AnnLee"], [["Ann Lee", "AnnLee", "ann lee"]]),
        (["1", "01", "1.0", "1.", "1.5", "-1", "1_0", "10"], [["01", "1", "1.", "1.0"]]),
        (["stra\xdfe", "STRASSE"], [["STRASSE", "stra\xdfe"]]),
        (["nan", "inf", "1e3", "1000"], []),
    ],
)
def test_spellings(values: list[str], expected: list[list[str]]) -> None:
    assert spellings(values) == expected


@given(st.lists(st.text()))
def test_no_value_is_in_two_groups(values: list[str]) -> None:
    grouped = [one for some in spellings(values) for one in some]
    assert len(grouped) == len(set(grouped)) and set(grouped) <= set(values)


def test_labels_of_one_class_may_be_spelt_in_several_ways() -> None:
    found = rows(label="Sad sad 2 2.0", group="x X y y")
    (labels, groups) = twice_spelt(found, {"Sad": "sad", "sad": "sad", "2": "two"})
    assert "column label has values that differ only" in labels and "(2 and 2.0): they count as different la" in labels
    assert "column group" in groups and "(X and x)" in groups
    one_way = {"Sad": "sad", "sad": "sad"}  # 2 and 2.0 are left out, both
    assert len(twice_spelt(rows(label="Sad sad 2 2.0"), one_way)) == 0
    many = twice_spelt(rows(speaker="a A b B c C d D"), {})
    assert many[0].count("; ") == 3 and "; ...)" in many[0]
