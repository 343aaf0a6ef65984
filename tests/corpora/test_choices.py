from pathlib import Path

import pytest

from mtser.corpora.choices import check_choice, check_label_map, load_label_map
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


def test_a_class_map_is_a_file_or_a_mapping(tmp_path: Path) -> None:
    assert load_label_map("label_map", {"a": "b"}) == {"a": "b"}
    file = tmp_path / "map.yaml"
    file.write_text("# two classes\nsad: sad\n1: 'no'\nno: angry\n", encoding="utf-8")
    for given in (file, str(file)):
        assert list(load_label_map("label_map", given).items()) == [("sad", "sad"), ("1", "no"), ("no", "angry")]
    file.write_text("0: 0\n1: 12\n")
    assert load_label_map("label_map", file) == load_label_map("label_map", {0: 0, 1: 12}) == {"0": "0", "1": "12"}
    file.write_text("0.0: calm\n1.0: angry\n")
    assert load_label_map("label_map", file) == load_label_map("label_map", {0.0: "calm", 1.0: "angry"})
    assert load_label_map("label_map", file) == {"0.0": "calm", "1.0": "angry"}
    (tmp_path / "map.json").write_text('{"joy": "happy"}')
    assert load_label_map("label_map", tmp_path / "map.json") == {"joy": "happy"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sad: sad\nsad: angry\n", r"map\.yaml:2: cannot be read \(found duplicate key"),
        ("sad: [sad\n", r"map\.yaml:\d: cannot be read"),
        ("- sad\n- angry\n", "is no class map; each of its lines has to be a label and its class"),
        ("sad: {a: b}\n", "is no class map"),
        ("sad: 3.5\n", "is no class map"),
        ("sad: true\n", "is no class map"),
        ("", "is no class map"),
        ("sad: !!python/object:os.system x\n", "cannot be read|is no class map"),
    ],
)
def test_a_broken_class_map_is_told_in_a_sentence(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "map.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=told) as found:
        load_label_map("label_map", file)
    assert str(found.value).startswith("label_map: ") and "\n" not in str(found.value)


def test_a_class_map_that_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"label_map: .*none\.yaml: cannot be read \(No such file"):
        load_label_map("label_map", tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="label_map is 'four'; give a mapping"):
        load_label_map("label_map", "four")
