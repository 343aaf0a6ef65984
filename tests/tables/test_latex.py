import re
import shutil
import subprocess

import pytest

from mtser.tables.latex import _ESCAPES, escaped, latex
from mtser.tables.make import make_report
from mtser.tables.runs import find_runs
from tests.tables.conftest import answers
from tests.tables.run_writer import sure, write_not_applicable, write_run

NASTY = r"\a & b % $1 #2 _x_ {y} ~z ^2 <t> | – − ± · “q” ’ … Δ → × ≤ ≥ ≈ ▲▼○† [x] *"


@pytest.fixture(scope="module")
def text(report):
    return latex(report)


TRICKY = "ĄąĐđĘęÞþÐðŊŋ «Łódź» ßøæ ¿¡ ăčěğ × §"
"""With these pdfLaTeX has to be told of the encoding T1."""


def test_escapes():
    assert escaped("100 % of a_b & {c}") == r"100 \% of a\_b \& \{c\}"
    assert escaped("\\") == r"\textbackslash{}" and escaped("a\nb\u00a0 c") == "a b c"


def test_nothing_special_is_left():
    rest = re.sub(r"\{[\[*]\}|\\[a-zA-Z]+\{\}|\\[&%$#_{}]|\$(\\\w+|-)\$", "", escaped(NASTY))
    assert not set(rest) & set("\\&%$#_{}~^<>|") and rest.isascii()


def test_rows_have_the_columns_of_the_table(text):
    for table in re.findall(r"\\toprule(.*?)\\bottomrule", text, re.DOTALL):
        for line in re.findall(r"^(?!\\)(.*) \\\\$", table, re.MULTILINE):
            cells = re.split(r"(?<!\\)&", line)
            spans = [int(n) for n in re.findall(r"\\multicolumn\{(\d+)\}", line)]
            assert len(cells) - len(spans) + sum(spans) == 10, line


def test_braces_and_environments_match(text):
    plain = re.sub(r"\\[{}\\]|(?<!\\)%.*", "", text)
    depth = 0
    for letter in plain:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
    assert depth == 0
    stack = []
    for kind, name in re.findall(r"\\(begin|end)\{([\w*]+)\}", text):
        if kind == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    assert not stack


def test_content(text):
    assert r"ours, ensemble of 2 seeds & .750" in text and r"Text only (text\_only) & " in text
    assert r"ours (full) & .625 $\pm$ .177 & .625--.625 & .625 $\pm$ .177 & .625--.625 & 2 & 1\,000 & 8.0 s" in text
    assert r"MHA-2 (mha2) & 1.000 $\uparrow$ & 1.000--1.000" in text and r"\emph{.765} & \emph{.776\dag{}} \\" in text
    assert r"multitask\_vad & \multicolumn{7}{l}{not applicable$^{2}$} & \emph{--} & \emph{--} \\" in text
    assert r"$^{1}$~not applicable: toy has no dialogs \& \textless{}no\textgreater{} turns\_." in text
    assert r"\label{tab:toy-random-5fold-1}" in text
    assert "A warning of its own." in text and "another experiment" in text
    assert r"\usepackage{booktabs,graphicx}" in text.splitlines()[0]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("日本語", "xelatex"), ("ǝ", "xelatex"), ("Ș", "xelatex"), ("ħ", "xelatex"), ("Müller", None), ("Łódź", None),
        ("ąđ", "[T1]{fontenc}"), ("Þór", "[T1]{fontenc}"), ("«a»", "[T1]{fontenc}"),
    ],
)  # fmt: skip
def test_what_letters_need_is_told(tmp_path, corpus, name, told):
    write_run(tmp_path, "full", sure(answers()), corpus, corpus_name=name)
    lines = latex(make_report(find_runs([tmp_path]))).splitlines()
    comments = [line for line in lines[:3] if line.startswith("%") and ("xelatex" in line or "T1" in line)]
    assert len(comments) == (told is not None) and all(told in line for line in comments)


def test_what_has_no_result_is_told(text, tmp_path, corpus):
    for absent in (r"audio\_only, lstm\_attn, wise, mdre.", r"mt\_mi, mi\_wr, mi\_mt\_wr\_star."):
        assert f"Of the paper's table without a complete run here: {absent}" in text
    assert text.count(r"Incomplete, in no table: audio\_only, seed 1 (folds missing: fold\_2, fold\_4).") == 2


def test_a_section_without_a_table_is_told_in_a_comment(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus, folds_run=["fold_1"])
    text = latex(make_report(find_runs([tmp_path])))
    said = "% toy, protocol loso: no table.\n% Incomplete, in no table: full, seed 1 (fold missing: fold_2).\n"
    assert f"\n{said}" in text


def test_a_note_is_no_option_of_the_line_break_before_it(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus, warnings=["[odd] first.", "*second*", "third"])
    write_not_applicable(tmp_path, "[own]", "no words")
    text = latex(make_report(find_runs([tmp_path])))
    assert "\\\\{}\n{[}odd] first. \\\\{}\n{*}second{*} \\\\{}\nthird" in text
    assert "\n{[}own] & " in text


def test_synthetic_speech_stands_in_the_caption(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus, synthetic=True)
    text = latex(make_report(find_runs([tmp_path])))
    assert r"\caption{Synthetic speech, no result about people. toy, protocol loso" in text


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
@pytest.mark.parametrize(("name", "packages"), [("Müller", ""), (TRICKY, r"\usepackage[T1]{fontenc}")])
def test_it_compiles(tmp_path, results, corpus, name, packages):
    warnings = ["[odd] first.", "*second*", NASTY]
    write_run(tmp_path / "more", "full", sure(answers()), corpus, corpus_name=name, warnings=warnings)
    write_run(tmp_path / "more", "[own]", sure(answers()), corpus, corpus_name=name)
    text = latex(make_report(find_runs([results, tmp_path / "more"])))
    (tmp_path / "tables.tex").write_text(text, encoding="utf-8")
    document = (
        rf"\documentclass{{article}}{packages}\usepackage{{booktabs,graphicx}}\begin{{document}}\input{{tables.tex}}"
        + "".join(_ESCAPES.values())
        + r"\end{document}"
    )
    (tmp_path / "x.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "x.tex"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert found.returncode == 0, found.stdout[-2000:]
    assert "Overfull" not in found.stdout
