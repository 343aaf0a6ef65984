import re

import pytest

from mtser.tables.make import make_report
from mtser.tables.markdown import markdown
from mtser.tables.runs import find_runs
from tests.tables.conftest import answers
from tests.tables.run_writer import sure, write_not_applicable, write_run


@pytest.fixture(scope="module")
def text(report):
    return markdown(report)


def tables(text):
    """All tables, as lists of rows; their rows have equally many cells."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in block.splitlines()]
        assert len({len(row) for row in rows}) == 1, block
        found.append(rows)
    return found


def table(text, heading):
    """The first table below a heading."""
    return tables(text.partition(f"{heading}\n")[2])[0]


def test_table_1(text):
    rows = table(text, "### toy · loso: Table 1, the paper's system and its rivals")
    assert rows[0] == [
        "system", "WA", "95 % interval", "UA", "95 % interval", "seeds", "trained parameters", "training",
        "*paper, IEMOCAP: WA*", "*paper, IEMOCAP: UA*",
    ]  # fmt: skip
    cells = {row[0]: row[1:] for row in rows[2:]}
    assert list(cells) == [
        "Text only (`text_only`)", "MHA-2 (`mha2`)", "ours (`full`)", "`full (ensemble of 2 seeds)`",
        "*beyond the paper*", "`mcaf`", "`multitask_vad`", "`my_run`",
    ]  # fmt: skip
    assert cells["ours (`full`)"] == [
        "0.625 ± 0.177", "0.625 to 0.625", "0.625 ± 0.177", "0.625 to 0.625", "2", "1\u00a0000", "8.0 s", "*0.768*",
        "*0.771*",
    ]  # fmt: skip
    assert cells["`full (ensemble of 2 seeds)`"][2:6] == ["0.750", "0.750 to 0.750", "2", "2\u00a0000"]
    assert cells["MHA-2 (`mha2`)"][:6] == ["1.000 ▲", "1.000 to 1.000", "1.000 ▲", "1.000 to 1.000", "1", "–"]
    assert cells["Text only (`text_only`)"][2] == "0.250 ▼"
    assert cells["`my_run`"][-2:] == ["–", "–"]
    assert cells["`multitask_vad`"][0] == "not applicable (2)" and "2. not applicable: toy has no valence." in text


def test_confusions_and_recalls(text):
    rows = table(text, "### toy · loso: recall of each class")
    assert ["`full`", "0.000", "1.000", "0.500", "1.000"] in rows
    rows = next(rows for rows in tables(text) if rows[0] == ["`full`", "angry", "happy", "sad", "neutral"])
    assert rows[4] == ["**sad**", "0 % (0)", "0 % (0)", "50 % (5)", "50 % (5)"]


def test_other_tables(text):
    assert table(text, "### toy · loso: against `full`")[3][:5] == [
        "`mha2`", "+0.375", "+0.375 to +0.375", "0.008", "▲ better",
    ]  # fmt: skip
    assert table(text, "### toy · random\\_5fold: against `full`")[0][-1] == "McNemar p of WA (Holm)"
    assert ["`full`", "0.075", "0.125 ± 0.106", "+0.075"] in table(text, "### toy · loso: calibration")
    assert table(text, "### toy · loso: attributes")[2:] == [
        ["`my_run`", "valence", "0.500", "40"],
        ["`my_run`", "activation", "–", "39"],
    ]
    assert table(text, "## toy: what the protocol does to each system")[2:] == [
        ["`mha2`", "0.750", "1.000", "0.250"],
        ["`full`", "1.000", "0.625", "0.375"],
    ]


def test_what_must_not_be_overlooked(text):
    assert text.splitlines()[2].startswith(
        r"- **toy · loso**: Above full in UA (0.625; p corrected for 4 comparisons), better: mha2 1.000"
    )
    for said in (
        "audio_only/toy/loso/seed_1`: folds missing: fold\\_2, fold\\_4",
        "not applicable: toy has no dialogs & \\<no\\> turns\\_.",
        "corrected by Holm's method for the 4 comparisons",
        "The paper's numbers are of another experiment",
        "Wall time of one process",
    ):
        assert said in text
    # the warnings stand below the tables that have what they concern
    assert text.count("- ⚠ text\\_only: A warning of its own.") == 1
    assert "SYNTHETIC" not in text


def test_synthetic_speech_is_told_at_every_table(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus, synthetic=True)
    write_run(tmp_path, "mt_wr", sure(answers(0)), corpus, synthetic=True)
    write_run(tmp_path, "wise", sure(answers(0)), corpus, synthetic=True)
    text = markdown(make_report(find_runs([tmp_path])))
    assert "SYNTHETIC SPEECH. A computer spoke this corpus." in text
    assert text.count("**Synthetic speech: no result about people.**") == 2


def test_a_section_without_results(tmp_path):
    write_not_applicable(tmp_path, "mcaf", "no dialogs")
    text = markdown(make_report(find_runs([tmp_path])))
    assert "No run is complete." in text and "not applicable (1)" in text
