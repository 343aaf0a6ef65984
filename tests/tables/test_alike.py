import json
import re
from dataclasses import replace

import pytest

from mtser.corpora import Corpus
from mtser.corpora.corpus import Skipped
from mtser.errors import EvaluationError
from mtser.tables.make import make_report
from mtser.tables.runs import find_runs
from tests.tables.conftest import TRUTH, answers
from tests.tables.run_writer import corpus_of, predict_otherwise, sure, write_run

SPEAKERS = [f"speaker_{i // 4}" for i in range(len(TRUTH))]


RUN_AGAIN = (
    "Give mtser report only runs that belong together, or run one of the two again; --corpus_name and --run_name of "
    "train.py keep runs apart."
)
LEAVE_OUT = (
    "If the corpus was mended since, run the system again that left these utterances out. Otherwise take them out of "
    "the corpus and run all systems again: all have to be tested on the same utterances."
)


def refusal(root, advice=RUN_AGAIN):
    """The sentence, with the folders cut to their systems and seeds; it names both and says what to do."""
    with pytest.raises(EvaluationError) as error:
        make_report(find_runs([root]))
    text = str(error.value)
    folders = re.findall(r"\S+/seed_\d+", text)
    assert len(folders) == 2
    assert text.endswith(f". {advice}")
    return re.sub(r"\S*/(\w+)/toy/loso/(seed_\d+)", r"\1 \2", text)


@pytest.fixture
def root(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus)
    return tmp_path


def changed(corpus: Corpus, number: int, **values) -> Corpus:
    """The corpus with another value of one utterance."""
    utterances = list(corpus.utterances)
    utterances[number] = replace(utterances[number], **values)
    return replace(corpus, utterances=tuple(utterances))


def test_other_classes(root):
    other = corpus_of(TRUTH, SPEAKERS, ("angry", "happy", "sad", "calm"))
    write_run(root, "wise", sure(answers()), other)
    assert refusal(root).startswith(
        "full seed_1 and wise seed_1 cannot stand in one table: the classes of the first are angry, happy, sad, "
        "neutral, those of the second angry, happy, sad, calm."
    )


def test_other_utterances_with_the_reason(root, corpus):
    fewer = corpus.without([Skipped("u003", "too short for prosody"), Skipped("u007", "too short for prosody")])
    write_run(root, "mdre", sure([label for i, label in enumerate(TRUTH) if i not in (3, 7)]), fewer)
    assert (
        "they are not on the same utterances: 2 are only in the first (u003, u007; the other run left it out: too "
        "short for prosody)."
    ) in refusal(root, LEAVE_OUT)


def test_one_of_several_that_a_system_could_not_read(root, corpus):
    """The reason is looked for at each of them, not at the first alone, and on both sides."""
    renamed = changed(corpus, 3, id="u0")
    fewer = renamed.without([Skipped("u007", "too short for prosody")])
    write_run(root, "mdre", sure([label for i, label in enumerate(TRUTH) if i != 7]), fewer)
    assert "2 are only in the first (u003, u007) and 1 is only in the second (u0)" in refusal(root, LEAVE_OUT)


def test_utterances_on_both_sides(root, corpus):
    renamed = changed(corpus, 39, id="v039")
    write_run(root, "mdre", sure(answers()), renamed)
    assert "1 is only in the first (u039) and 1 is only in the second (v039)" in refusal(root)


def test_another_label_map(root, corpus):
    other = changed(corpus, 5, emotion="sad")
    write_run(root, "wise", sure(answers()), other)
    assert (
        "the label of 1 utterance differs (the first: u005 is happy in the first run and sad in the second), so they "
        "are not on the same data"
    ) in refusal(root)


def test_other_words(root, corpus):
    write_run(root, "wise", sure(answers()), changed(corpus, 5, text="Other words."))
    assert "the text of 1 utterance differs (the first: u005), so they are not on the same data" in refusal(root)


def test_other_test_parts(root, corpus):
    write_run(root, "wise", sure(answers()), corpus, n_folds=4)
    assert (
        "their folds differ: 20 utterances are tested elsewhere (the first: u002 in fold_1 and in fold_3)"
    ) in refusal(root)


def test_other_training_parts(root, corpus):
    write_run(root, "wise", sure(answers()), corpus, folds_hash="another")
    assert "their folds differ: the test parts are the same, the training or dev parts are not" in refusal(root)


def test_predictions_that_lack_utterances(root, corpus):
    folder = write_run(root, "wise", sure(answers()), corpus)
    predict_otherwise(folder, lambda text: "".join(text.splitlines(keepends=True)[:-1]))
    assert "their predictions are not of the same utterances, though their data and folds are" in refusal(root)


def test_predictions_with_other_truths(root, corpus):
    folder = write_run(root, "wise", sure(answers()), corpus)
    predict_otherwise(folder, lambda text: text.replace("1,angry,angry", "1,sad,angry", 1))
    assert "their predictions do not tell the same true classes" in refusal(root)


def test_manifests_with_the_same_content(root, corpus):
    folder = write_run(root, "wise", sure(answers()), corpus)
    run = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(run | {"manifest": "another"}))
    assert "their manifests differ (run.json has two hashes)" in refusal(root)


HEARD = {f"u{i:03d}": f"{i:064x}" for i in range(len(TRUTH))}


@pytest.mark.parametrize(("others", "told"), [((7, 5), "2 utterances"), ((5,), "1 utterance")])
def test_other_audio(tmp_path, corpus, others, told):
    write_run(tmp_path, "full", sure(answers()), corpus, audio=HEARD)
    write_run(tmp_path, "mdre", sure(answers()), corpus, audio=HEARD)
    write_run(tmp_path, "wise", sure(answers()), corpus, audio=HEARD | {f"u{i:03d}": "f" * 64 for i in others})
    assert refusal(tmp_path).startswith(
        f"full seed_1 and wise seed_1 cannot stand in one table: the audio of {told} differs (the first: u005)."
    )


def test_other_audio_behind_a_run_that_does_not_tell_it(root, corpus):
    write_run(root, "mdre", sure(answers()), corpus, audio=HEARD)
    write_run(root, "wise", sure(answers()), corpus, audio=HEARD | {"u005": "f" * 64})
    assert "mdre seed_1 and wise seed_1 cannot stand in one table: the audio of 1 utterance differs" in refusal(root)


def test_audio_that_one_side_tells(root, corpus):
    write_run(root, "mdre", sure(answers()), corpus, audio=HEARD)
    write_run(root, "mha2", sure(answers()), corpus, audio={"u000": HEARD["u000"], "v000": "f" * 64})
    write_run(root, "wise", sure(answers()), corpus, audio={})
    [section] = make_report(find_runs([root])).sections
    assert set(section.rows) == {"full", "mdre", "mha2", "wise"}
    assert section.audio == HEARD | {"v000": "f" * 64}


def test_seeds_with_other_settings(root, corpus):
    write_run(root, "full", sure(answers()), corpus, seed=2, settings={"number_of_epochs": 9, "dropout": 0.1})
    assert refusal(root).startswith(
        "full seed_1 and full seed_2 cannot stand in one table: they are seeds of one system, but number_of_epochs is "
        "2 in the first and 9 in the second, and 1 more setting differs."
    )


def test_a_run_twice(tmp_path, corpus):
    for name in ("one", "two"):
        write_run(tmp_path / name, "full", sure(answers()), corpus)
    assert "they are the same run, seed 1 of full, twice" in refusal(tmp_path)


def test_seeds_with_other_word_vectors_of_the_same_name(root, corpus, tmp_path):
    for seed, files in ((3, {"glove.txt": "1f"}), (4, {"glove.txt": "1f", "more.csv": "3c"}), (5, None)):
        write_run(root, "wise", sure(answers()), corpus, seed=seed, files=files)
    make_report(find_runs([root]))  # older runs tell of no files
    write_run(root, "wise", sure(answers()), corpus, seed=6, files={"glove.txt": "20"})
    with pytest.raises(EvaluationError, match=r"seeds of one system, but glove\.txt, which their settings name, held"):
        make_report(find_runs([root]))


def test_systems_may_differ_in_their_settings(root, corpus):
    write_run(root, "wise", sure(answers()), corpus, settings={"dropout": 0.3})
    assert set(make_report(find_runs([root])).sections[0].rows) == {"full", "wise"}


def test_other_corpora_and_protocols_are_fine(root):
    other = corpus_of([0, 1, 0, 1], list("aabb"), ("x", "y"))
    write_run(root, "full", sure([0, 1, 0, 1], 2), other, corpus_name="second")
    write_run(root, "full", sure([0, 1, 0, 1], 2), other, protocol="lospo")
    report = make_report(find_runs([root]))
    assert [section.name for section in report.sections] == ["second · loso", "toy · loso", "toy · lospo"]
    assert [len(section.classes) for section in report.sections] == [2, 4, 2]
