import argparse
import json
import os
import re
import shutil
from pathlib import Path

import pytest
import torch
from ruamel.yaml import YAML
from safetensors.torch import load_file, save_file

from mtser.errors import ConfigError, ModelError
from mtser.inference import EmotionRecognizer, Recognition, export_command
from mtser.inference.data_folder import DataFolder
from mtser.inference.export import export_run
from mtser.inference.hub import find_folder
from mtser.inference.members import load_run
from mtser.inference.shared_description import _Files
from tests.inference.conftest import Train, recordings_of

pytestmark = pytest.mark.filterwarnings("ignore:.*folds are finished.*")
IDS = ["Ses03F_impro01_F000", "Ses04F_impro01_M010"]
WEIGHTS = Path("members/session_1/model.safetensors")


@pytest.fixture(scope="module")
def exported(full_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_run(load_run(full_run), tmp_path_factory.mktemp("export") / "model", onnx=False)


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return shutil.copytree(exported, tmp_path / "model")


def refused(folder: Path, **options: object) -> str:
    with pytest.raises(ModelError) as error:
        EmotionRecognizer.from_pretrained(folder, **options)  # type: ignore[arg-type]
    return str(error.value)


def compare(run: Path, folder: Path, corpus: Path, **options: object) -> None:
    before = EmotionRecognizer.from_run(run)
    after = EmotionRecognizer.from_pretrained(folder, **options)  # type: ignore[arg-type]
    assert after.classes == before.classes
    given = recordings_of(run, corpus, IDS)
    for one, other in zip(before.recognize_many(given), after.recognize_many(given), strict=True):
        assert isinstance(one, Recognition) and isinstance(other, Recognition)
        assert other.probabilities == pytest.approx(one.probabilities, abs=1e-6)
        assert other.words[0].occlusion == pytest.approx(one.words[0].occlusion, abs=1e-6)


def test_what_is_exported_says_what_the_run_says(full_run: Path, exported: Path, tiny: Path) -> None:
    compare(full_run, exported, tiny)


@pytest.mark.parametrize(
    ("system", "options"),
    [
        ("text_only", ("--text_encoder", "blocks/text/subwords.yaml", "--text_encoder.tokenizer.size", "40")),
        ("phoneme_spectrogram", ()),
        ("mcaf", ("--context", "blocks/context/dialog.yaml")),
        ("full", ("--transformer.positions", "learned", "--audio_encoder.features.normalise", "speaker")),
    ],
)
def test_so_it_is_for_other_systems(
    train: Train, tiny: Path, tmp_path: Path, system: str, options: tuple[str, ...]
) -> None:
    run = train(system, *options)
    compare(run, export_run(load_run(run), tmp_path / "model", onnx=False), tiny)


def test_the_folder_holds_data_alone(exported: Path) -> None:
    files = {path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()}
    assert files == {
        "README.md",
        "config.json",
        "metrics.json",
        "model.yaml",
        *(f"members/{fold}/model.safetensors" for fold in ("session_1", "session_2")),
        *(f"members/{fold}/assets/text/vocabulary.json" for fold in ("session_1", "session_2")),
    }
    config = json.loads((exported / "config.json").read_text())
    assert config["members"] == ["session_1", "session_2"] and config["allow"] == []
    weights = load_file(exported / WEIGHTS)
    assert weights["encoders.audio.mean"].abs().sum() > 0, "the normalisation is among the weights"
    assert not list(exported.parent.glob(".*")), "nothing half-written is left"
    assert oct(exported.stat().st_mode & 0o777) == "0o755"


def test_the_model_card(exported: Path, full_run: Path) -> None:
    _, front, text = (exported / "README.md").read_text().split("---\n", 2)
    card = YAML(typ="safe").load(front)
    metrics = json.loads((full_run / "metrics.json").read_text())["pooled"]
    assert card["library_name"] == "mtser" and card["license"] == "other"
    (result,) = card["model-index"][0]["results"]
    assert result["metrics"][1]["value"] == pytest.approx(metrics["ua"], abs=1e-4)
    low, high = metrics["ua_ci95"]
    assert f"| UA (macro recall) | {metrics['ua']:.3f} | [{low:.3f}, {high:.3f}] |" in text
    for title in ("## Results", "## Use", "## Limits", "## Licence"):
        assert title in text
    assert "All models together were not measured" in text


def test_a_folder_that_is_not_empty_is_left_alone(full_run: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigError, match="is there already and not empty"):
        export_run(load_run(full_run, "session_1"), tmp_path, onnx=False)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_folds_of_any_alphabet_and_languages_of_a_region(full_run: Path, tiny: Path, tmp_path: Path) -> None:
    run = tmp_path / "seed_1"
    shutil.copytree(full_run, run)
    for file in (run / "folds.json", run / "manifest.json"):
        text = file.read_text(encoding="utf-8").replace('"session_1"', '"speaker_Müller"')
        file.write_text(re.sub('"language": "[a-z]+"', '"language": "pt-BR"', text), encoding="utf-8")
    (run / "folds" / "session_1").rename(run / "folds" / "speaker_Müller")
    loaded = load_run(run, "speaker_Müller")
    assert loaded.language == "pt-BR"
    export_run(loaded, tmp_path / "model", onnx=False)
    again = EmotionRecognizer.from_pretrained(tmp_path / "model")
    assert again.listener.language == "pt-BR"


def test_two_files_of_one_name_are_copied_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "words.dict").write_text(name)
    files = _Files(tmp_path / "files")
    places = [files.copied(tmp_path / name / "words.dict") for name in ("a", "b", "a")]
    assert places == ["files/words.dict", "files/2_words.dict", "files/words.dict"]
    assert [(tmp_path / place).read_text() for place in places] == ["a", "b", "a"]


def test_a_file_of_any_name_can_be_read_again(tmp_path: Path) -> None:
    for name in ("my words (v2).dict", "my words [v2].dict", ".hidden"):
        (tmp_path / name).write_text(name)
    files = _Files(tmp_path / "model" / "files")
    places = [files.copied(tmp_path / name) for name in ("my words (v2).dict", "my words [v2].dict", ".hidden")]
    assert places == ["files/my_words__v2_.dict", "files/2_my_words__v2_.dict", "files/_.hidden"]
    assert DataFolder(tmp_path / "model").file(places[1]).read_text() == "my words [v2].dict"


def test_an_export_that_fails_leaves_nothing(full_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("safetensors.torch.save_file", full)
    with pytest.raises(Exception, match="cannot be written"):
        export_run(load_run(full_run, "session_1"), tmp_path / "model", onnx=False)
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_missing_or_damaged(folder: Path, full_run: Path, tmp_path: Path) -> None:
    assert "there is no such folder" in refused(tmp_path / "nowhere")
    assert "is a run, not an exported model" in refused(full_run)
    damage = {
        "config.json": "has no config.json",
        "model.yaml": "has no model.yaml",
        str(WEIGHTS): "has no weights members/session_1/model.safetensors",
        "members/session_2/assets/text/vocabulary.json": "vocabulary.json: cannot be read",
    }
    for name, sentence in damage.items():
        kept = (folder / name).read_bytes()
        (folder / name).unlink()
        assert sentence in refused(folder)
        (folder / name).write_bytes(b"\x00\xff")
        assert refused(folder).count("\n") == 0
        (folder / name).write_bytes(kept)
    EmotionRecognizer.from_pretrained(folder)


def test_a_pickle_in_the_place_of_weights_is_not_read(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    torch.save({}, folder / WEIGHTS.with_name("pytorch_model.bin"))
    assert "pytorch_model.bin is a pickle, which could run code, and is not read" in refused(folder)


def test_weights_that_do_not_fit(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)

    def with_(**changed: torch.Tensor) -> str:
        save_file({**weights, **{name.replace("__", "."): one for name, one in changed.items()}}, folder / WEIGHTS)
        return refused(folder)

    assert "classifier.logits.bias has the shape [7], but the model has [4]" in with_(
        classifier__logits__bias=torch.zeros(7)
    )
    assert "holds more.weight, which the model does not have" in with_(more__weight=torch.zeros(1))
    assert "holds float16, but the model has float32" in with_(classifier__logits__bias=torch.zeros(4).half())
    assert "NaN or infinite" in with_(classifier__logits__bias=torch.full((4,), torch.nan))
    save_file({name: one for name, one in weights.items() if name != "encoders.audio.mean"}, folder / WEIGHTS)
    assert "lacks encoders.audio.mean" in refused(folder)


def test_a_vocabulary_that_is_none(folder: Path) -> None:
    file = folder / "members/session_1/assets/text/vocabulary.json"
    for content in ('{"a": 1}', "[1, 2]", '["a", "a"]', "7"):
        file.write_text(content)
        assert "vocabulary.json: is no list of different words" in refused(folder)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": 99}, "has the format 99"),
        ({"classes": "abcd"}, "classes is no list of different names"),
        ({"classes": ["a", "a", "b", "c"]}, "classes is no list of different names"),
        ({"members": []}, "members is no list"),
        ({"members": ["../../x"]}, "lies outside of the folder"),
        ({"max_words": True}, "max_words is True"),
        ({"language": "../x"}, "an ISO 639-1 code was expected"),
        ({"classes": ["a", "b"]}, "tells 4 classes apart, but"),
    ],
)
def test_a_config_that_is_none(folder: Path, changes: dict, sentence: str) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))
    assert sentence in refused(folder)


@pytest.mark.parametrize(
    ("attack", "sentence"),
    [
        ("!apply:os.system {command: touch ran}", "the tag '!apply:os.system' is not allowed"),
        ("!new:subprocess.Popen {args: [touch, ran]}", "names 'subprocess.Popen'"),
        ("!module:os", "the tag '!module:os' is not allowed"),
        ("!include:more.yaml", "the tag '!include:more.yaml' is not allowed"),
    ],
)
def test_a_description_that_would_run_something(
    folder: Path, monkeypatch: pytest.MonkeyPatch, attack: str, sentence: str
) -> None:
    monkeypatch.chdir(folder)
    (folder / "more.yaml").write_text("x: !apply:os.system {command: touch ran}\n")
    text = (folder / "model.yaml").read_text()
    (folder / "model.yaml").write_text(text.replace("dropout: 0.5", f"dropout: {attack}"))
    assert sentence in refused(folder)
    assert not (folder / "ran").exists()


def test_links_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.json").write_text("[]")
    file = folder / "members/session_1/assets/text/vocabulary.json"
    file.unlink()
    os.symlink(tmp_path / "elsewhere.json", file)
    assert "is a link that leads out of the folder" in refused(folder)


def test_a_class_of_ones_own_has_to_be_allowed(
    full_run: Path,
    tiny: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "own_blocks.py").write_text(
        "from mtser.classifiers import MLPClassifier\n\nclass OwnClassifier(MLPClassifier):\n    pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    run = shutil.copytree(full_run, tmp_path / "run")
    text = (run / "hyperparams.yaml").read_text()
    (run / "hyperparams.yaml").write_text(text.replace("mtser.classifiers.MLPClassifier", "own_blocks.OwnClassifier"))
    out = export_run(load_run(run), tmp_path / "model", onnx=False)
    assert "allow=['own_blocks.OwnClassifier']" in (out / "README.md").read_text()
    assert "--allow own_blocks.OwnClassifier" in (out / "README.md").read_text()
    assert "names 'own_blocks.OwnClassifier', which is no block of mtser or torch.nn" in refused(out)
    assert "on the command line with --allow own_blocks.OwnClassifier" in refused(out)
    options = argparse.Namespace(run=run, out=tmp_path / "again", fold=None, no_onnx=True, license="other", title=None)
    assert export_command.run(options) == 0
    assert capsys.readouterr().out.endswith("has to allow it: --allow own_blocks.OwnClassifier\n")
    compare(run, out, tiny, allow=["own_blocks.OwnClassifier"])


def test_the_hub_is_asked_for_data_alone_and_its_silence_is_a_sentence(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict = {}

    def download(name: str, **options: object) -> str:
        asked.update(options, name=name)
        if name == "someone/gone":
            raise OSError("offline\nmore")
        return str(shutil.copytree(exported, tmp_path / "models--someone--model" / "snapshots" / "abc"))

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    EmotionRecognizer.from_pretrained("someone/model", revision="v1")
    assert (asked["name"], asked["revision"]) == ("someone/model", "v1")
    assert not any(
        pattern.endswith((".py", ".bin", ".pt", "*.onnx")) or pattern == "*" for pattern in asked["allow_patterns"]
    )
    with pytest.raises(ModelError, match=r"the Hugging Face hub does not give it \(offline\)"):
        find_folder("someone/gone")


def test_the_command(full_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from mtser.cli import main

    arguments = ["export", str(full_run), "--out", str(tmp_path / "model"), "--fold", "session_2", "--no_onnx"]
    assert main([*arguments, "--license", "cc-by-4.0", "--title", "Mine"]) == 0
    assert "1 model, 6 files" in (out := capsys.readouterr().out) and "README.md is the model card" in out
    card = (tmp_path / "model" / "README.md").read_text()
    assert "license: cc-by-4.0" in card and "# Mine" in card
    assert main(arguments) == 2
    assert "is there already" in capsys.readouterr().err
