"""What is installed: the wheel holds all of mtser, and every dependency has a bound that was tried and a tested pin."""

import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import mtser

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy of what packaging reads (building leaves files beside setup.py), without network."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "mtser", folder / "mtser", ignore=shutil.ignore_patterns("__pycache__"))
    offline = ["--no-deps", "--no-index", "--no-build-isolation"]
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", *offline, "--wheel-dir", "dist", "."]
    subprocess.run(command, cwd=folder, check=True)
    return zipfile.ZipFile(next((folder / "dist").glob("*.whl")))


@pytest.fixture(scope="module")
def described(wheel: zipfile.ZipFile) -> metadata.PackageMetadata:
    """The wheel's metadata."""
    name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return metadata.PathDistribution(zipfile.Path(wheel, name.removesuffix("METADATA"))).metadata


def requirements(described: metadata.PackageMetadata, extra: str = "") -> dict[str, Requirement]:
    """What the wheel needs, by name: always (``extra`` is empty) or for one extra (without what it always needs)."""
    found = [Requirement(text) for text in described.get_all("Requires-Dist")]
    wanted = [r for r in found if (r.marker.evaluate({"extra": extra}) if r.marker else not extra)]
    return {canonicalize_name(requirement.name): requirement for requirement in wanted}


def pins(name: str, python: str) -> dict[str, str]:
    """The exact versions that a constraints file of the project holds for one version of Python."""
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    found: dict[str, str] = {}
    for requirement in (Requirement(line) for line in lines if line):
        if requirement.marker and not requirement.marker.evaluate({"python_version": python}):
            continue
        (exact,) = requirement.specifier
        assert exact.operator == "==", requirement
        assert canonicalize_name(requirement.name) not in found, f"{name} pins {requirement.name} twice"
        found[canonicalize_name(requirement.name)] = exact.version
    return found


def test_the_version_is_stated_once(described: metadata.PackageMetadata) -> None:
    assert described["Version"] == mtser.__version__
    others = [path.name for path in ROOT.glob("*.toml") if re.search(r"^version\s*=", path.read_text(), re.MULTILINE)]
    assert not others


def test_the_wheel_holds_every_file_of_mtser_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mtser").rglob("*") if path.is_file()}
    there = {name for name in there if "__pycache__" not in name and not Path(name).name.startswith(".")}
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name and not name.endswith("/")}
    assert packed == there


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "mtser").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_the_wheel_carries_the_licence(wheel: zipfile.ZipFile, described: metadata.PackageMetadata) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("LICENSE"))
    assert wheel.read(name) == (ROOT / "LICENSE").read_bytes()
    assert "Apache-2.0" in (described.get("License-Expression") or described["License"])


def test_all_is_every_extra(described: metadata.PackageMetadata) -> None:
    extras = set(described.get_all("Provides-Extra")) - {"all"}
    assert {"opensmile", "mini", "test", "dev"} <= extras
    union = {name: str(r.specifier) for extra in extras for name, r in requirements(described, extra).items()}
    assert {name: str(r.specifier) for name, r in requirements(described, "all").items()} == union


def test_parts_under_other_licences_are_not_installed_unasked(described: metadata.PackageMetadata) -> None:
    assert not {"opensmile", "espeakng-loader"} & set(requirements(described))


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
def test_everything_is_pinned_within_its_bound(described: metadata.PackageMetadata, python: str) -> None:
    tested = pins("constraints.txt", python)
    for name, requirement in {**requirements(described), **requirements(described, "all")}.items():
        assert name in tested, f"constraints.txt lacks {name}"
        assert requirement.specifier.contains(tested[name]), f"constraints.txt pins {name} outside {requirement}"


def test_lower_bounds_are_those_that_are_tried(described: metadata.PackageMetadata) -> None:
    needed = {**requirements(described), **requirements(described, "all")}
    bounds = {name: bound.version for name, r in needed.items() for bound in r.specifier if bound.operator == ">="}
    assert pins("constraints-lower.txt", "3.10") == bounds
