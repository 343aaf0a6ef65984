"""Sentences on classes that cannot be found or imported."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mtser.configuration.located import locate
from mtser.errors import ConfigError


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of the user's, of which one module is good and three are not."""
    folder = tmp_path / "located_package"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "gated.py").write_text("class GatedFusion:\n    class Inner: pass\n")
    (folder / "syntax.py").write_text("class Broken:\n    def f(self)\n        pass\n")
    (folder / "needs.py").write_text("import os\nimport no_such_package\n\nclass Fine: pass\n")
    (folder / "fails.py").write_text("from mtser.configuration.located import locate\n\nlocate('no.such')\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith("located_package")]:
        del sys.modules[name]


def test_what_there_is_is_found(package: Path) -> None:
    assert locate("located_package.gated.GatedFusion.Inner").__name__ == "Inner"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gated.GatedFuson", ": located_package.gated has no GatedFuson; the nearest is GatedFusion."),
        ("gated.GatedFusion()", ": located_package.gated has no GatedFusion(); the nearest is GatedFusion."),
        ("gated.GatedFusion.Iner", ": located_package.gated.GatedFusion has no Iner; the nearest is Inner."),
        ("gatet.GatedFusion", ": located_package has no gatet; the nearest is gated."),
        ("gated.Q", ": located_package.gated has no Q."),
    ],
)
def test_a_misspelt_part_gets_the_nearest(package: Path, name: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        locate(f"located_package.{name}")
    assert str(caught.value) == f"There is no such class as located_package.{name}{message}"


def test_a_package_that_cannot_be_found_gets_a_hint() -> None:
    with pytest.raises(ConfigError, match=r"as not_here\.x\.Y; if it is yours, install .* PYTHONPATH to the folder"):
        locate("not_here.x.Y")
    with pytest.raises(ConfigError, match=r"as NotHere; write the module .* \(my_package\.my_module\.NotHere\)\."):
        locate("NotHere")


def test_an_error_in_a_module_is_told_with_file_and_line(package: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        locate("located_package.syntax.Broken")
    assert f"Broken cannot be imported: SyntaxError: expected ':' ({package / 'syntax.py'}, line 2)" in str(
        caught.value
    )
    with pytest.raises(ConfigError) as caught:
        locate("located_package.needs.Fine")
    assert str(caught.value) == (
        "located_package.needs.Fine cannot be imported: ModuleNotFoundError: No module named 'no_such_package' "
        f"({package / 'needs.py'}, line 2)."
    )
    with pytest.raises(ConfigError) as caught:
        locate("located_package.fails.Fine")
    assert "cannot be imported: ConfigError: There is no such class as no.such" in str(caught.value)
    assert f"({package / 'fails.py'}, line 3)." in str(caught.value)
