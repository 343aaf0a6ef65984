"""Made-up results whose numbers can be told by hand."""

from pathlib import Path

import numpy as np
import pytest

from mtser.corpora import Corpus
from mtser.tables.make import make_report
from mtser.tables.report import Report
from mtser.tables.runs import find_runs
from tests.tables.run_writer import corpus_of, sure, write_not_applicable, write_run

N_SPEAKERS = 10
TRUTH = np.tile([0, 1, 2, 3], N_SPEAKERS)
"""Ten speakers with one utterance of each class: angry, happy, sad, neutral."""


def answers(*wrong: int, speakers: range = range(N_SPEAKERS)) -> np.ndarray:
    """Answers that are right, but for these classes (0 to 3) of these speakers, which are taken for the next class."""
    found = TRUTH.copy()
    for speaker in speakers:
        for label in wrong:
            found[4 * speaker + label] = (label + 1) % 4
    return found


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return corpus_of(TRUTH, [f"speaker_{i // 4}" for i in range(len(TRUTH))])


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus) -> Path:
    """Results of six systems: ``full`` takes angry for happy, ``mha2`` is always right, ``text_only`` knows sad alone.

    ``full`` has a second seed in which it takes sad for neutral, too. ``mt_wr`` is as ``full`` with its first seed.
    There is a second protocol for ``full`` and ``mha2``.
    """
    root = tmp_path_factory.mktemp("results")
    write_run(root, "full", sure(answers(0), confidence=0.7), corpus, parameters=1000, epoch_seconds=(1.0, 2.0))
    write_run(root, "full", sure(answers(0, 2), confidence=0.7), corpus, seed=2, epoch_seconds=(2.0, 3.0))
    write_run(root, "mha2", sure(answers(), confidence=0.9), corpus, parameters=None)
    write_run(root, "text_only", sure(answers(0, 1, 3), confidence=0.4), corpus, warnings=["A warning of its own."])
    write_run(root, "mt_wr", sure(answers(0), confidence=0.7), corpus)
    write_run(
        root, "my_run", sure(answers(1), confidence=0.6), corpus, settings={"system": "full"},
        attributes={"valence": {"ccc": 0.5, "n": 40}, "activation": {"ccc": None, "n": 39}},
    )  # fmt: skip
    write_run(root, "audio_only", sure(answers()), corpus, n_folds=4, folds_run=["fold_1", "fold_3"])
    write_not_applicable(root, "multitask_vad", "toy has no valence.")
    write_not_applicable(root, "mcaf", "toy has no dialogs & <no> turns_.")
    leak = ["Speakers leak."]
    write_run(root, "full", sure(answers(), confidence=0.7), corpus, protocol="random_5fold", n_folds=5, warnings=leak)
    write_run(root, "mha2", sure(answers(3)), corpus, protocol="random_5fold", n_folds=5, warnings=leak)
    return root


@pytest.fixture(scope="session")
def report(results: Path) -> Report:
    return make_report(find_runs([results]))
