"""What the pages name exists: files, headings, options, classes, protocols."""

import argparse
import contextlib
import importlib
import io
import pydoc
import re
import shlex
from functools import cache
from pathlib import Path

import pytest

from mtser.cli import COMMANDS
from mtser.configuration import Hyperparameters
from mtser.corpora import read_emodb, read_iemocap
from mtser.corpora.joined import read_cross_corpus
from mtser.protocol_names import PROTOCOLS
from mtser.training.options import parse_options
from mtser.training.protocols import _PROTOCOLS
from tests.docs.pages import PAGES, ROOT, anchors, blocks, commands, inline_code, links

SYSTEMS = sorted((ROOT / "hparams").glob("*.yaml"))
FULL = ROOT / "hparams" / "full.yaml"
FOREIGN = {"--check", "--fix", "--logdir", "--nproc_per_node"}  # options of other programs
# Options of what a page adds; test_docs tries them.
OF_THE_PAGES = {"--rhythm_encoder.size", "--interaction.output_size", "--third_encoder.features.file"}
FILES = ("csv", "json", "md", "onnx", "py", "safetensors", "yaml")  # endings
FOLDERS = (".ci/", "benchmarks/", "docs/", "hparams/", "mtser/", "recipes/", "tests/")
TO_WORK_ON_MTSER = [page for page in PAGES if page.parent == ROOT]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
each_system = pytest.mark.parametrize("file", SYSTEMS, ids=lambda file: file.stem)


@cache
def known_options() -> frozenset[str]:
    """All options of all recipes with all systems, as ``--help`` and the YAML files tell them."""
    known = {f"--{name}" for file in SYSTEMS for name in Hyperparameters(file).names()}
    for reader in (read_iemocap, read_emodb, read_cross_corpus):
        known |= set(re.findall(r"--\w+", help_text(reader)))
    for _, module in COMMANDS:
        parser = argparse.ArgumentParser()
        importlib.import_module(module).configure(parser)
        known |= {name for name in parser._option_string_actions if name.startswith("--")}
    return frozenset(known)


def help_text(reader: object) -> str:
    text = io.StringIO()
    with contextlib.redirect_stdout(text), pytest.raises(SystemExit):
        parse_options(reader, "", ["--help"])  # type: ignore[arg-type]
    return text.getvalue()


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {link}"


@each_page
def test_options_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w-])--[a-z][\w.]*\w", text))
    unknown = named - known_options() - FOREIGN - OF_THE_PAGES
    assert not unknown


@each_page
def test_values_are_accepted(page: Path, tmp_path: Path) -> None:
    """An option that is given with a value is accepted with it, down to the objects that are made."""
    settings = tmp_path / "settings.yaml"  # read at once, unlike other files
    settings.write_text("training.patience: 5\n", encoding="utf-8")
    codes = [code.replace("--settings FILE", f"--settings {settings}") for code in inline_code(page)]
    given = [shlex.split(code) for code in codes if code.startswith("--")]
    for words in together([words for words in given if len(words) > 1 and words[0] not in OF_THE_PAGES]):
        options = parse_options(read_iemocap, "", [str(FULL), *words])
        assert "model" in options.hyperparameters.build()
        assert options.protocol is None or options.protocol in _PROTOCOLS


def together(given: list[list[str]]) -> list[list[str]]:
    """As few command lines as hold all of the options, none beside one that excludes it."""
    lines: list[list[str]] = []
    for words in given:
        for line in lines:
            if not any(exclude(one, other) for one in words[::2] for other in line[::2]):
                line += words
                break
        else:
            lines.append(list(words))
    return lines


def exclude(one: str, other: str) -> bool:
    """The same option, one that is part of the other, or two ways to say the same."""
    nested = f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")
    return nested or {one, other} in ({"--seed", "--seeds"}, {"--protocol", "--folds_file"})


@each_page
def test_keys_of_yaml_files_exist(page: Path) -> None:
    last_parts = {name.rpartition(".")[2].removeprefix("--") for name in known_options()}
    top = {name.partition(".")[0].removeprefix("--") for name in known_options()}
    for code in inline_code(page):
        if pair := re.fullmatch(r"(\w+): \w+", code):
            assert pair[1] in last_parts, code
        parts = code.split(".")
        if re.fullmatch(r"\w+(\.\w+)+", code) and parts[0] in top and parts[-1] not in FILES:
            assert f"--{code}" in known_options(), code


@each_page
def test_classes_and_functions_exist(page: Path) -> None:
    for name in {code for code in inline_code(page) if re.fullmatch(r"(mtser|torch)(\.\w+)+", code)}:
        assert pydoc.locate(name) is not None, name
    for block in blocks(page):
        for name in re.findall(r"!(?:new|name):((?:mtser|torch)[\w.]+)", block.text):
            assert pydoc.locate(name) is not None, name


@each_page
def test_files_exist(page: Path) -> None:
    for code in inline_code(page):
        if re.fullmatch(r"[\w./]+", code) and code.startswith(FOLDERS) and "..." not in code:
            assert (ROOT / code).exists(), code


def test_all_protocols_are_described() -> None:
    page = (ROOT / "docs" / "protocols.md").read_text(encoding="utf-8")
    tables = page.split("\n\n")
    for table in [text for text in tables if text.startswith("|")]:
        assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == list(PROTOCOLS)


@pytest.mark.parametrize("page", TO_WORK_ON_MTSER, ids=lambda page: page.stem)
def test_commands_can_be_given(page: Path) -> None:
    """README and CONTRIBUTING: trainings have options that exist, make has the words; what sets up is not run here."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    scripts = [block.text for block in blocks(page) if block.language == "bash"]
    for words in [words for script in scripts for words in commands(script)]:
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE), words
        elif words[0].endswith("python") and words[1].endswith("train.py"):
            parse_options(read_iemocap, "", [str(ROOT / words[2]), *words[3:]])
            assert (ROOT / words[1]).is_file()
    for words in [code.split() for code in inline_code(page) if code.startswith("make ")]:
        assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE), words


@pytest.mark.parametrize("page", TO_WORK_ON_MTSER, ids=lambda page: page.stem)
def test_python_runs(page: Path) -> None:
    for block in blocks(page):
        if block.language == "python":
            exec(compile(block.text, str(page), "exec"), {})


@each_system
def test_headers_name_source_and_commands(file: Path) -> None:
    header = file.read_text(encoding="utf-8").partition("\n\n")[0]
    assert all(line.startswith("#") for line in header.splitlines()), (
        "the header is the comment that the file begins with"
    )
    assert "# Source:" in header
    lines = [re.sub(r"^#\s*", "", line) for line in header.splitlines()]
    found = [words for line in lines if line.startswith("python ") for words in commands(line)]
    assert len(found) >= 2, "on the mini corpus, on a corpus"
    assert any("--data_folder" not in words for words in found) and any("--data_folder" in words for words in found)
    for _, script, system, *rest in found:
        assert (ROOT / script).is_file()
        assert system == f"hparams/{file.name}"
        options = parse_options(read_iemocap, "", [str(ROOT / system), *rest])
    assert "model" in options.hyperparameters.build()  # the last command is the one with other values
    assert Hyperparameters(file).get("system") == file.stem
