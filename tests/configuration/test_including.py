"""Values under an ``!include:``, as stock HyperPyYAML and as mtser read them."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hyperpyyaml import load_hyperpyyaml

from mtser.configuration import Hyperparameters
from mtser.errors import ConfigError

PART = """\
!new:collections.OrderedDict
size: 100
inner: !new:collections.OrderedDict
    rate: 0.5
    deep: {a: 1, b: 2}
other: !new:collections.OrderedDict {x: 1}
list: [1, 2]
"""


def write(folder: Path, values: str, part: str = PART) -> Path:
    """A file that includes ``part`` with ``values`` under the ``!include:``; returns its path."""
    (folder / "parts").mkdir()
    (folder / "parts" / "part.yaml").write_text(part)
    (folder / "parts" / "two.yaml").write_text("rate: 0.25\n")
    main = folder / "main.yaml"
    main.write_text(f"word_size: 7\nblock: !include:parts/part.yaml\n{values}")
    return main


def stock(file: Path) -> Any:
    with file.open(encoding="utf-8") as stream:
        return load_hyperpyyaml(stream)


@pytest.mark.parametrize(
    "values",
    [
        "",
        "    size: 200\n",
        "    size: !ref <word_size>\n    inner: {rate: 0.1}\n",
        "    inner: {deep: {b: 3}}\n    list: [3]\n",
        "    inner: !new:collections.OrderedDict {deep: {a: 4}}\n",
        "    inner: !include:parts/two.yaml\n",
        "    inner:\n        deep: null\n",
        "    other: !new:collections.OrderedDict\n",
    ],
)
def test_values_under_an_include_are_read_as_stock_hyperpyyaml_reads_them(tmp_path: Path, values: str) -> None:
    file = write(tmp_path, values)
    expected, found = stock(file), Hyperparameters(file).build()
    assert found == expected
    assert type(found["block"]["inner"]) is type(expected["block"]["inner"])
    assert bool(values) == (found["block"] != stock(tmp_path / "parts" / "part.yaml"))


def test_an_argument_that_the_file_leaves_at_its_default_can_be_set(tmp_path: Path) -> None:
    file = write(tmp_path, "    bias: false\n", "!new:torch.nn.Linear {in_features: 2, out_features: 3}\n")
    for block in (stock(file)["block"], Hyperparameters(file).build()["block"]):
        assert isinstance(block, torch.nn.Linear) and block.bias is None


def test_a_command_line_can_still_change_what_stands_under_an_include(tmp_path: Path) -> None:
    file = write(tmp_path, "    size: 200\n")
    assert Hyperparameters(file, {"block.size": "300"}).build()["block"]["size"] == 300


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("    sise: 200\n", r"under !include:parts/part\.yaml: the included file has no sise; the nearest is size\."),
        ("    inner: {rat: 1}\n", r"has no inner\.rat; the nearest is inner\.rate\."),
        ("    inner: {deep: {c: 1}}\n", r"has no inner\.deep\.c\b"),
        ("    inner: 3\n", r"inner is a block \(!new:collections\.OrderedDict\)"),
        ("    inner: !new:collections.Counter {rate: 1}\n", "inner is a block"),
        ("    inner: !ref <word_size>\n", "inner is a block"),
        ("    size: {a: 1}\n", "size is no block in the included file"),
        ("    - 1\n", "has to be a mapping of names to values"),
    ],
)
def test_what_has_no_place_in_the_included_file_is_refused(tmp_path: Path, values: str, message: str) -> None:
    file = write(tmp_path, values)
    with pytest.raises(ConfigError, match=message) as caught:
        Hyperparameters(file)
    assert str(caught.value).startswith(f"{file}")
