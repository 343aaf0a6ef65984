import pytest

from mtser.corpora.choices import check_choice, check_label_map
from mtser.errors import ConfigError


def test_a_wrong_choice_is_answered_with_the_right_ones() -> None:
    check_choice("unaligned", "drop", ("drop", "even"))
    with pytest.raises(ConfigError, match="unaligned is 'evn'; choose 'drop' or 'even'"):
        check_choice("unaligned", "evn", ("drop", "even"))


def test_classes_are_in_the_order_of_appearance() -> None:
    assert check_label_map("label_map", {"b": "two", "a": "one", "c": "two"}, "abc") == ("two", "one")


def test_a_label_that_does_not_exist_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="'hapy'.*did you mean 'hap'"):
        check_label_map("label_map", {"hapy": "happy"}, ("ang", "hap"))


def test_an_empty_map() -> None:
    with pytest.raises(ConfigError, match="maps no label"):
        check_label_map("label_map", {}, ("ang",))
