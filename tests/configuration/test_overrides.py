"""Overrides by dotted name."""

import copy
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mtser.configuration import Hyperparameters
from mtser.configuration.option_names import option_names
from mtser.configuration.overrides import apply_override
from mtser.configuration.tags import tag_of
from mtser.configuration.tree import plain, read_tree
from mtser.errors import ConfigError

HPARAMS = Path(__file__).parents[2] / "hparams"
SYSTEMS = sorted(HPARAMS.glob("*.yaml"))
TEXT = """\
size: 4
flags: [yes, 2, {deep: 3}]
layer: !new:torch.nn.Linear
    in_features: 3
    out_features: 5
make: !name:torch.optim.Adam
"""


def tree(text: str = TEXT):  # noqa: ANN201
    return YAML().load(text)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("size", "5", 5),
        ("size", "1e-4", 1e-4),
        ("size", "null", None),
        ("size", "/a=b --c", "/a=b --c"),
        ("layer.in_features", "7", 7),
        ("layer.bias", "false", False),  # at its default in the file
        ("make", "!name:torch.optim.SGD {lr: 0.1}", {"lr": 0.1}),
        ("flags", "[1]", [1]),
        ("flags.0", "no", "no"),
        ("flags.2.deep", "4", 4),
    ],
)
def test_an_override_replaces_one_value(name: str, value: str, expected: object) -> None:
    changed = tree()
    apply_override(changed, name, value, Path())
    node = changed
    for part in name.split("."):
        node = node[int(part) if part.isdigit() else part]
    assert plain(node) == expected and type(plain(node)) is type(expected)
    # nothing else is touched
    *path, last = [int(part) if part.isdigit() else part for part in name.split(".")]
    expected_tree = plain(tree())
    inner = expected_tree
    for part in path:
        inner = inner[part]
    inner[last] = expected
    assert plain(changed) == expected_tree


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("sise", "size"),
        ("layer.in_feature", "layer.in_features"),
        ("layer.biass", "layer.bias"),
        ("in_features", "layer.in_features"),  # by its last part
        ("lay", "layer"),
        ("la", "layer"),  # an abbreviation
        ("flags.2.depp", "flags.2.deep"),
        ("size.x", "size"),
        ("seets", "seeds"),
    ],
)
def test_a_name_that_does_not_exist_is_an_error_with_the_nearest(name: str, near: str) -> None:
    changed = tree()
    with pytest.raises(ConfigError, match=rf"there is no option --{name}; the nearest is --{near}\.$"):
        apply_override(changed, name, "1", Path(), others=["seeds", "folds"])
    assert plain(changed) == plain(tree())


def test_a_name_that_resembles_nothing_gets_no_advice() -> None:
    with pytest.raises(ConfigError, match=r"^there is no option --qqqqq\.$"):
        apply_override(tree(), "qqqqq", "1", Path())


@pytest.mark.parametrize("file", SYSTEMS, ids=lambda file: file.stem)
def test_every_name_that_is_listed_can_be_overridden(file: Path) -> None:
    whole = read_tree(file)
    names = option_names(whole)
    assert len(set(names)) == len(names)
    for name in names:
        apply_override(copy.deepcopy(whole), name, "!new:torch.nn.Identity", HPARAMS)


def test_what_only_looks_like_a_number_counts_no_item() -> None:
    with pytest.raises(ConfigError, match="there is no option"):
        apply_override(read_tree(HPARAMS / "full.yaml"), "transformer.share.²", "1", HPARAMS)


def test_a_block_file_replaces_the_whole_block(tmp_path: Path) -> None:
    (tmp_path / "block.yaml").write_text("!new:torch.nn.Dropout\np: 0.5\n")
    changed = tree()
    apply_override(changed, "layer", "block.yaml", tmp_path)
    assert plain(changed["layer"]) == {"p": 0.5} and tag_of(changed["layer"]) == "!new:torch.nn.Dropout"


@pytest.mark.parametrize("value", ["!new:torch.nn.Dropout {p: 0.5}", "!new:torch.nn.Dropout\np: 0.5\n"])
def test_a_tag_replaces_the_whole_block(value: str) -> None:
    changed = tree()
    apply_override(changed, "layer", value, Path())
    assert plain(changed["layer"]) == {"p": 0.5} and tag_of(changed["layer"]) == "!new:torch.nn.Dropout"


def test_a_mapping_without_tag_does_not_merge_either() -> None:
    changed = tree()
    apply_override(changed, "layer", "{in_features: 1}", Path())
    assert plain(changed["layer"]) == {"in_features": 1} and tag_of(changed["layer"]) == ""


def test_block_files_are_found_beside_the_yaml_above_it_and_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hparams").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for number, place in enumerate(["here", ".", "hparams"]):  # each found before those of earlier rounds
        (tmp_path / place / "block.yaml").write_text(f"!new:x.Y\na: {number}\n")
        for value in ("block.yaml", "!include:block.yaml"):
            changed = tree()
            apply_override(changed, "layer", value, tmp_path / "hparams")
            assert plain(changed["layer"]) == {"a": number}


def test_a_block_file_that_is_nowhere_is_an_error_that_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"--layer: there is no file no\.yaml \(looked for {tmp_path}/no\.yaml"):
        apply_override(tree(), "layer", "no.yaml", tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("p: 0.5\n", r"block\.yaml: has no tag, .* \(--layer; what it would replace is !new:torch\.nn\.Linear\)"),
        ("layer: !new:torch.nn.Dropout\n    p: 0.5\n", r"begins with layer:, .* write !new:torch\.nn\.Dropout into"),
    ],
)
def test_a_block_file_without_its_tag_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "block.yaml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        apply_override(tree(), "layer", "block.yaml", tmp_path)


@pytest.mark.parametrize("value", ["mean", "3", "[1, 2]", "true"])
def test_a_block_that_is_given_a_value_is_an_error_that_says_how(value: str) -> None:
    with pytest.raises(ConfigError, match=r"--layer is a block: replace it by a \.yaml file .* --layer\.in_features"):
        apply_override(tree(), "layer", value, Path())


def test_a_value_that_is_no_yaml_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"--flags: '\[1, 2' is no YAML") as caught:
        apply_override(tree(), "flags", "[1, 2", Path())
    assert "\n" not in str(caught.value)


def test_a_block_with_one_argument_in_a_list_on_one_line_stays_a_block() -> None:
    """ruamel writes ``[!new:X {a: 1}]`` without its braces, which is another thing."""
    fusion = "[!ref <transformer>, !new:mtser.fusion.CoAttention {size: 50}, !ref <joint>]"
    file = Path(__file__).parents[2] / "hparams" / "full.yaml"
    model = Hyperparameters(file, {"model.fusion": fusion}).build()["model"]
    assert [type(block).__name__ for block in model.fusion] == ["SharedTransformer", "CoAttention", "JointVector"]


def test_a_value_that_nothing_refers_to_any_more_is_an_error() -> None:
    block = {"audio_encoder": "blocks/audio/pretrained_speech.yaml"}
    given = {"audio_model": "microsoft/wavlm-base-plus"}
    file = Path("hparams/ssl_full.yaml")
    with pytest.raises(
        ConfigError, match="--audio_model would change nothing: what referred to audio_model is replaced"
    ):
        Hyperparameters(file, {**given, **block})
    Hyperparameters(file, given)
    Hyperparameters(file, block)
