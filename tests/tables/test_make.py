import csv
import io
import json

import numpy as np
import pytest

from mtser.errors import EvaluationError
from mtser.evaluation import bootstrap_intervals, compare, join, speaker_confusions
from mtser.evaluation.luck import SAME_MODELS
from mtser.tables import words
from mtser.tables.flat import flat
from mtser.tables.latex import latex
from mtser.tables.make import make_report
from mtser.tables.markdown import markdown
from mtser.tables.page import page
from mtser.tables.runs import find_runs
from tests.tables.conftest import TRUTH, answers
from tests.tables.run_writer import corpus_of, sure, write_not_applicable, write_run

SMALLEST = 2 / 2**10  # of a permutation test over ten speakers


@pytest.fixture
def loso(report):
    return report.sections[0]


def test_sections_are_kept_apart(report):
    assert [section.name for section in report.sections] == ["toy · loso", "toy · random_5fold"]
    assert [set(section.rows) for section in report.sections] == [
        {"full", "full (ensemble of 2 seeds)", "mha2", "text_only", "mt_wr", "my_run"},
        {"full", "mha2"},
    ]
    assert [section.rows["full"].ua.value for section in report.sections] == [0.625, 1.0]


def test_an_ensemble_is_one_model_that_costs_what_all_its_models_cost(loso, results):
    """Both seeds of ``full`` take angry for happy with .7; of sad they are of two minds, and the first class wins."""
    row, of = loso.rows["full (ensemble of 2 seeds)"], loso.rows["full"]
    assert row.ensemble_of == "full" and row.seeds == of.seeds == (1, 2) and row.against is None
    assert row.ua.per_seed == (row.ua.value,) == (0.75,) and row.ua.std is None
    assert row.confusion.tolist() == [[0, 10, 0, 0], [0, 10, 0, 0], [0, 0, 10, 0], [0, 0, 0, 10]]
    assert row.parameters == 2 * of.parameters and row.seconds == 2 * of.seconds
    assert all(one.ensemble_of is None for name, one in loso.rows.items() if "(" not in name)


def test_numbers_by_hand(loso):
    """``full`` has three of four classes right with seed 1, two with seed 2."""
    row = loso.rows["full"]
    assert row.seeds == (1, 2)
    for measure in (row.wa, row.ua):
        assert measure.value == 0.625 and measure.per_seed == (0.75, 0.5)
        assert measure.std == pytest.approx(0.25 / np.sqrt(2))
        assert measure.ci95 == (0.625, 0.625)  # all speakers are alike
    assert row.recall.tolist() == [0.0, 1.0, 0.5, 1.0]
    assert row.confusion.tolist() == [[0, 10, 0, 0], [0, 10, 0, 0], [0, 0, 5, 5], [0, 0, 0, 10]]
    assert row.parameters == 1000
    assert row.seconds == np.mean([2 * 3.0, 2 * 5.0])  # two folds, two seeds
    assert row.against is None
    # 0.7 sure of every answer, 5 of 8 right
    assert row.calibration.ece == pytest.approx(0.075) and row.calibration.per_seed == pytest.approx((0.05, 0.2))


def test_one_seed_has_no_deviation(loso):
    assert loso.rows["mha2"].wa.std is None and loso.rows["mha2"].parameters is None


def test_the_section(loso):
    assert loso.classes == ("angry", "happy", "sad", "neutral") and loso.support == (10, 10, 10, 10)
    assert loso.n_speakers == 10 and not loso.synthetic
    assert loso.chance == {"wa": 0.25, "ua": 0.25}
    assert loso.not_applicable == {
        "mcaf": "toy has no dialogs & <no> turns_.",
        "multitask_vad": "toy has no valence.",
    }
    assert [left.place.system for left in loso.incomplete] == ["audio_only"]


def test_differences_and_corrected_p_by_hand(loso):
    """Every speaker agrees in each of the four comparisons, so all have the smallest p, times four."""
    found = {name: row.against for name, row in loso.rows.items() if row.against}
    assert {name: one.ua.value for name, one in found.items()} == pytest.approx(
        {"mha2": 0.375, "my_run": 0.125, "mt_wr": 0.125, "text_only": -0.375}
    )
    for one in found.values():
        assert one.wa.p == one.ua.p == SMALLEST and one.wa.holm == one.ua.holm == 4 * SMALLEST
        assert one.mcnemar is None  # full has two seeds
    assert found["mha2"].ua.verdict == "better" and found["text_only"].ua.verdict == "worse"


def test_mcnemar_of_single_seeds(report):
    """Ten utterances are right in one system alone."""
    against = report.sections[1].rows["mha2"].against
    assert against.mcnemar == (2 / 2**10, 2 / 2**10) and against.wa.value == pytest.approx(-0.25)


def test_intervals_and_tests_are_those_of_the_evaluation(tmp_path):
    random = np.random.default_rng(5)
    truth = random.integers(0, 4, 240)
    corpus = corpus_of(truth, [f"s{i % 12}" for i in range(240)])
    for system, right in (("full", 0.7), ("wise", 0.6)):
        for seed in (1, 2):
            found = np.where(random.random(240) < right, truth, random.integers(0, 4, 240))
            write_run(tmp_path, system, sure(found), corpus, seed=seed)
    found = find_runs([tmp_path])
    row = make_report(found).sections[0].rows["wise"]
    full, wise = (
        join([run.predictions for run in found.runs if run.place.system == name]) for name in ("full", "wise")
    )
    speakers = found.runs[0].speakers
    names = [speakers[id] for id in wise.utterances]
    intervals = bootstrap_intervals(speaker_confusions(wise.truth, wise.prediction, names, 4))
    assert (row.wa.ci95, row.ua.ci95) == (intervals.wa, intervals.ua)
    expected = compare(wise, full, speakers)
    for mine, theirs in ((row.against.wa, expected.wa), (row.against.ua, expected.ua)):
        assert (mine.value, mine.ci95, mine.p, mine.holm) == (theirs.value, theirs.ci95, theirs.p, theirs.p)
    assert row.ua.value == pytest.approx(np.mean(row.ua.per_seed))


def test_attributes_are_means_over_seeds(tmp_path, corpus, loso):
    assert loso.rows["my_run"].attributes == {"valence": (0.5, 40), "activation": (None, 39)}
    for seed, ccc in ((1, 0.4), (2, 0.6)):
        told = {"valence": {"ccc": ccc, "n": 40}} | ({"activation": {"ccc": 0.1, "n": 40}} if seed == 1 else {})
        write_run(tmp_path, "multitask_vad", sure(answers()), corpus, seed=seed, attributes=told)
    row = make_report(find_runs([tmp_path])).sections[0].rows["multitask_vad"]
    assert row.attributes == {"valence": (0.5, 40)}  # not all seeds have the other


def test_attributes_of_another_kind(tmp_path, corpus):
    write_run(tmp_path, "multitask_vad", sure(answers()), corpus, attributes={"valence": 0.5})
    with pytest.raises(EvaluationError, match=r"metrics\.json: its attributes do not have ccc and n"):
        make_report(find_runs([tmp_path]))


def test_warnings_say_whose_they_are(loso):
    assert "text_only: A warning of its own." in loso.warnings()
    assert sum("intervals rest on 10 speakers" in warning for warning in loso.warnings()) == 1
    assert any("different seeds (full: 1, 2; the others: 1)" in warning for warning in loso.warnings())


def test_notes_of_runs_are_told(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus)
    folder = write_run(tmp_path, "wise", sure(answers()), corpus)
    metrics = json.loads((folder / "metrics.json").read_text())
    (folder / "metrics.json").write_text(json.dumps(metrics | {"notes": ["Phones share their word's time evenly."]}))
    [section] = make_report(find_runs([tmp_path])).sections
    assert "wise: Phones share their word's time evenly." in section.warnings()


def test_a_note_that_all_have_is_told_once(tmp_path, corpus):
    told = "Trained for at most 1 epoch; the YAML file says 100."
    for system in ("full", "wise"):
        file = write_run(tmp_path, system, sure(answers()), corpus) / "metrics.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"notes": [told]}))
    [section] = make_report(find_runs([tmp_path])).sections
    assert [one for one in section.warnings() if "at most" in one] == [told]


def test_pretrained_models_are_named_beside_the_numbers_and_are_no_caution(tmp_path, corpus):
    words_by = "Words are read by the pretrained model some-bert."
    for system, seed in (("full", 1), ("bert_functionals", 1), ("bert_functionals", 2)):
        file = write_run(tmp_path, system, sure(answers()), corpus, seed=seed) / "metrics.json"
        metrics = json.loads(file.read_text())
        if system != "full":
            metrics |= {"notes": ["A note.", words_by], "model": {"fold_1": {"pretrained": [words_by]}, "fold_2": {}}}
        file.write_text(json.dumps(metrics))
    report = make_report(find_runs([tmp_path]))
    [section] = report.sections
    assert section.rows["bert_functionals"].pretrained == (words_by,) and section.rows["full"].pretrained == ()
    assert "bert_functionals: A note." in section.warnings()
    assert not any("some-bert" in one for one in section.warnings())
    told = f"bert_functionals: {words_by}"
    assert words.pretrained(section, section.rows) == told and words.pretrained(section, {"full"}) == ""
    pages = markdown(report), latex(report), page(report)
    in_table_1 = [text.replace("\\", "").count(told) for text in pages]
    assert in_table_1 == [1, 1, 1] and not any("⚠ " + told in text.replace("\\", "") for text in pages)
    pretrained = {(row["system"], row["pretrained"]) for row in csv.DictReader(io.StringIO(flat(report)))}
    assert ("bert_functionals", words_by) in pretrained and ("full", "") in pretrained


def test_different_epochs_are_told(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus, settings={"number_of_epochs": 100})
    write_run(tmp_path, "wise", sure(answers()), corpus)
    [section] = make_report(find_runs([tmp_path])).sections
    assert any("different numbers of epochs at most (full: 100; wise: 2)" in one for one in section.warnings())


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("{}", "{}", None),
        ("{}", '{"cpu": "Some CPU"}', None),
        ('{"cpu": "Some CPU"}', '{"cpu": "Some CPU"}', None),
        ("{}", '{"gpu": "Some GPU"}', "full: CPU; wise: Some GPU"),
        ('{"cpu": "Some CPU"}', '{"cpu": "Another"}', "full: CPU (Some CPU); wise: CPU (Another)"),
        ('{"cpu": "Some CPU"}', '{"gpu": "Some GPU"}', "full: CPU (Some CPU); wise: Some GPU"),
    ],
)
def test_training_times_of_different_processors_are_told(tmp_path, corpus, first, second, told):
    for name, environment in (("full", first), ("wise", second)):
        (write_run(tmp_path, name, sure(answers()), corpus) / "environment.json").write_text(environment)
    [section] = make_report(find_runs([tmp_path])).sections
    found = [one for one in section.warnings() if "processors" in one]
    text = f"The systems were trained on different processors ({told}): training times do not compare."
    assert found == ([text] if told else [])


def test_processors_of_seeds_are_told_one_by_one(tmp_path, corpus):
    for name, seed, environment in (("full", 1, "{}"), ("full", 2, '{"gpu": "Some GPU"}'), ("wise", 1, "{}")):
        (write_run(tmp_path, name, sure(answers()), corpus, seed=seed) / "environment.json").write_text(environment)
    [section] = make_report(find_runs([tmp_path])).sections
    assert any("different processors (full: CPU, Some GPU; wise: CPU)" in one for one in section.warnings())
    (tmp_path / "full/toy/loso/seed_2/environment.json").write_text('{"cpu": "Some CPU"}')
    [section] = make_report(find_runs([tmp_path])).sections
    assert not any("processors" in one for one in section.warnings())


def test_a_system_without_epochs_has_no_luck_and_no_number_of_epochs(tmp_path, corpus):
    for seed in (1, 2):
        write_run(tmp_path, "full", sure(answers()), corpus, seed=seed)
    write_run(tmp_path, "classical", sure(answers()), corpus, epoch_seconds=(), settings={"number_of_epochs": 100})
    [section] = make_report(find_runs([tmp_path])).sections
    assert not any("One seed" in one or "numbers of epochs" in one for one in section.warnings())
    assert words.data(section).endswith("Trained for at most 2 epochs a fold.")


ONE_SEED = "a difference depends on that one training; another seed may turn it."


def told_of_luck(results):
    [section] = make_report(find_runs([results])).sections
    return [one for one in section.warnings() if ONE_SEED in one or "same models" in one]


def test_one_seed_is_told_where_something_is_compared(tmp_path, corpus):
    folds = [one.speaker for one in corpus.utterances]
    write_run(tmp_path, "full", sure(answers()), corpus, folds=folds)
    assert told_of_luck(tmp_path) == []
    write_run(tmp_path, "wise", sure(answers(1)), corpus, folds=folds)
    assert told_of_luck(tmp_path) == [f"One seed (all systems): {ONE_SEED}"]
    write_run(tmp_path, "full", sure(answers(0)), corpus, folds=folds, seed=2)
    assert told_of_luck(tmp_path) == [f"One seed (wise): {ONE_SEED}"]
    write_run(tmp_path, "wise", sure(answers(0)), corpus, folds=folds, seed=2)
    assert told_of_luck(tmp_path) == []


def test_models_that_test_all_speakers_are_told_whatever_the_seeds(tmp_path, corpus):
    for seed in (1, 2):
        for system in ("full", "wise"):
            run = sure(answers(seed))
            write_run(tmp_path, system, run, corpus, protocol="random_5fold", n_folds=5, seed=seed)
    assert told_of_luck(tmp_path) == [SAME_MODELS]


def test_too_few_speakers_for_any_difference(tmp_path):
    corpus = corpus_of([0, 1] * 4, list("aabbccdd"), ("x", "y"))
    for system in ("full", "wise"):
        write_run(tmp_path, system, sure([0, 1] * 4, 2), corpus)
    [section] = make_report(find_runs([tmp_path])).sections
    assert (
        "With 4 speakers and 1 comparison the smallest corrected p is 0.125: no difference can be shown here, however "
        "large it is."
    ) in section.warnings()


def test_one_speaker_and_a_class_that_nobody_says(tmp_path):
    corpus = corpus_of([0, 1, 0], list("aaa"), ("x", "y", "z"))
    write_run(tmp_path, "full", sure([0, 1, 1], 3), corpus)
    [section] = make_report(find_runs([tmp_path])).sections
    row = section.rows["full"]
    assert row.ua.value == 0.75 and row.ua.ci95 is None and np.isnan(row.recall[2])
    assert section.chance == {"wa": 2 / 3, "ua": 0.5}


def test_synthetic_speech_and_skipped_utterances(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus, synthetic=True)
    assert make_report(find_runs([tmp_path])).sections[0].synthetic


def test_without_any_complete_run(tmp_path):
    write_not_applicable(tmp_path, "mcaf", "no dialogs")
    [section] = make_report(find_runs([tmp_path])).sections
    assert not section.rows and section.not_applicable == {"mcaf": "no dialogs"}


def test_a_seed_that_was_not_applicable(tmp_path, corpus):
    """It happens when a corpus was completed between two seeds."""
    write_run(tmp_path, "mcaf", sure(answers()), corpus)
    write_not_applicable(tmp_path, "mcaf", "no dialogs", seed=2)
    [section] = make_report(find_runs([tmp_path])).sections
    assert not section.not_applicable
    assert [left.reason for left in section.incomplete] == ["not applicable, though other seeds were run: no dialogs"]


def test_another_reference(results):
    rows = make_report(find_runs([results]), "mha2").sections[0].rows
    assert rows["mha2"].against is None and rows["full"].against.ua.value == pytest.approx(-0.375)


def test_a_reference_that_does_not_exist(results):
    with pytest.raises(
        EvaluationError, match=r"--reference ful: no such system here; there are audio_only, full, mcaf"
    ):
        make_report(find_runs([results]), "ful")


def test_without_the_reference_nothing_is_compared(tmp_path, corpus):
    write_run(tmp_path, "wise", sure(answers()), corpus)
    write_run(tmp_path, "mha2", sure(answers()), corpus)
    [section] = make_report(find_runs([tmp_path])).sections
    assert all(row.against is None for row in section.rows.values())


def test_the_order_of_protocols(tmp_path, corpus):
    for protocol in ("own", "loso_script_disjoint", "random_5fold", "loso", "another"):
        write_run(tmp_path, "full", sure(TRUTH), corpus, protocol=protocol)
    found = [section.protocol for section in make_report(find_runs([tmp_path])).sections]
    assert found == ["loso", "random_5fold", "loso_script_disjoint", "another", "own"]


def test_seeds_that_all_gave_the_same_answers_are_no_ensemble(tmp_path, corpus):
    for seed in (1, 2):
        write_run(tmp_path, "classical", sure(answers()), corpus, seed=seed)
        write_run(tmp_path, "full", sure(answers(seed)), corpus, seed=seed)
    (section,) = make_report(find_runs([tmp_path])).sections
    assert set(section.rows) == {"classical", "full", "full (ensemble of 2 seeds)"}
    assert any(one.startswith("classical: all seeds gave the same answers") for one in section.warnings())


def test_warnings_stand_where_they_concern_somebody(loso):
    own = "text_only: A warning of its own."
    assert own in loso.warnings({"text_only", "full"}) and own not in loso.warnings({"mt_wr", "full"})
    assert not any("different seeds" in one for one in loso.warnings({"mt_wr", "mha2"}))
    assert any("different seeds" in one for one in loso.warnings({"mt_wr", "full"}))
    assert any("intervals rest on" in one for one in loso.warnings({"mt_wr"}))
