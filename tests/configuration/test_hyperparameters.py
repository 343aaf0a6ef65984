"""HyperPyYAML files, read strictly."""

import io
import re
from pathlib import Path

import pytest
import torch
from hyperpyyaml import load_hyperpyyaml

from mtser.configuration import Hyperparameters
from mtser.errors import ConfigError

HPARAMS = Path(__file__).parents[2] / "hparams"
SYSTEMS = sorted(HPARAMS.glob("*.yaml"))
BLOCKS = sorted(HPARAMS.glob("blocks/*/*.yaml"))


def write(folder: Path, text: str) -> Path:
    file = folder / "main.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def without_addresses(model: object) -> str:
    """The repr of a model, less the places in memory of what has no repr of its own."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(model))


@pytest.mark.parametrize("file", SYSTEMS, ids=lambda file: file.stem)
def test_the_file_and_its_resolved_text_are_stock_hyperpyyaml(file: Path, tmp_path: Path) -> None:
    ours = Hyperparameters(file)
    with file.open() as stream:
        stock = load_hyperpyyaml(stream)
    (tmp_path / "hyperparams.yaml").write_text(ours.resolved())
    with (tmp_path / "hyperparams.yaml").open() as stream:
        saved = load_hyperpyyaml(stream)
    built = ours.build()
    for other in (stock, saved):
        assert other.keys() == built.keys()
        assert without_addresses(other["model"]) == without_addresses(built["model"])
        if "training" in built:  # the classical reference has none
            assert other["training"].penalty.__dict__ == built["training"].penalty.__dict__
        for name, value in built.items():
            if isinstance(value, bool | int | float | str):
                assert other[name] == value


def test_the_resolved_text_builds_the_overridden_model_with_the_same_weights() -> None:
    overrides = {
        "transformer.n_blocks": "1",
        "interaction": "blocks/fusion/mean_pooling.yaml",
        "training.optimizer.lr": "1e-4",
        "audio_encoder.attention.norm": "sigmoid",
    }
    ours = Hyperparameters(HPARAMS / "full.yaml", overrides)
    torch.manual_seed(3)
    built = ours.build()
    torch.manual_seed(3)
    again = load_hyperpyyaml(io.StringIO(ours.resolved()))
    weights, expected = again["model"].state_dict(), built["model"].state_dict()
    assert weights.keys() == expected.keys()
    assert all(torch.equal(weights[name], expected[name]) for name in weights)
    lr = built["training"].optimizer(again["model"].parameters()).param_groups[0]["lr"]
    assert lr == 1e-4 and isinstance(lr, float)
    assert type(built["interaction"]).__name__ == "Pooling" and len(built["transformer"].blocks) == 1


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.stem)
def test_every_block_file_can_be_built_by_itself(block: Path, tmp_path: Path) -> None:
    (tmp_path / "features.csv").write_text("utterance,word,smile\nu1,0,0.5\n")
    overrides = {"block.features.file": str(tmp_path / "features.csv")} if block.stem == "word_feature_file" else {}
    built = Hyperparameters(write(tmp_path, f"block: !include:{block}\n"), overrides).build()["block"]
    for part in built.values() if isinstance(built, dict) else [built]:
        assert type(part).__module__.startswith("mtser.")


def test_a_reference_in_a_block_is_the_same_object() -> None:
    built = Hyperparameters(HPARAMS / "full.yaml").build()
    assert built["model"].encoders["text"] is built["text_encoder"]
    assert built["model"].fusion[0] is built["transformer"]


def test_every_build_makes_new_objects() -> None:
    parameters = Hyperparameters(HPARAMS / "full.yaml")
    assert parameters.build()["model"] is not parameters.build()["model"]


def test_a_block_is_replaced_before_its_values_are_set_whatever_the_order() -> None:
    replaced = ("text_encoder", "blocks/text/subwords.yaml")
    inner = ("text_encoder.tokenizer.size", "60")  # words have no such option, subwords have
    for overrides in (dict([replaced, inner]), dict([inner, replaced])):
        tokenizer = Hyperparameters(HPARAMS / "full.yaml", overrides).build()["text_encoder"].tokenizer
        assert (type(tokenizer).__name__, tokenizer.size) == ("SubwordTokenizer", 60)
    with pytest.raises(ConfigError, match="no option --text_encoder.tokenizer.min_count"):
        Hyperparameters(HPARAMS / "full.yaml", {**dict([replaced]), "text_encoder.tokenizer.min_count": "2"})


def test_flat_tells_any_two_values_apart(tmp_path: Path) -> None:
    text = (
        "a: 1\nb: [1, 2]\nc: !new:torch.nn.Linear {in_features: 3, out_features: 2}\nd: !tuple (1, 2)\n"
        "e: !apply:max [1, 2]\nf: !name:torch.optim.Adam\ng: [!ref <c>, {h: 4}]\ni: null\n"
    )
    before = Hyperparameters(write(tmp_path, text)).flat()
    for old, new, name in [
        ("a: 1", "a: 2", "a"),
        ("b: [1, 2]", "b: [2, 1]", "b"),
        ("in_features: 3", "in_features: 4", "c.in_features"),
        ("nn.Linear", "nn.Bilinear", "c!"),
        ("(1, 2)", "(1, 3)", "d!"),
        ("max [1, 2]", "max [1, 3]", "e"),
        ("max [", "min [", "e!"),
        ("Adam", "SGD", "f!"),
        ("!ref <c>, {", "!ref <b>, {", "g.0"),
        ("h: 4", "h: 5", "g.1.h"),
        ("i: null", "i: 0", "i"),
    ]:
        assert old in text
        after = Hyperparameters(write(tmp_path, text.replace(old, new))).flat()
        assert {key for key in before | after if before.get(key) != after.get(key)} == {name}


def test_flat_names_a_shared_block_once() -> None:
    plain, other = (Hyperparameters(HPARAMS / "full.yaml", {"transformer.size": size}).flat() for size in ("50", "60"))
    assert [key for key in plain if plain[key] != other[key]] == ["transformer.size"]
    assert plain["model.fusion.0"] == "<transformer>"


def test_override_leaves_the_original_alone_and_passes_over_what_is_not_there() -> None:
    original = Hyperparameters(HPARAMS / "full.yaml")
    other = original.override(seed=7, nothing=1)
    assert (original.get("seed"), other.get("seed")) == (1, 7)
    assert "nothing" not in other.names()
    assert [key for key, value in original.flat().items() if other.flat()[key] != value] == ["seed"]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"transformer.dropout": "0.3"}, {"transformer": "blocks/fusion/independent_transformers.yaml"}),
        ({"transformer.dropout": "0.3"}, {"transformer.dropout": "0.4", "batch_size": "8"}),
        (
            {"batch_size": "8"},
            {"training.average.decay": "0.9", "training.average": "blocks/training/average_ema.yaml"},
        ),
        ({"model.fusion": "[!ref <transformer>, !ref <joint>]"}, {"transformer.size": "60"}),
    ],
)
def test_more_overrides_are_as_if_all_had_been_given_at_once(first: dict[str, str], then: dict[str, str]) -> None:
    original = Hyperparameters(HPARAMS / "full.yaml", first)
    before, expected = original.text(), Hyperparameters(HPARAMS / "full.yaml", {**first, **then})
    assert original.overridden(then).flat() == expected.flat()
    assert original.text() == before


def test_what_was_put_into_the_file_stays_when_it_is_overridden() -> None:
    original = Hyperparameters(HPARAMS / "full.yaml").override(seed=7, n_classes=3).named("other")
    found = original.overridden({"transformer": "blocks/fusion/independent_transformers.yaml"})
    assert (found.get("seed"), found.get("n_classes"), found.get("system")) == (7, 3, "other")
    assert found.flat()["transformer.share"] == []
    assert found.overridden({"seed": "8"}).get("seed") == 8 and found.override(seed=9).get("seed") == 9


def test_more_overrides_may_leave_nothing_to_those_of_before() -> None:
    original = Hyperparameters(HPARAMS / "ssl_full.yaml", {"audio_model": "microsoft/wavlm-base-plus"})
    with pytest.raises(ConfigError, match="--audio_model would change nothing"):
        original.overridden({"audio_encoder": "blocks/audio/pretrained_speech.yaml"})


def test_get_resolves_references(tmp_path: Path) -> None:
    parameters = Hyperparameters(write(tmp_path, "a: 4\nb: !ref <a>\nc: !ref <a> * 2\n"))
    assert (parameters.get("a"), parameters.get("b"), parameters.get("c"), parameters.get("d", 5)) == (4, 4, 8, 5)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "ten", "null", "true", "[1]"])
def test_whole_number_refuses_what_is_none(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match=r"main\.yaml: n is .*; it has to be a whole number from 1 on"):
        Hyperparameters(write(tmp_path, f"n: {value}\n")).whole_number("n")


def test_whole_number_takes_its_default_and_zero_where_it_may() -> None:
    parameters = Hyperparameters(HPARAMS / "full.yaml")
    assert parameters.whole_number("batch_size") == 64 and parameters.whole_number("absent", 3) == 3
    assert parameters.override(seed=0).whole_number("seed", least=0) == 0
    with pytest.raises(ConfigError, match="absent is None"):
        parameters.whole_number("absent")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !ref <b>\n", r'a reference cannot be resolved \(The reference "b" is not valid\)'),
        ("a: !new:no.such.Thing\n", "There is no such class as no.such.Thing"),
        ("a: !name:torch.no_such_thing\n", "no_such_thing"),
        ("a: !new:torch.nn.Linear {in_featuress: 3}\n", "in_featuress"),
        ("a: !new:torch.nn.Linear {in_features: -3, out_features: 2}\n", "negative dimension"),
        ("a: !new:torch.nn.Linear {in_features: x, out_features: 2}\n", "Linear"),
        ("a: !new:mtser.fusion.SharedTransformer {modalities: {text: 10}, size: 51}\n", "not divisible"),
        ("a: !no_such_tag 3\n", "no_such_tag"),
        ("a: !apply:operator.truediv [1, 0]\n", "division by zero"),
        ("a: !apply:os.listdir [/no/such/folder]\n", "No such file"),
        ("a: !new:broken_module.Thing {size: 3}\n", "broken_module"),
    ],
)
def test_what_cannot_be_built_is_one_sentence_that_names_the_file(
    tmp_path: Path, text: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_module.py").write_text("import no_such_package\nclass Thing: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    file = write(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as caught:
        Hyperparameters(file).build()
    assert str(caught.value).startswith(f"{file}: ") and str(caught.value).endswith(".")
    assert not str(caught.value).endswith("..")
