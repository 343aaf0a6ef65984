import argparse
import codecs
import csv
import subprocess
import sys
from pathlib import Path

import pytest

from mtser.errors import ConfigError, EvaluationError
from mtser.tables import command
from tests.tables.conftest import answers
from tests.tables.run_writer import sure, write_run


def options(*arguments):
    parser = argparse.ArgumentParser(prog="mtser report")
    command.configure(parser)
    return parser.parse_args(list(map(str, arguments)))


def test_the_command_writes_all_files(results, tmp_path, capsys):
    assert command.run(options(results / "full", results / "mha2", "--out", tmp_path / "new" / "report")) == 0
    out = tmp_path / "new" / "report"
    assert {path.name for path in out.iterdir()} == {"report.html", "report.md", "tables.csv", "tables.tex"}
    shown = capsys.readouterr().out
    assert shown.startswith("toy · loso\n  Above full in UA (0.625), better: mha2 1.000 (+0.375, p = 0.002).")
    assert f"report.html, report.md, tables.csv, tables.tex in {out}" in shown
    assert all(len(line) <= 100 for line in shown.splitlines()[:-1])


def test_the_same_runs_make_the_same_files(results, tmp_path):
    for name in ("one", "two"):
        command.run(options(results, "--out", tmp_path / name))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_a_spreadsheet_reads_names_as_they_are(tmp_path, corpus):
    """Excel tells UTF-8 by the mark at the beginning of the file."""
    write_run(tmp_path / "results", "full", sure(answers()), corpus, corpus_name="Müller")
    command.run(options(tmp_path / "results", "--out", tmp_path / "out"))
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert [name for name, content in written.items() if content.startswith(codecs.BOM_UTF8)] == ["tables.csv"]
    with (tmp_path / "out" / "tables.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["corpus"] for row in csv.DictReader(file)} == {"Müller"}


def test_defaults_and_reference(results, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert options("results").out == Path("report") and options("results").reference == "full"
    command.run(options(results, "--reference", "mha2"))
    assert "No system is above mha2 in UA (1.000)." in (tmp_path / "report" / "report.md").read_text(encoding="utf-8")


def test_mistakes_are_told(tmp_path):
    with pytest.raises(EvaluationError, match="there is no such folder"):
        command.run(options(tmp_path / "nowhere"))


def test_help_has_examples_and_needs_nothing_heavy():
    text = command.configure.__module__
    parser = argparse.ArgumentParser(prog="mtser report")
    command.configure(parser)
    assert "mtser report results/" in parser.format_help() and command.NAME == "report" and command.SUMMARY
    code = f"import sys, {text}; print({{'numpy', 'torch', 'matplotlib'}} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_a_file_is_no_folder_to_write_to(results, tmp_path):
    file = tmp_path / "report"
    file.write_text("mine")
    with pytest.raises(ConfigError, match=r"--out .*report is a file; give a folder\."):
        command.run(options(results, "--out", file))
    assert file.read_text() == "mine"
