"""The command line of a recipe."""

from pathlib import Path
from typing import Any

import pytest
from speechbrain.utils.run_opts import RunOptions

from mtser.errors import ConfigError
from mtser.training.options import RESULT_OPTIONS, Options, parse_options
from tests.training.recipe import HPARAMS

FULL = str(HPARAMS / "full.yaml")


def reader(
    data_folder: Path, *, label_map: Any = None, unaligned: str = "drop", audio_index: Any, progress: bool
) -> None:
    """A corpus reader with two options of its own."""


def parse(*arguments: str) -> Options:
    return parse_options(reader, "Train.", [FULL, *arguments])


def refusal(*arguments: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_defaults() -> None:
    options = parse()
    assert options.seeds == (1,) and options.output_folder == Path("results")
    assert (options.folds, options.protocol, options.data_folder, options.run_name, options.jobs) == (None,) * 5
    assert options.run_opts == {} and options.reader_options == {}


def test_every_kind_of_option() -> None:
    options = parse(
        *("--data_folder", "/corpus", "--folds", "3,1", "--seeds", "2,5", "--jobs", "3", "--run_name", "mine"),
        *("--label_map", "{hap: joy}", "--unaligned=even"),
        *("--precision", "bf16", "--grad_accumulation_factor", "2", "--max_grad_norm", "-1", "--skip_nonfinite_grads"),
        *("--batch_size", "8", "--transformer.share", "[q, k, v]", "--training.loss.soft_labels=true"),
    )
    assert (options.data_folder, options.folds, options.seeds) == (Path("/corpus"), (3, 1), (2, 5))
    assert (options.jobs, options.run_name) == (3, "mine")
    assert options.reader_options == {"label_map": {"hap": "joy"}, "unaligned": "even"}
    assert options.run_opts == {
        "precision": "bf16",
        "grad_accumulation_factor": 2,
        "max_grad_norm": -1.0,
        "skip_nonfinite_grads": True,
    }
    flat = options.hyperparameters.flat()
    assert (flat["batch_size"], flat["transformer.share"]) == (8, ["q", "k", "v"])
    assert flat["training.loss.soft_labels"] is True


def test_values_with_equal_signs_dashes_and_slashes_survive() -> None:
    assert parse("--system=/a=b").hyperparameters.get("system") == "/a=b"
    assert parse("--system", "-a=b").hyperparameters.get("system") == "-a=b"
    assert parse("--run_name=a=b").run_name == "a=b"
    assert parse("--text_encoder.vectors=/a/b=c.txt").hyperparameters.flat()["text_encoder.vectors"] == "/a/b=c.txt"
    assert parse("--transformer.share=[q, v]").hyperparameters.flat()["transformer.share"] == ["q", "v"]


def test_seed_is_never_seeds() -> None:
    assert parse("--seed", "7").seeds == (7,)
    assert parse("--seeds", "7").seeds == (7,) and parse("--seeds", "7").hyperparameters.get("seed") == 1
    assert parse("--seed=7").hyperparameters.get("seed") == 7
    assert "it has to be a whole number" in refusal("--seed", "1,2")
    assert refusal("--seeds", "1", "--seed", "2") == "--seed and --seeds are both given; give one of them."


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("--prot", "--protocol"),
        ("--dev", "--device"),
        ("--data", "--data_folder"),
        ("--fold", "--folds"),
        ("--number_of_epoch", "--number_of_epochs"),
        ("--seedss", "--seeds"),
        ("--unalignd", "--unaligned"),
        ("--precison", "--precision"),
        ("--transformer.n_head", "--transformer.n_heads"),
        ("--training.optimizer.lrr", "--training.optimizer.lr"),
        ("--training.optimizer.weight_decy", "--training.optimizer.weight_decay"),
        ("--patience", "--training.patience"),
    ],
)
@pytest.mark.parametrize("form", ["{} 1", "{}=1"])
def test_names_are_never_abbreviated_or_guessed_and_the_nearest_is_told(wrong: str, near: str, form: str) -> None:
    assert refusal(*form.format(wrong).split()) == f"there is no option {wrong}; the nearest is {near}."


@pytest.mark.parametrize("arguments", ["--seed 1 --seed 1", "--seed 1 --seed=2", "--folds 1 --folds 1"])
def test_a_repeated_option_is_refused(arguments: str) -> None:
    assert refusal(*arguments.split()).endswith("is given twice.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--seed", "--seed needs a value."),
        ("--seed --batch_size 3", "--seed needs a value."),
        ("--folds", "argument --folds: expected one argument (--help lists the options)."),
        ("--transformer.size", "--transformer.size needs a value."),
        ("--n_classes 7", "--n_classes: how many there are, the corpus says;"),
        ("stray", "'stray' on the command line belongs to no option; options start with --."),
        ("--seed 1 stray", "'stray' on the command line belongs to no option; options start with --."),
        ("--folds a", "'a' is no list of numbers such as 1,3"),
        ("--folds 1,1", "'1,1' names a number twice"),
        ("--folds 1,,2", "is no list of numbers"),
        ("--seeds 1,1", "'1,1' names a number twice"),
        ("--seeds=-1", "holds a number that is no seed (0 to 4294967295)"),
        ("--seeds 4294967296", "holds a number that is no seed"),
        ("--seed -1", "seed is -1; it has to be a whole number from 0 on."),
        ("--seed 4294967296", "seed is 4294967296; the largest is 4294967295."),
        ("--seed 1.5", "it has to be a whole number"),
        ("--jobs 0", "'0' is no whole number from 1 on"),
        ("--jobs x", "'x' is no whole number from 1 on"),
        ("--grad_accumulation_factor 0", "'0' is no whole number from 1 on"),
        ("--precision fp8", "invalid choice: 'fp8'"),
        ("--distributed_backend tcp", "invalid choice: 'tcp'"),
        ("--label_map {", "--label_map: '{' is no YAML."),
        ("--interaction mean", "--interaction is a block: replace it by a .yaml file"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(arguments: str, message: str) -> None:
    assert message in refusal(*arguments.split())


def test_the_yaml_file_comes_first() -> None:
    with pytest.raises(ConfigError, match="comes before the options"):
        parse_options(reader, "Train.", ["--number_of_epochs", "1", FULL])
    with pytest.raises(ConfigError, match="the following arguments are required: hparams"):
        parse_options(reader, "Train.", [])
    with pytest.raises(ConfigError, match=r"^nothing\.yaml: cannot be read"):
        parse_options(reader, "Train.", ["nothing.yaml"])


def test_a_block_file_is_found_from_the_yaml() -> None:
    flat = parse("--interaction", "blocks/fusion/mean_pooling.yaml").hyperparameters.flat()
    assert flat["interaction!"] == "!new:mtser.fusion.Pooling"


def test_help_lists_everything(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options(reader, "Train.", ["--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    own = "data_folder corpus_name protocol folds folds_file seeds output_folder run_name cache_folder jobs"
    for name in [*own.split(), "label_map", "unaligned", "device", "distributed_backend", *RESULT_OPTIONS]:
        assert f"--{name}" in shown
    assert "audio_index" not in shown and "--progress" not in shown
    assert "--transformer.share" in shown and ".yaml" in shown


def test_run_options_that_would_leave_half_a_run_are_not_offered() -> None:
    for name in ("debug", "test_only", "ckpt_interval_steps", "profile_training"):
        assert hasattr(RunOptions(), name)
        assert f"there is no option --{name}" in refusal(f"--{name}=1")
