"""Mistakes in classes of the user's, told with class, file and place."""

from pathlib import Path

import pytest

from mtser.configuration import Hyperparameters
from mtser.errors import ConfigError

MODULE = """\
import torch
from mtser.errors import ModelError


class Key(dict):
    def __init__(self, size=1):
        self["sum"]


class Zero:
    def __init__(self, size=1):
        size / 0


class NoSuper(torch.nn.Module):
    def __init__(self, size=1):
        self.linear = torch.nn.Linear(size, size)


class Asserts:
    def __init__(self, size=1):
        assert size == 2


class Size(torch.nn.Module):
    def __init__(self, size=1):
        super().__init__()
        self.linear = torch.nn.Linear(size, 2)


class Own:
    def __init__(self, size=1):
        raise ModelError("is not to be.")


class Good:
    def __init__(self, inner=None, size=1):
        pass
"""


@pytest.fixture
def hparams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for YAML files, beside a module that can be imported as ``built_module``."""
    (tmp_path / "built_module.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "main.yaml").write_text("n: 2\nblock: !new:built_module.Good {size: 1}\nother: !ref <block>\n")
    return tmp_path


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ("Key {}", "Key cannot be made: KeyError: 'sum' (built_module.py:7)."),
        ("Zero {}", "Zero cannot be made: ZeroDivisionError: division by zero (built_module.py:12)."),
        (
            "NoSuper {}",
            "NoSuper cannot be made: AttributeError: cannot assign module before Module.__init__() call "
            "(built_module.py:17).",
        ),
        ("Asserts {}", "Asserts cannot be made: AssertionError (built_module.py:22)."),
        ("Own {size: 3}", "is not to be."),
        ("Good {inner: !new:built_module.Zero {}}", "Zero cannot be made: ZeroDivisionError"),
        ("Good {inner: !new:built_module.Good {sise: 1}}", "Good cannot be made: TypeError: Good.__init__() got an"),
    ],
)
def test_a_constructor_that_fails_is_named_with_its_place(hparams: Path, tag: str, sentence: str) -> None:
    file = hparams / "main.yaml"
    with pytest.raises(ConfigError if "Own" not in tag else Exception) as caught:
        Hyperparameters(file, {"block": f"!new:built_module.{tag}"}).build()
    prefix = "" if "Own" in tag else "built_module."
    assert str(caught.value).startswith(f"{file}: {prefix}{sentence}")


def test_a_type_error_far_inside_is_told_once(hparams: Path) -> None:
    tag = "!new:built_module.Good {inner: !new:built_module.Size {size: '50'}}"
    with pytest.raises(ConfigError) as caught:
        Hyperparameters(hparams / "main.yaml", {"block": tag}).build()
    assert "built_module.Size cannot be made: TypeError: empty()" in str(caught.value)
    assert "(built_module.py:28)." in str(caught.value) and "Invalid argument" not in str(caught.value)


def test_the_file_of_the_block_is_named(hparams: Path) -> None:
    main, block, part = hparams / "main.yaml", hparams / "block.yaml", hparams / "part.yaml"
    block.write_text("# a block\n!new:built_module.Good\ninner: !include:part.yaml\n")
    part.write_text("!new:built_module.Zero\nsize: 3\n")
    with pytest.raises(ConfigError) as caught:
        Hyperparameters(main, {"block": "block.yaml", "n": "3"}).build()
    assert str(caught.value).startswith(f"{part}: built_module.Zero cannot")
    with pytest.raises(ConfigError) as caught:
        Hyperparameters(main, {"block": str(part)}).build()
    assert str(caught.value).startswith(f"{part}: built_module.Zero cannot")
    with pytest.raises(ConfigError) as caught:  # the command line had a say
        Hyperparameters(main, {"block": str(part), "block.size": "5"}).build()
    assert str(caught.value).startswith(f"{main}: built_module.Zero cannot")
    main.write_text("list:\n    - 1\n    - !include:part.yaml\n")
    with pytest.raises(ConfigError) as caught:
        Hyperparameters(main).build()
    assert str(caught.value).startswith(f"{part}: built_module.Zero cannot")


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("!new:built_module.Goood {}", r"as built_module\.Goood: built_module has no Goood; the nearest is Good\."),
        ("!name:built_module.Goood {}", r"as built_module\.Goood: built_module has no Goood; the nearest is Good\."),
        ("!new:built_module {}", "should be a class, but is"),
        (
            "!apply:operator.truediv [1, 0]",
            r"operator\.truediv cannot be called: ZeroDivisionError: division by zero\.",
        ),
    ],
)
def test_what_names_nothing_that_can_be_made(hparams: Path, tag: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Hyperparameters(hparams / "main.yaml", {"block": tag}).build()


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("!new:built_modul.Good {}", r"^--block\.size: There is no such class as built_modul\.Good; if it is yours"),
        ("!new:built_module.Goood {}", r"^--block\.size: .* the nearest is Good\."),
        ("!new:built_module.Good {}", None),
    ],
)
def test_an_option_of_a_class_that_there_is_not_says_so(hparams: Path, tag: str, message: str | None) -> None:
    overrides = {"block.size": "3", "block": tag}
    if message is None:
        assert Hyperparameters(hparams / "main.yaml", overrides).flat()["block.size"] == 3
    else:
        with pytest.raises(ConfigError, match=message):
            Hyperparameters(hparams / "main.yaml", overrides)
