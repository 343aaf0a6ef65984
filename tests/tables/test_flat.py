import csv
import io

import pytest

from mtser.tables.flat import COLUMNS, flat
from mtser.tables.make import make_report
from mtser.tables.runs import find_runs
from tests.tables.conftest import answers
from tests.tables.run_writer import sure, write_run


@pytest.fixture(scope="module")
def rows(report):
    reader = csv.DictReader(io.StringIO(flat(report)))
    found = list(reader)
    assert tuple(reader.fieldnames) == COLUMNS
    return {(row["protocol"], row["table"], row["system"]): row for row in found}


def test_every_number_comes_back_exactly(report, rows):
    for section in report.sections:
        for name, result in section.rows.items():
            found = [row for key, row in rows.items() if key[::2] == (section.protocol, name)]
            assert found
            for row in found:
                assert float(row["wa"]) == result.wa.value and float(row["ua"]) == result.ua.value
                assert (float(row["ua_low"]), float(row["ua_high"])) == result.ua.ci95
                assert (float(row["ua_std"]) if row["ua_std"] else None) == result.ua.std
                assert (float(row["parameters"]) if row["parameters"] else None) == result.parameters
                assert float(row["training_seconds"]) == result.seconds
                assert float(row["ece"]) == result.calibration.ece
                assert tuple(map(int, row["seeds"].split())) == result.seeds
                if result.against:
                    assert float(row["wa_p_holm"]) == result.against.wa.holm
                    assert row["ua_verdict"] == result.against.ua.verdict
                else:
                    assert row["wa_p"] == row["ua_verdict"] == ""


def test_the_papers_numbers_and_groups(rows):
    assert rows["loso", "1", "mha2"]["paper_ua"] == "0.776" and rows["loso", "1", "mha2"]["group"] == "paper"
    assert rows["loso", "1", "my_run"]["paper_ua"] == "" and rows["loso", "1", "my_run"]["group"] == "beyond the paper"
    assert {key for key in rows if key[2] == "full" and key[0] == "loso"} == {
        ("loso", "1", "full"),
        ("loso", "2", "full"),
    }


def test_what_is_not_applicable_says_why(rows):
    row = rows["loso", "1", "mcaf"]
    assert row["status"] == "not applicable: toy has no dialogs & <no> turns_."
    assert row["wa"] == row["seeds"] == row["utterances"] == ""
    assert rows["loso", "1", "mha2"]["status"] == "complete"


def test_an_ensemble_says_of_what(rows):
    assert rows["loso", "1", "full (ensemble of 2 seeds)"]["ensemble_of"] == "full"
    assert rows["loso", "1", "full"]["ensemble_of"] == rows["loso", "1", "mcaf"]["ensemble_of"] == ""


def test_what_was_not_run_to_its_end_has_a_row(rows):
    without = {key[1:]: row for key, row in rows.items() if key[0] == "loso" and not row["wa"]}
    status = {key: row["status"] for key, row in without.items() if key[1] not in ("mcaf", "multitask_vad")}
    none = "no complete run"
    assert status == {
        ("1", "audio_only"): "incomplete: folds missing: fold_2, fold_4",
        **{("1", system): none for system in ("lstm_attn", "wise", "mdre")},
        **{("2", system): none for system in ("mt_mi", "mi_wr", "mi_mt_wr_star")},
    }
    begun, absent = without["1", "audio_only"], without["1", "mdre"]
    assert (begun["seeds"], begun["label"], begun["paper_wa"], begun["group"]) == ("1", "Audio only", "0.665", "paper")
    assert (absent["seeds"], absent["label"], absent["paper_ua"]) == ("", "Dual RNNs", "0.753")


def test_incomplete_runs_without_any_table(tmp_path, corpus):
    """One that the paper does not have, one that it has in both tables, and a seed of a system that has another."""
    for system in ("full", "my_run"):
        write_run(tmp_path, system, sure(answers()), corpus, folds_run=["fold_1"], seed=2)
    found = list(csv.DictReader(io.StringIO(flat(make_report(find_runs([tmp_path]))))))
    assert [(row["table"], row["system"], row["group"], row["seeds"]) for row in found] == [
        ("1", "full", "paper", "2"), ("2", "full", "paper", "2"), ("1", "my_run", "beyond the paper", "2"),
    ]  # fmt: skip
    assert {row["status"] for row in found} == {"incomplete: fold missing: fold_2"}
    write_run(tmp_path, "my_run", sure(answers()), corpus)
    found = list(csv.DictReader(io.StringIO(flat(make_report(find_runs([tmp_path]))))))
    mine = [(row["seeds"], row["status"]) for row in found if row["system"] == "my_run"]
    assert mine == [("1", "complete"), ("2", "incomplete: fold missing: fold_2")]


def test_mcnemar(rows):
    assert float(rows["random_5fold", "1", "mha2"]["mcnemar_p"]) == 2 / 2**10
    assert rows["loso", "1", "mha2"]["mcnemar_p"] == ""
