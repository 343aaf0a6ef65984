"""Reading YAML trees with their includes."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mtser.configuration.tags import tag_of
from mtser.configuration.tree import dump, plain, read_tree
from mtser.errors import ConfigError


def write(folder: Path, **files: str) -> Path:
    """Write files named ``<key>.yaml``, "__" for "/"; returns the path of ``main.yaml``."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "main.yaml"


def test_includes_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main="a: !include:parts/one.yaml\nlist:\n    - !include:two.yaml\n    - 3\n",
        parts__one="!new:torch.nn.ReLU\ndeep: !include:../two.yaml\n",
        two="b: 2\n",
    )
    tree = read_tree(main)
    assert plain(tree) == {"a": {"deep": {"b": 2}}, "list": [{"b": 2}, 3]}
    assert tag_of(tree["a"]) == "!new:torch.nn.ReLU"


def test_a_file_may_be_included_twice(tmp_path: Path) -> None:
    main = write(tmp_path, main="a: !include:one.yaml\nb: !include:one.yaml\n", one="x: 1\n")
    assert plain(read_tree(main)) == {"a": {"x": 1}, "b": {"x": 1}}


def test_a_file_that_includes_itself_over_another_is_refused(tmp_path: Path) -> None:
    main = write(tmp_path, main="a: !include:one.yaml\n", one="b: !include:main.yaml\n")
    with pytest.raises(ConfigError, match=r"main\.yaml: includes itself"):
        read_tree(main)


def test_a_missing_include_names_both_files(tmp_path: Path) -> None:
    main = write(tmp_path, main="a: !include:parts/one.yaml\n")
    with pytest.raises(ConfigError, match=r"parts/one\.yaml, which .*main\.yaml includes: cannot be read \(No such"):
        read_tree(main)


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: [2\n", 3), ("a: 1\nb: 'x\n", 3), ("a: 1\n\ta: 2\n", 2), ("a: 1\na: 2\n", 2)],
    ids=["bracket", "quote", "tab", "twice"],
)
def test_broken_yaml_names_file_and_line(tmp_path: Path, text: str, line: int) -> None:
    main = write(tmp_path, main="first: 1\nb: !include:one.yaml\n", one=text)
    with pytest.raises(ConfigError, match=rf"one\.yaml: is no YAML: .*line {line}") as caught:
        read_tree(main)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "3\n", "- 1\n- 2\n", "just words\n"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"main\.yaml: is no YAML mapping"):
        read_tree(write(tmp_path, main=text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x: 1\nb: !new:torch.nn.Linear\n    in_features: 1\n    in_features: 2\n",
            "in_features .* line 3 and in line 4",
        ),
        ("list:\n    - !new:torch.nn.Linear {bias: 1,\n    bias: 2}\n", "bias is given twice, in line 2 and in line 3"),
        ("a: 1\na: 2\n", "a is given twice, in line 1 and in line 2"),
        ("!new:x.Y\n", r"is no YAML mapping of names to values; write !new:x\.Y \{\}, with braces"),
        ("!include:y.yaml\n", r"is no YAML mapping of names to values; name the file y\.yaml itself\."),
    ],
)
def test_mistakes_around_a_tag_are_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"main\.yaml: .*{message}"):
        read_tree(write(tmp_path, main=text))


def test_what_is_no_text_or_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.yaml").write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(ConfigError, match=r"bytes\.yaml: is no YAML"):
        read_tree(tmp_path / "bytes.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_tree(tmp_path)


def test_dump_keeps_tags_and_long_lines(tmp_path: Path) -> None:
    long = " ".join(["word"] * 60)
    main = write(tmp_path, main=f"a: !new:torch.nn.Linear {{in_features: 3}}\nb: {long}\nc: !ref <b>\n")
    again = YAML().load(dump(read_tree(main)))
    assert again["b"] == long
    assert [tag_of(again[name]) for name in "abc"] == ["!new:torch.nn.Linear", "", "!ref"]


def test_plain_gives_ordinary_types() -> None:
    tree = YAML().load("a: true\nb: 1\nc: 0.5\nd: 'x'\ne: null\nf: [1, {g: 2}]\nh: !ref <a>\n1: 2\n")
    value = plain(tree)
    assert value == {"a": True, "b": 1, "c": 0.5, "d": "x", "e": None, "f": [1, {"g": 2}], "h": "!ref <a>", "1": 2}
    assert [type(value[name]) for name in "abcdf"] == [bool, int, float, str, list]
