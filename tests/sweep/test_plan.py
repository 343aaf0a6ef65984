"""From a command line to runs, and what is refused before the first is started."""

import argparse
import json
import os
import sys
from pathlib import Path

import pytest

from mtser.errors import MtserError
from mtser.protocol_names import PROTOCOLS
from mtser.sweep import Plan, make_plan
from mtser.sweep.command import configure
from mtser.sweep.recipes import OPTIONS, check_protocols, options_of
from mtser.training import protocols
from tests.sweep.sweeps import FAKE, Sweep

ROOT = Path(__file__).parents[2]
HPARAMS = ROOT / "hparams"
IEMOCAP = ROOT / "recipes" / "iemocap" / "train.py"


def plan(*words: object, passed_on: tuple[object, ...] = ()) -> Plan:
    """As the command line makes it."""
    parser = argparse.ArgumentParser()
    configure(parser)
    options = parser.parse_args([str(word) for word in words])
    options.jobs = options.jobs or 2
    options.passed_on = [str(word) for word in passed_on]
    return make_plan(options)


@pytest.fixture
def usual(sweep: Sweep) -> list[object]:
    """Two systems of the fake recipe."""
    files = [sweep.system("a", extractor="mfcc"), sweep.system("b")]
    return [*files, "--recipe", FAKE, "--protocol", "loso,lospo"]


def test_runs_and_their_commands(usual: list[object], tmp_path: Path) -> None:
    made = plan(*usual, "--seeds", "3,1", "--output_folder", tmp_path / "r", passed_on=("--number_of_epochs", 7))
    assert [str(run) for run in made.runs][:5] == [
        "a · loso · seed 3",
        "a · loso · seed 1",
        "b · loso · seed 3",
        "b · loso · seed 1",
        "a · lospo · seed 3",
    ]
    first = made.runs[0]
    options = ["--protocol", "loso", "--seed", "3", "--output_folder", str(tmp_path / "r"), "--number_of_epochs", "7"]
    assert list(first.command) == [sys.executable, str(FAKE), str(usual[0]), *options]
    assert first.folder == tmp_path / "r/a/mini/loso/seed_3"
    assert (first.settings["number_of_epochs"], first.settings["seed"], first.limit) == (7, 3, 7)
    assert (made.jobs, made.threads, made.corpus, made.corpora) == (2, 1, "mini", ())


def test_what_training_puts_in_is_left_open(tmp_path: Path) -> None:
    """All else of the YAML reaches the run folder as it was planned."""
    files = sorted(HPARAMS.glob("*.yaml"))
    made = plan(*files, "--recipe", IEMOCAP, "--protocol", "loso", "--seeds", "7", passed_on=("--batch_size", 8))
    assert len(made.runs) == len(made.systems) > 10
    for run, system in zip(made.runs, made.systems, strict=True):
        trained = json.loads(json.dumps(system.override(n_classes=3).override(seed=7).flat()))
        planned = json.loads(json.dumps(dict(run.settings)))
        differ = {name for name in {**trained, **planned} if trained.get(name) != planned.get(name)}
        assert differ <= run.left_open and {"n_classes", "seed"} <= run.left_open, run.system
        assert all("n_classes" in name or "seed" in name for name in run.left_open)


def test_the_corpus_has_its_name(usual: list[object], tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "release")
    assert plan(*usual, passed_on=("--data_folder", tmp_path / "link")).corpus == "release"
    named = plan(*usual, passed_on=("--data_folder", tmp_path / "link", "--corpus_name", "mine"))
    assert (named.corpus, named.corpora) == ("mine", (tmp_path / "link",))
    (tmp_path / "release" / "table.csv").touch()
    table = plan(*usual, passed_on=("--data_folder", tmp_path / "release" / "table.csv"))
    assert (table.corpus, table.corpora) == ("release", (tmp_path / "release" / "table.csv",))


def test_the_recipe_is_found_beside_the_yaml_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert plan(HPARAMS / "full.yaml", "--corpus", "iemocap", "--protocol", "loso").recipe == IEMOCAP
    monkeypatch.chdir(ROOT)
    relative = plan("hparams/full.yaml", "--corpus", "emodb", "--protocol", "lospo").recipe
    assert str(relative) == os.path.join("recipes", "emodb", "train.py")


def test_the_recipe_is_found_in_the_working_directory(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert plan(sweep.system("a"), "--corpus", "iemocap", "--protocol", "loso").recipe.resolve() == IEMOCAP


def test_systems_that_need_the_same_features_are_known() -> None:
    names = ["full", "mt_wr", "text_only"]
    files = [HPARAMS / f"{name}.yaml" for name in names]
    made = plan(*files, "--corpus", "iemocap", "--protocol", "loso")
    full, mt_wr, text_only = (run.extractors for run in made.runs)
    assert full == mt_wr and len(full) == 1 and not text_only
    step = ("--audio_encoder.features.extractor.frame_step", "0.010")
    other = plan(files[0], "--corpus", "iemocap", "--protocol", "loso", passed_on=step)
    assert other.runs[0].extractors != full and len(other.runs[0].extractors) == 1


@pytest.mark.parametrize(
    ("words", "passed_on", "message"),
    [
        (["{tmp}"], (), "{tmp} is a folder; give the YAML files of the systems, such as {tmp}/*.yaml."),
        (["{tmp}/none.yaml"], (), "none.yaml: there is no such file; the YAML files of the systems come before"),
        (["{tmp}/hparams/a.yaml"], (), "a.yaml and {tmp}/hparams/a.yaml: both say `system: a`"),
        ([], ("--numbr_of_epochs", "3"), "there is no option --numbr_of_epochs; the nearest is --number_of_epochs."),
        ([], ("--protocl", "loso"), "there is no option --protocl; the nearest is --protocol."),
        ([], ("--data_foldr", "x"), "there is no option --data_foldr; the nearest is --data_folder."),
        ([], ("--lable_map", "{}"), "there is no option --lable_map; the nearest is --label_map."),
        ([], ("--features.extractor", "x", "--zzz", "1"), "there is no option --"),
        ([], ("--only_in_a", "1"), "b.yaml: there is no option --only_in_a"),
        ([], ("--number_of_epochs",), "--number_of_epochs needs a value."),
        ([], ("--number_of_epochs", "{"), "a.yaml: --number_of_epochs: '{' is no YAML"),
        ([], ("--number_of_epochs", "1", "2"), "'2' on the command line belongs to no option"),
        ([], ("--folds", "1", "--folds", "2"), "--folds is given twice."),
        ([], ("--folds", "one"), "--folds: 'one' is no list of numbers"),
        ([], ("--seed", "1"), "--seed is no option of a sweep: give --seeds"),
        ([], ("--folds_file", "x.json"), "--folds_file is no option of a sweep"),
        ([], ("--data_folder", "{tmp}/none"), "--data_folder {tmp}/none: there is no such folder, nor such a table."),
        ([], ("--data_folder",), "--data_folder .: there is no such folder"),
        ([], ("--run_name", "x"), "--run_name names both, so their results would lie in one folder."),
    ],
)
def test_bad_command_lines(
    usual: list[object], sweep: Sweep, words: list[str], passed_on: tuple[str, ...], message: str
) -> None:
    if "only_in_a" in message:
        sweep.system("a", only_in_a=1)
    if "both say" in message:
        usual = ["{tmp}/hparams/b.yaml", "{tmp}/hparams/a.yaml", *usual[2:]]
    tmp = str(sweep.folder)
    with pytest.raises(MtserError) as caught:
        plan(
            *(str(word).replace("{tmp}", tmp) for word in [*words, *usual]),
            passed_on=[word.replace("{tmp}", tmp) for word in passed_on],
        )
    assert message.replace("{tmp}", tmp) in str(caught.value)


@pytest.mark.parametrize("options", [("--device", "cpu"), ("--label_map", "{a: b}"), ("--label_map={a: b}",)])
def test_what_only_the_recipe_knows_is_passed_on(usual: list[object], options: tuple[str, ...]) -> None:
    assert plan(*usual, passed_on=options).runs[0].command[-len(options) :] == options


def test_what_a_file_leaves_at_its_default_can_be_set() -> None:
    words = (HPARAMS / "full.yaml", "--corpus", "iemocap", "--protocol", "loso")
    made = plan(*words, passed_on=("--text_encoder.freeze", "True"))
    assert made.runs[0].settings["text_encoder.freeze"] is True


def test_an_unknown_recipe(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(
        MtserError,
        match=r"iemocp: there is no such recipe; the nearest is iemocap; in \S+recipes there are .*emodb, .*iem",
    ):
        plan("hparams/full.yaml", "--corpus", "iemocp", "--protocol", "loso")
    with pytest.raises(MtserError, match=r"--recipe none\.py: there is no such file"):
        plan("hparams/full.yaml", "--recipe", "none.py", "--protocol", "loso")
    monkeypatch.chdir(sweep.folder)
    with pytest.raises(MtserError, match="there are no recipes"):
        plan(sweep.system("a"), "--corpus", "iemocap", "--protocol", "loso")


def test_protocols_of_one_folder(usual: list[object]) -> None:
    with pytest.raises(MtserError, match="two of them would have the same folder"):
        plan(*usual[:4], "--protocol", "a.loso,loso")


def test_what_is_taken_for_known_is_known() -> None:
    """What a sweep knows of recipes without importing PyTorch is what they have."""
    assert sorted(protocols._PROTOCOLS) == sorted(PROTOCOLS)
    assert {*OPTIONS, "protocol", "output_folder", "help"} <= options_of(IEMOCAP)


def test_what_the_help_gives_as_an_example_is_a_value_of_the_yaml(usual: list[object]) -> None:
    """It was taken for the recipe's own once the recipe was asked, so the plan had the file's number of epochs."""
    made = plan(*usual, passed_on=("--number_of_epochs", 7, "--label_map", "{a: b}"))
    assert [run.limit for run in made.runs] == [7] * 4
    assert not {"number_of_epochs", "transformer", "interaction"} & options_of(IEMOCAP)


def test_a_protocol_that_does_not_exist(usual: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MtserError, match="There is no protocol 'losso'; the nearest is 'loso'"):
        plan(*usual[:4], "--protocol", "loso,losso")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_folds.py").write_text(
        "from mtser.training import protocol\n\n@protocol('by_room')\ndef by_room(corpus):\n    pass\n"
    )
    recipe = tmp_path / "train.py"
    recipe.write_text("import my_folds\n")
    check_protocols(recipe, ["loso", "by_room", "my_folds.by_room"])
    recipe.write_text("import sys\nsys.exit(2)\n")
    with pytest.raises(MtserError, match='train.py: it runs when it is imported; .* `if __name__ == "__main__":`'):
        check_protocols(recipe, ["my_folds.by_room"])
    recipe.write_text("import no_such_module\n")
    with pytest.raises(MtserError, match="train.py: ModuleNotFoundError: No module named 'no_such_module'"):
        check_protocols(recipe, ["by_room"])
