from dataclasses import replace

import pytest

from mtser.tables import words
from mtser.tables.make import make_report
from mtser.tables.runs import find_runs
from tests.tables.conftest import answers
from tests.tables.run_writer import sure, write_not_applicable, write_run


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 00 min"),
        (7199, "2 h 00 min"),
        (90_061, "25 h 01 min"),
    ],
)
def test_durations(seconds, text):
    assert words.duration(seconds) == text


def test_numbers():
    assert words.number(float("nan")) == "–" and words.interval(None) == words.signed_interval(None) == "–"
    assert words.interval((0.1, 0.25)) == "0.100 to 0.250"
    assert words.signed_interval((-0.1, 0.2)) == "−0.100 to +0.200"
    assert words.signed(-0.0004) == "0.000"
    assert words.spread([0.5, 0.75]) == "0.625 ± 0.177" and words.spread([0.5]) == "0.500"
    assert words.count(1234567) == "1\u00a0234\u00a0567" and words.count(None) == "–"
    assert words.p_value(0.0004) == "< 0.001" and words.p_value(0.0316) == "0.032"


def test_who_is_above_is_the_first_sentence(report):
    first, second = words.findings(report.sections[0])
    assert first == (
        "Above full in UA (0.625; p corrected for 4 comparisons), better: mha2 1.000 (+0.375, p = 0.008), "
        "mt_wr 0.750 (+0.125, p = 0.008), my_run 0.750 (+0.125, p = 0.008)."
    )
    assert second.startswith("Above full in WA (0.625; p corrected for 4 comparisons), better: mha2 1.000")
    assert words.findings(report.sections[1]) == [
        "No system is above full in UA (1.000).",
        "No system is above full in WA (1.000).",
    ]


def test_what_is_better_stands_apart_from_what_may_be(tmp_path, corpus):
    for system, wrong in (("full", (0,)), ("mha2", ()), ("wise", (1,))):
        write_run(tmp_path, system, sure(answers(*wrong)), corpus)
    write_run(tmp_path, "mdre", sure(answers(0, speakers=range(8))), corpus)
    [section] = make_report(find_runs([tmp_path])).sections
    assert words.findings(section)[0] == (
        "Above full in UA (0.750; p corrected for 3 comparisons), better: mha2 1.000 (+0.250, p = 0.006); "
        "no difference shown: "
        "mdre 0.800 (+0.050, p = 1.000)."
    )


def test_nothing_to_compare(tmp_path, corpus, report):
    alone = replace(report.sections[1], rows={"full": report.sections[1].rows["full"]})
    assert words.findings(alone) == ["full is the only system here."] and not words.legend(alone)
    write_run(tmp_path, "wise", sure(answers()), corpus)
    [section] = make_report(find_runs([tmp_path])).sections
    told = "so nothing was tested against it (another to test against: --reference wise)."
    assert words.findings(section) == [f"full has no complete run, {told}"]
    write_not_applicable(tmp_path, "full", "no words.")
    [section] = make_report(find_runs([tmp_path])).sections
    assert words.findings(section) == [f"full is not applicable (no words), {told}"]
    assert words.findings(replace(section, rows={})) == ["No run is complete."]


def test_the_legend_says_how_it_was_tested(report):
    assert words.legend(report.sections[0]) == (
        "Against full on the same utterances: ▲ better, ▼ worse, ○ no difference shown. Permutation test over the 10 "
        "speakers, p corrected by Holm's method for the 4 comparisons of this section (WA and UA each by itself), "
        "level 0.05. ▲ and ▼ are of these trained models: p does not know the luck of training. They follow p: the "
        "interval of a difference is not corrected for the number of systems, and may leave out 0 where no difference "
        "is shown."
    )


def test_data_are_told(report):
    section = replace(report.sections[0], skipped={"no alignment": 2, "silent": 1})
    assert words.data(section) == (
        "40 tested utterances of 10 speakers: angry 10, happy 10, sad 10, neutral 10. Guessing gives a UA of 0.250, "
        "always saying the most frequent class a WA of 0.250. Left out of the corpus: 3 (no alignment 2, silent 1). "
        "Trained for at most 2 epochs a fold."
    )


@pytest.mark.parametrize(
    ("epochs", "end"),
    [((1, 1), "0.250. Trained for at most 1 epoch a fold."), ((1, 2), "0.250."), ((None, 1), "0.250.")],
)
def test_for_how_long_all_were_trained(tmp_path, corpus, epochs, end):
    for system, n in zip(("full", "wise"), epochs, strict=True):
        write_run(tmp_path, system, sure(answers()), corpus, settings={"number_of_epochs": n})
    [section] = make_report(find_runs([tmp_path])).sections
    assert words.data(section).endswith(end)
