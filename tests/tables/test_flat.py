import csv
import io

import pytest

from mtser.tables.flat import COLUMNS, flat


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


def test_mcnemar(rows):
    assert float(rows["random_5fold", "1", "mha2"]["mcnemar_p"]) == 2 / 2**10
    assert rows["loso", "1", "mha2"]["mcnemar_p"] == ""
