import pytest

from mtser.tables.layout import order_of, tables_of
from mtser.tables.make import make_report
from mtser.tables.runs import find_runs
from tests.tables.conftest import answers
from tests.tables.run_writer import sure, write_not_applicable, write_run


def tables(root):
    return tables_of(make_report(find_runs([root])).sections[0])


BOTH = "full (ensemble of 2 seeds)"


def test_systems_stand_in_the_papers_order_and_others_below(report):
    first, second = tables_of(report.sections[0])
    assert [(line.label, line.system) for line in first.lines] == [
        ("Text only", "text_only"), ("MHA-2", "mha2"), ("ours", "full"), ("", BOTH),
    ]  # fmt: skip
    assert [line.system for line in first.beyond] == ["mcaf", "multitask_vad", "my_run"]
    assert [line.system for line in second.lines] == ["mt_wr", "full", BOTH] and not second.beyond
    assert first.lines[1].paper.ua == 0.776 and first.beyond[2].paper is None
    assert first.absent == ("audio_only", "lstm_attn", "wise", "mdre")  # audio_only is not complete
    shown = [row.system for row in order_of(report.sections[0])]
    assert shown == ["text_only", "mha2", "full", BOTH, "mt_wr", "my_run"]


def test_reasons_are_footnotes(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus)
    for name, reason in (("mcaf", "no dialogs"), ("wise", "no phones"), ("mdrea", "no dialogs")):
        write_not_applicable(tmp_path, name, reason)
    [table] = tables(tmp_path)
    assert [(line.system, line.note) for line in table.lines] == [("wise", 1), ("full", None)]
    assert [(line.system, line.note) for line in table.beyond] == [("mcaf", 2), ("mdrea", 2)]
    assert table.notes == ("no phones", "no dialogs")


@pytest.mark.parametrize(
    ("systems", "numbers"),
    [
        (["full"], [1]),
        (["full", "wise"], [1]),
        (["full", "mt_wr"], [2]),
        (["mt_wr"], [2]),
        (["mt_wr", "wise"], [1, 2]),
        (["mt_wr", "mcaf"], [1, 2]),
        (["mcaf"], [1]),
    ],
)
def test_tables_without_systems_of_their_own_are_left_out(tmp_path, corpus, systems, numbers):
    for name in systems:
        write_run(tmp_path, name, sure(answers()), corpus)
    assert [table.number for table in tables(tmp_path)] == numbers


def test_a_run_that_only_has_the_name_of_the_papers_system(tmp_path, corpus):
    """``--run_name wise`` with another system's YAML: the paper's number must not stand beside it."""
    write_run(tmp_path, "wise", sure(answers()), corpus, settings={"system": "my_system"})
    [table] = tables(tmp_path)
    assert not table.lines and [line.system for line in table.beyond] == ["wise"]
