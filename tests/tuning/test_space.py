"""Search spaces: what they may say, what is refused, what is suggested."""

from pathlib import Path

import pytest

from mtser.configuration import Hyperparameters, as_text
from mtser.errors import ConfigError
from mtser.tuning import Space, read_space
from mtser.tuning.space import is_present
from tests.training.recipe import HPARAMS

optuna = pytest.importorskip("optuna")


def space(folder: Path, text: str) -> Space:
    (folder / "space.yaml").write_text(text)
    return read_space(folder / "space.yaml")


def suggested(made: Space, n: int = 60) -> list[dict[str, str]]:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    return [made.suggest(study.ask()) for _ in range(n)]


def test_ranges_and_choices(tmp_path: Path) -> None:
    made = space(
        tmp_path,
        "a: {low: 1, high: 4}\nb: {low: 0.0001, high: 0.01, log: True}\nc: {low: 0.0, high: 0.5, step: 0.1}\n"
        "d: [null, mean, '!new:torch.nn.ReLU', 0.3, True]\n",
    )
    trials = suggested(made)
    assert {one["a"] for one in trials} == {"1", "2", "3", "4"}
    values = [float(one["b"]) for one in trials]
    assert all(0.0001 <= value <= 0.01 and "e" not in one["b"] for value, one in zip(values, trials, strict=True))
    assert sum(value < 0.001 for value in values) / len(values) == pytest.approx(0.5, abs=0.2)
    assert {round(10 * float(one["c"]), 6) for one in trials} == {0, 1, 2, 3, 4, 5}
    assert {one["d"] for one in trials} == {"null", "mean", "!new:torch.nn.ReLU", "0.3", "true"}


def test_conditions(tmp_path: Path) -> None:
    made = space(tmp_path, "a: [x, y, z]\nb: {low: 1, high: 2, if: {a: [x, y]}}\nc: {choices: [1], if: {b: 1}}\n")
    for one in suggested(made):
        assert ("b" in one) == (one["a"] in "xy")
        assert ("c" in one) == (one.get("b") == "1")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[1, 2]", "a mapping of names"),
        ("a: {low: 1}", "a range needs low and high"),
        ("a: {low: 2, high: 1}", "from low up to high"),
        ("a: {low: 0, high: 1, log: True}", "begins above 0"),
        ("a: {low: small, high: 1}", "they and step are numbers"),
        ("a: [1, 1]", "different values"),
        ("a: {choices: [1], low: 2}", "have no low"),
        ("a: {lowest: 1}", "known are low, high"),
        ("a: {choices: [1], if: {b: 1}}", "does not stand above it"),
        ("a: {choices: [1], if: b}", "'if' is a mapping"),
        ("a: [1, 2]\nb: {low: 1, high: 2, if: {a: []}}", "'if' has no value for a"),
        ("a: {low: 1, high: 2.5, step: .nan}", "they and step are numbers"),
        ("a: {low: 1, high: .inf}", "they and step are numbers"),
        ("a: [", "is no YAML"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as refused:
        space(tmp_path, text)
    assert "space.yaml" in str(refused.value)


def test_a_missing_file() -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_space(Path("no_such.yaml"))


def test_names_and_values_are_held_against_the_system(tmp_path: Path) -> None:
    full = Hyperparameters(HPARAMS / "text_only.yaml")
    with pytest.raises(ConfigError, match=r"the nearest is --training\.optimizer\.lr"):
        space(tmp_path, "training.optimizer.lrr: [1]").check(full)
    with pytest.raises(ConfigError, match="interaction.aggregate cannot be median: aggregation over words"):
        space(tmp_path, "interaction.aggregate: [mean, median]").check(full)
    space(tmp_path, "training.average: [null, blocks/training/average_ema.yaml]").check(full)


def test_what_decides_the_data_is_not_searched_for_each_fold(tmp_path: Path) -> None:
    mcaf = Hyperparameters(HPARAMS / "mcaf.yaml")
    words = space(tmp_path, "max_words: [64, 128]")
    words.check(mcaf)
    with pytest.raises(ConfigError, match="max_words cannot be searched with --nested: the corpus is cut to it once"):
        words.check(mcaf, nested=True)
    turns = space(tmp_path, "batch_size: [16, 32]\ncontext: [null, blocks/context/dialog.yaml]")
    turns.check(mcaf)
    with pytest.raises(ConfigError, match=r"context cannot be blocks/context/dialog\.yaml: it would look at 8 turns"):
        turns.check(mcaf, nested=True)
    space(tmp_path, "batch_size: [16, 32]").check(mcaf, nested=True)


def test_a_mistake_of_the_system_is_not_the_spaces(tmp_path: Path) -> None:
    system = Hyperparameters(HPARAMS / "text_only.yaml", {"training.patience": "abc"})
    with pytest.raises(ConfigError, match=r"text_only\.yaml: patience is 'abc'"):
        space(tmp_path, "classifier.dropout: [0.1, 0.2]").check(system)


@pytest.mark.parametrize(
    "text",
    [
        "number_of_epochs: {low: 10.0, high: 30.0}",
        "number_of_epochs: [10, 20.5]",
        "number_of_epochs: [10, abc]",
        "number_of_epochs: [10, 0]",
        "batch_size: {low: 16.0, high: 64.0}",
    ],
)
def test_numbers_that_have_to_be_whole(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="cannot be .*; it has to be a whole number"):
        space(tmp_path, text).check(Hyperparameters(HPARAMS / "text_only.yaml"))


def test_the_space_of_the_papers_system_holds_its_yaml() -> None:
    made, full = read_space(HPARAMS / "spaces" / "training.yaml"), Hyperparameters(HPARAMS / "full.yaml")
    present = made.present(full)
    assert not {one.name for one in made.parameters} - present.keys()
    assert (
        present["training.schedule.warmup"] == 0
        and present["transformer.dropout"] == 0.1
        and present["training.average"] == "null"
    )
    made.check(full)


def test_the_space_of_the_papers_system_holds_the_blocks_of_the_tuned_one() -> None:
    made, tuned = read_space(HPARAMS / "spaces" / "training.yaml"), Hyperparameters(HPARAMS / "full_tuned.yaml")
    present = made.present(tuned)
    assert present["audio_encoder.augment"] == "blocks/audio/spec_augment.yaml"
    assert present["training.average"] == "null"
    settings = {name: as_text(value) for name, value in present.items()}
    assert is_present(tuned, settings)
    assert not is_present(tuned, {**settings, "training.average": "blocks/training/average_ema.yaml"})
    assert not is_present(tuned, {**settings, "classifier.dropout": "0.2"})


FUSION = "transformer: [blocks/fusion/independent_transformers.yaml, blocks/fusion/shared_transformer.yaml]"


@pytest.mark.parametrize(
    ("text", "overrides", "expected"),
    [
        (FUSION, {}, {"transformer": "blocks/fusion/shared_transformer.yaml"}),
        (FUSION, {"transformer.dropout": "0.4"}, {"transformer": "blocks/fusion/shared_transformer.yaml"}),
        (
            "training.average: [null, blocks/training/average_swa.yaml, blocks/training/average_ema.yaml]\n"
            "training.average.decay: {low: 0.9, high: 0.99, if: {training.average: blocks/training/average_ema.yaml}}",
            {"training.average": "!new:mtser.training.WeightAverage {kind: ema, decay: 0.95}"},
            {"training.average": "blocks/training/average_ema.yaml", "training.average.decay": 0.95},
        ),
        (
            "training.average: [null, blocks/training/average_ema.yaml]",
            {"training.average": "!new:mtser.training.WeightAverage {kind: ema, decay: 0.95}"},
            {},
        ),
    ],
)
def test_the_choice_that_is_the_block_of_the_yaml(
    tmp_path: Path, text: str, overrides: dict[str, str], expected: dict[str, object]
) -> None:
    system = Hyperparameters(HPARAMS / "full.yaml", overrides)
    assert space(tmp_path, text).present(system) == expected
