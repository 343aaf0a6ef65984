"""A file of settings for many systems: each takes what it has a place for."""

from pathlib import Path

import pytest

from mtser.configuration import Hyperparameters
from mtser.errors import ConfigError

HPARAMS = Path("hparams")
TEXT = """\
training.optimizer.lr: 0.0005
training.average: blocks/training/average_ema.yaml
training.average.decay: 0.9
text_encoder.word_dropout: 0.2
audio_encoder.dropout: 0.3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "calm.yaml"
    path.write_text(TEXT)
    return path


def test_they_are_as_overrides_on_the_command_line(file: Path) -> None:
    found = Hyperparameters(HPARAMS / "full.yaml", settings=file)
    asked = {
        "training.optimizer.lr": "0.0005",
        "training.average": "blocks/training/average_ema.yaml",
        "training.average.decay": "0.9",
        "text_encoder.word_dropout": "0.2",
        "audio_encoder.dropout": "0.3",
        "system": "full_calm",
    }
    assert found.flat() == Hyperparameters(HPARAMS / "full.yaml", asked).flat()
    assert found.passed_over == () and found.notes() == ["Trained with the settings of calm.yaml."]
    found.build()


def test_what_a_system_lacks_is_passed_over_and_told(file: Path) -> None:
    found = Hyperparameters(HPARAMS / "audio_only.yaml", settings=file)
    assert found.passed_over == ("text_encoder.word_dropout",)
    assert found.get("system") == "audio_only_calm" and found.flat()["audio_encoder.dropout"] == 0.3
    assert found.override(seed=2).overridden({"batch_size": "8"}).notes() == [
        "Other values than in audio_only.yaml: batch_size 8.",
        "Trained with the settings of calm.yaml. It has no place for text_encoder.word_dropout.",
    ]


@pytest.mark.parametrize(
    ("given", "offered", "told"),
    [
        (
            {"number_of_epochs": "1", "seed": "2"},
            "batch_size: 8",
            ["Trained for at most 1 epoch; the YAML file says 100."],
        ),
        ({}, "number_of_epochs: 20", ["Trained for at most 20 epochs; the YAML file says 100."]),
        ({"number_of_epochs": "100"}, "number_of_epochs: 20", []),
        ({}, "batch_size: 8", []),
    ],
)
def test_another_number_of_epochs_is_told_alike_for_all_systems(
    tmp_path: Path, given: dict[str, str], offered: str, told: list[str]
) -> None:
    (tmp_path / "calm.yaml").write_text(offered)
    for system in ("full", "audio_only"):
        found = Hyperparameters(HPARAMS / f"{system}.yaml", given, settings=tmp_path / "calm.yaml")
        assert found.notes() == [*told, "Trained with the settings of calm.yaml."]
        assert found.override(seed=3).notes() == found.overridden({"seed": "4"}).notes() == found.notes()


def test_the_command_line_wins_whole_blocks_first(file: Path) -> None:
    given = {"training.average": "null", "training.optimizer.lr": "0.1", "text_encoder": "blocks/text/subwords.yaml"}
    found = Hyperparameters(HPARAMS / "full.yaml", given, settings=file)
    flat = found.flat()
    assert flat["training.average"] is None and flat["training.optimizer.lr"] == 0.1
    assert flat["text_encoder.tokenizer!"].endswith("SubwordTokenizer") and flat["text_encoder.word_dropout"] == 0.2
    assert found.passed_over == ("training.average.decay",)


def test_they_count_in_a_block_that_comes_later(file: Path) -> None:
    """A search that tries another block tries it with the values that the settings have for it."""
    found = Hyperparameters(HPARAMS / "full.yaml", settings=file).named("found")
    later = found.overridden({"training.average": "null"})
    assert later.passed_over == ("training.average.decay",) and later.get("system") == "found"
    again = later.overridden({"training.average": "blocks/training/average_ema.yaml"})
    assert again.flat() == found.flat() and again.flat()["training.average.decay"] == 0.9 and not again.passed_over


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1\n", r"--settings .*x\.yaml: has to be a mapping of names"),
        ("a: [\n", r"--settings .*x\.yaml: is no YAML"),
        ("nothing.like_this: 1\n", r"x\.yaml: hparams/full\.yaml has none of the names in it"),
        ("model: 3\n", r"--model is a block"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        Hyperparameters(HPARAMS / "full.yaml", settings=tmp_path / "x.yaml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--settings .*none\.yaml: cannot be read \(No such file"):
        Hyperparameters(HPARAMS / "full.yaml", settings=tmp_path / "none.yaml")


def test_full_tuned_is_full_with_the_tuned_settings() -> None:
    settings = HPARAMS / "settings" / "tuned.yaml"
    made = Hyperparameters(HPARAMS / "full.yaml", settings=settings)
    assert made.flat() == Hyperparameters(HPARAMS / "full_tuned.yaml").flat()
    assert made.passed_over == ()


@pytest.mark.parametrize("system", ["audio_only", "text_only", "mt_wr", "mt_mi", "mi_wr", "mi_mt_wr_star"])
def test_the_tuned_settings_fit_the_paper_s_other_systems(system: str) -> None:
    made = Hyperparameters(HPARAMS / f"{system}.yaml", settings=HPARAMS / "settings" / "tuned.yaml")
    absent = {"audio_only": ("text_encoder.", "model.auxiliary"), "text_only": ("audio_encoder.", "model.auxiliary")}
    assert all(one.startswith(absent.get(system, ())) for one in made.passed_over), made.passed_over
    assert made.flat()["interaction.aggregate"] == "mean" and made.get("system") == f"{system}_tuned"
    made.build()
