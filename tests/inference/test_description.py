import os
from pathlib import Path
from typing import Any

import pytest

from mtser.errors import ModelError
from mtser.inference.allowed import ArgumentCheck, building_blocks, finder
from mtser.inference.data_folder import DataFolder
from mtser.inference.description import Builder


def build(folder: Path, text: str, allow: tuple[str, ...] = ()) -> Any:
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    return Builder(folder / "model.yaml", finder(allow), ArgumentCheck(DataFolder(folder), allow)).build()


def refused(folder: Path, text: str, allow: tuple[str, ...] = ()) -> str:
    with pytest.raises(ModelError) as error:
        build(folder, text, allow)
    sentence = str(error.value)
    assert sentence.startswith(str(folder)) and sentence.endswith((".", ")")), sentence
    assert "\n" not in sentence
    return sentence


ATTACKS = {
    "a: !apply:os.system {command: touch ran}": "the tag '!apply:os.system' is not allowed",
    "a: !apply:os.system [touch ran]": "the tag '!apply:os.system' is not allowed",
    "a: !new:subprocess.Popen {args: touch ran}": "names 'subprocess.Popen'",
    "a: !name:os.system {command: touch ran}": "names 'os.system'",
    "a: !module:os": "the tag '!module:os' is not allowed",
    "a: !include:other.yaml": "the tag '!include:other.yaml' is not allowed",
    "a: !ref <b>\nb: 1": "the tag '!ref' is not allowed",
    "a: !copy <b>\nb: 1": "the tag '!copy' is not allowed",
    "a: !!python/object/apply:os.system [touch ran]": "the tag 'tag:yaml.org,2002:python/object/apply:os.system'",
    "a: !!python/name:os.system ''": "python/name:os.system' is not allowed",
    "a: !!binary aGk=": "binary' is not allowed",
    "a: 2020-01-01": "timestamp' is not allowed",
    "a: &x {b: 1}\nc: {<<: *x}": "merge' is not allowed",
    "a: !new:mtser.features.FeatureStore {folder: /tmp}": "names 'mtser.features.FeatureStore'",
    "a: !new:mtser.files.write_text {path: ran, text: x}": "names 'mtser.files.write_text'",
    "a: !new:mtser.encoders.Encoder {}": "names 'mtser.encoders.Encoder'",
    "a: !new:mtser.fusion.co_attention.torch.hub.load {}": "names 'mtser.fusion.co_attention.torch.hub.load'",
    "a: !new:torch.nn.functional.relu {}": "names 'torch.nn.functional.relu'",
    "a: !new:torch.nn.Module.load_state_dict {}": "names 'torch.nn.Module.load_state_dict'",
    "a: !new:torch.load {f: x}": "names 'torch.load'",
    "a: [{b: [!new:builtins.eval {source: 1}]}]": "names 'builtins.eval'",
    "a: !new:torch.nn.Linear {in_features: !apply:os.getpid {}, out_features: 1}": "the tag '!apply:os.getpid'",
    "a: !new:torch.nn.Linear [2, 1]": "Linear is given something else than named arguments",
    "a: !new:torch.nn.Linear {in_features: 2, out: 1}": "Linear does not take these arguments",
    "a: !new:torch.nn.Linear {in_features: -2, out_features: 1}": "Linear cannot be made",
    "a: {__class__: 1, ../b: 2}": "'../b' is no name",
    "a: 1\na: 2": "a is there twice",
    "a: 1e99": "the number '1e99' is too large",
    "a: .inf": "'.inf' is no number",
    "a: .nan": "'.nan' is no number",
    "a: 99999999999999": "is too large for a model",
    "a: [": "is no YAML",
    "a: *x": "is no YAML",
    "": "is empty",
    "a: &a [*a]": "refers to itself",
    "a: " + "x" * 2000: "a text of 2000 characters is too long",
    "a: " + "[" * 60 + "]" * 60: "is nested deeper than 40",
    "a: [" + "1," * 50_000 + "1]": "has more than 20000 values",
    "a: !new:mtser.features.WordFeatureFile {file: x.csv}": "which has nothing of new recordings",
    "a: !new:mtser.pronunciation.DictionaryPronouncer {file: ../../etc/passwd}": "lies outside of the folder",
    "a: !new:mtser.pronunciation.DictionaryPronouncer {file: /etc/passwd}": "lies outside of the folder",
    "a: !new:mtser.pronunciation.DictionaryPronouncer {file: own.dict}": "own.dict: is missing",
    "a: !new:mtser.features.OpenSmileFunctionals {feature_set: evil.conf}": "none of the named feature sets",
    "a: !new:mtser.features.OpenSmileFunctionals {level: nowhere}": "is none that every feature set has",
    "a: !new:mtser.features.HuggingFaceWords {model: ../other}": "lies outside of the model's folder",
    "a: !new:mtser.features.HuggingFaceWords {model: ., allow_pickle: true}": "pickled weights are asked for",
    "a: !new:mtser.features.PretrainedSpeech {model: x, allow_pickle: true}": "pickled weights are asked for",
    "a: !new:mtser.features.PretrainedSpeech {model: ../other}": "lies outside of the model's folder",
    "a: !new:mtser.features.PretrainedSpeech {model: someone/evil}": "allow it by name (allow=['someone/evil'])",
    "a: !new:mtser.features.HuggingFaceWords {model: someone/evil}": "allow it by name (allow=['someone/evil'])",
    "a: !new:mtser.encoders.WordEmbedding {tokenizer: !new:mtser.encoders.WordTokenizer {}, vectors: /etc/passwd}": (
        "names a file of vectors"
    ),
}


@pytest.mark.parametrize("text", ATTACKS)
def test_what_no_description_needs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert ATTACKS[text] in refused(tmp_path, text)
    assert [path.name for path in tmp_path.iterdir()] == ["model.yaml"]


def test_a_tag_far_below_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    built: list[type] = []
    (tmp_path / "model.yaml").write_text(
        "first: !new:torch.nn.ReLU {}\nlast: {deep: [1, {x: !new:os.system {command: x}}]}"
    )
    builder = Builder(tmp_path / "model.yaml", finder(()), lambda kind, arguments: built.append(kind))
    with pytest.raises(ModelError, match="line 2: the description names 'os.system'"):
        builder.build()
    assert built == []


def test_a_billion_laughs(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "its aliases stand for" in refused(tmp_path, "\n".join(lines))


def test_a_file_of_any_size_is_not_read(tmp_path: Path) -> None:
    assert "bytes; a description of a model has" in refused(tmp_path, "a: 1\n" + "# x\n" * 400_000)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: !new:torch.nn.LSTM {input_size: 1, hidden_size: 1, num_layers: 40000}", "LSTM would have 40000 layers"),
        (
            "a: !new:torch.nn.TransformerEncoder\n  num_layers: 100000\n"
            "  encoder_layer: !new:torch.nn.TransformerEncoderLayer {d_model: 2, nhead: 1}",
            "TransformerEncoder would have 100000 layers",
        ),
        (
            "a: [" + 45 * "!new:torch.nn.LSTM {input_size: 1, hidden_size: 1, num_layers: 200}, " + "]",
            "more than 20000",
        ),
    ],
)
def test_layers_that_are_weights_or_copies_are_counted_too(tmp_path: Path, text: str, sentence: str) -> None:
    assert sentence in refused(tmp_path, text)


def test_a_million_layers(tmp_path: Path) -> None:
    text = "a: !new:mtser.fusion.SharedTransformer {modalities: {text: 10}, size: 10, n_heads: 2, n_blocks: 900000}"
    assert "of more than 20000 parts" in refused(tmp_path, text)


def test_links_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret.dict").write_text("oh OW\n")
    folder = tmp_path / "model"
    folder.mkdir()
    os.symlink(tmp_path / "secret.dict", folder / "own.dict")
    text = "a: !new:mtser.pronunciation.DictionaryPronouncer {file: own.dict}"
    assert "is a link that leads out of the folder" in refused(folder, text)


def test_what_is_shared_is_built_once_and_plain_values_are_themselves(tmp_path: Path) -> None:
    text = """
values: {a: 1, b: 2.5, c: true, d: null, e: text, f: [1, 2], g: 1.0e-3, h: 'yes'}
one: &x !new:torch.nn.Linear {in_features: 2, out_features: 1}
two: *x
kind: !name:torch.nn.ReLU
"""
    built = build(tmp_path, text)
    assert built["values"] == {"a": 1, "b": 2.5, "c": True, "d": None, "e": "text", "f": [1, 2], "g": 0.001, "h": "yes"}
    assert built["one"] is built["two"]
    assert built["kind"].__name__ == "ReLU"


def test_classes_that_a_user_allows(tmp_path: Path) -> None:
    assert build(tmp_path, "a: !new:fractions.Fraction {numerator: 3}", ("fractions.Fraction",))["a"] == 3
    assert "is no class" in refused(tmp_path, "a: !new:os.getpid {}", ("os.getpid",))
    missing = refused(tmp_path, "a: !new:not_here.Block {}", ("not_here.Block",))
    assert "There is no such class as not_here.Block; if it is yours" in missing and "PYTHONPATH" in missing


def test_only_building_blocks_are_on_the_list() -> None:
    names = building_blocks()
    assert {"mtser.model.EmotionModel", "mtser.encoders.WordSpeech", "mtser.features.TorchMFCC"} <= set(names)
    assert not any(name.startswith(("mtser.training", "mtser.files", "mtser.sweep", "mtser.audio")) for name in names)
    assert all(isinstance(kind, type) and kind.__module__.startswith("mtser.") for kind in names.values())
