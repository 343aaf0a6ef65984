from mtser.tables.make import make_report
from mtser.tables.protocols import effects
from mtser.tables.runs import find_runs
from tests.tables.conftest import TRUTH, answers
from tests.tables.run_writer import corpus_of, predict_otherwise, sure, write_run

SPEAKERS = [f"speaker_{i // 4}" for i in range(len(TRUTH))]


def test_systems_under_two_protocols(report):
    effect = effects(report.sections)
    assert effect.protocols == ("random_5fold", "loso") and effect.refusal is None
    assert effect.ua == {
        "mha2": {"random_5fold": 0.75, "loso": 1.0},
        "full": {"random_5fold": 1.0, "loso": 0.625},
    }


def test_one_protocol_or_no_common_system_has_no_effect(tmp_path, corpus, report):
    assert effects(report.sections[:1]) is None
    write_run(tmp_path, "full", sure(answers()), corpus)
    write_run(tmp_path, "wise", sure(answers()), corpus, protocol="lospo")
    assert effects(make_report(find_runs([tmp_path])).sections) is None


def test_protocols_on_other_data_are_not_set_side_by_side(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus)
    write_run(tmp_path, "full", sure([0, 1], 2), corpus_of([0, 1], "ab", ("x", "y")), protocol="lospo")
    effect = effects(make_report(find_runs([tmp_path])).sections)
    assert effect.refusal.startswith("The runs under loso and lospo have different classes, so the protocols are not")
    assert not effect.ua
    write_run(tmp_path, "full", sure(answers()[:-1]), corpus_of(TRUTH[:-1], SPEAKERS[:-1]), protocol="lospo")
    effect = effects(make_report(find_runs([tmp_path])).sections)
    assert "have different data (utterances, labels or words), so" in effect.refusal


def test_protocols_on_other_audio_are_not_set_side_by_side(tmp_path, corpus):
    """The first protocol does not tell its audio; the other two tell different ones."""
    for protocol, audio in (("random_5fold", None), ("loso", {"u005": "1f"}), ("lospo", {"u005": "2e"})):
        write_run(tmp_path, "full", sure(answers()), corpus, protocol=protocol, audio=audio)
    effect = effects(make_report(find_runs([tmp_path])).sections)
    assert not effect.ua and effect.refusal == (
        "The runs under loso and lospo are not on the same data: the audio of 1 utterance differs (the first: u005), "
        "so the protocols are not set side by side; run one of them again on the same data."
    )


def test_protocols_that_test_a_part_say_so(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus)
    folder = write_run(tmp_path, "full", sure(answers()), corpus, protocol="impro_only")
    predict_otherwise(folder, lambda text: "".join(text.splitlines(keepends=True)[:-5]))
    effect = effects(make_report(find_runs([tmp_path])).sections)
    assert "do not test the same utterances (impro_only 35, loso 40)" in effect.explanation


def test_a_system_trained_in_another_way_is_not_set_side_by_side(tmp_path, corpus):
    for protocol, epochs in (("random_5fold", 100), ("loso", 2)):
        write_run(tmp_path, "full", sure(answers()), corpus, protocol=protocol, settings={"number_of_epochs": epochs})
        write_run(tmp_path, "mha2", sure(answers()), corpus, protocol=protocol)
    effect = effects(make_report(find_runs([tmp_path])).sections)
    assert set(effect.ua) == {"mha2"}
    assert (
        "full is not set side by side: of its runs under random_5fold and loso, number_of_epochs is 100 in the first "
        "and 2 in the second." in effect.explanation
    )
    effect = effects(make_report(find_runs([tmp_path / "full"])).sections)
    assert not effect.ua and effect.refusal.startswith("full is not set side by side: of its runs")


def test_other_seeds_are_told(tmp_path, corpus):
    for protocol, seeds in (("random_5fold", (1,)), ("loso", (1, 2))):
        for seed in seeds:
            for system in ("full", "mha2"):
                write_run(tmp_path, system, sure(answers(seed)), corpus, protocol=protocol, seed=seed)
        write_run(tmp_path, "wise", sure(answers(1)), corpus, protocol=protocol)
    effect = effects(make_report(find_runs([tmp_path])).sections)
    assert set(effect.ua) >= {"full", "mha2", "wise"}
    assert (
        "Protocols were not run with the same seeds (mha2, full: random_5fold 1, loso 1+2), so a part"
        in effect.explanation
    )


def test_warnings_of_values_are_told_with_their_protocol(report):
    effect = effects(report.sections)
    assert set(effect.ua) == {"full", "mha2", "full (ensemble of 2 seeds)"} & set(effect.ua) and "full" in effect.ua
    assert [text for text in effect.warnings if "leak" in text] == ["random_5fold: Speakers leak."]
    # not those of systems that are not shown, of intervals, of tests, or of training times
    told = " ".join(effect.warnings)
    for other in ("A warning of its own", "intervals rest on", "same models", "One seed"):
        assert other not in told and any(other in text for one in report.sections for text in one.warnings())
