"""All settings of a small space."""

from pathlib import Path

import pytest

from mtser.tuning import read_space
from mtser.tuning.combinations import combinations

optuna = pytest.importorskip("optuna")

SPACE = """
a: {low: 1, high: 5, step: 2}
b: {low: 0.1, high: 0.45, step: 0.1}
c: [null, x]
d: {choices: [1, 2], if: {c: x}}
e: {low: 1, high: 2, log: True}
"""


@pytest.mark.filterwarnings("ignore:The distribution is specified")
def test_they_are_those_that_a_search_comes_to(tmp_path: Path) -> None:
    (tmp_path / "space.yaml").write_text(SPACE)
    space = read_space(tmp_path / "space.yaml")
    found = combinations(space, most=72)
    assert found is not None and len(found) == 3 * 4 * (1 + 2) * 2
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    drawn = {tuple(space.suggest(study.ask()).items()) for _ in range(2000)}
    for values in found:  # what is put into Optuna's queue comes out of it
        study.enqueue_trial(values)
    assert {tuple(space.suggest(study.ask()).items()) for _ in found} == drawn and len(drawn) == 72
    assert combinations(space, most=71) is None


@pytest.mark.parametrize("text", ["{low: 0.1, high: 0.2}", "{low: 1.0, high: 2.0, log: True}", "{low: 1, high: 9}"])
def test_more_than_can_be_tried(tmp_path: Path, text: str) -> None:
    (tmp_path / "space.yaml").write_text(f"a: {text}\nb: [1, 2]\n")
    assert combinations(read_space(tmp_path / "space.yaml"), most=9) is None
