"""Encoders of speech: every family as transformers computes it, alone and in batches; long audio; layers; settings."""

import copy
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.errors import ConfigError, FeatureError
from mtser.features import PretrainedSpeech, UnusableFeaturesError
from mtser.features.speech.waves import WaveModel
from mtser.parallel import parallel_map
from tests.features.speech_models import N_LAYERS, WAVES, WIDTH, noise, write_waves, write_whisper

transformers = pytest.importorskip("transformers", reason="needs the extra pretrained")
LENGTHS = (0.5, 0.83, 0.7, 1.9)
HALF = 2e-3  # float16 has 11 bits; the states of these models are within ±5


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model of every family. Not to be changed."""
    root = tmp_path_factory.mktemp("models")
    made = {name: write_waves(root / name, name, do_normalize=name != "wavlm") for name in WAVES}
    return {**made, "whisper": write_whisper(root / "whisper")}


@pytest.fixture(params=[*WAVES, "whisper"])
def folder(folders: dict[str, Path], request: pytest.FixtureRequest) -> Path:
    return folders[request.param]


@torch.no_grad()
def as_published(folder: Path, waveform: np.ndarray) -> list[np.ndarray]:
    """The states of every layer of one utterance by itself, by transformers' own model and feature extractor."""
    model = transformers.AutoModel.from_pretrained(folder).eval()
    if model.config.model_type == "whisper":
        read = transformers.WhisperFeatureExtractor()(waveform, sampling_rate=16000, return_tensors="pt")
        told = model.get_encoder()(read.input_features, output_hidden_states=True)
        n = -(-len(waveform) // 320)
    else:
        extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
        read = extractor(waveform, sampling_rate=16000, return_tensors="pt")
        told = model(read.input_values, output_hidden_states=True)
        n = told.last_hidden_state.shape[1]
    layers = [*told.hidden_states[:-1], told.last_hidden_state]
    assert len(layers) == N_LAYERS + 1
    return [layer[0, :n].numpy() for layer in layers]


def test_every_layer_as_transformers_computes_it(folder: Path) -> None:
    extractor = PretrainedSpeech(str(folder))
    assert extractor.dimension == (N_LAYERS + 1) * WIDTH and extractor.n_layers == N_LAYERS + 1
    for waveform in noise(*LENGTHS):
        expected = np.concatenate(as_published(folder, waveform), axis=1)
        found = extractor.extract(waveform)
        assert found.dtype == np.float16 and extractor.n_frames(len(waveform)) == len(found) == len(expected)
        np.testing.assert_allclose(found, expected, rtol=HALF, atol=HALF)
    assert np.abs(expected[:, :WIDTH] - expected[:, -WIDTH:]).max() > 0.1  # layers differ


def test_alone_as_in_a_padded_batch(folder: Path) -> None:
    extractor = PretrainedSpeech(str(folder))
    waveforms = noise(*LENGTHS)
    for waveform, together in zip(waveforms, extractor.extract_batch(waveforms), strict=True):
        np.testing.assert_allclose(extractor.extract(waveform), together, rtol=HALF, atol=HALF)


@torch.no_grad()
@pytest.mark.parametrize(
    ("name", "faithful"), [("wav2vec2", False), ("data2vec-audio", False), ("wavlm-large", True), ("hubert", False)]
)
def test_where_a_padded_batch_needs_care(folders: dict[str, Path], name: str, faithful: bool) -> None:
    """What plain padding with an attention mask does to the shorter utterance: why WaveModel takes its measures."""
    short, long = noise(0.7, 1.9)
    model = transformers.AutoModel.from_pretrained(folders[name]).eval()
    padded = torch.zeros(2, len(long))
    for row, one in enumerate((short, long)):
        padded[row, : len(one)] = torch.from_numpy((one - one.mean()) / np.sqrt(one.var() + 1e-7))
    mask = (torch.arange(len(long)) < torch.tensor([[len(short)], [len(long)]])).long()
    alone = model(padded[:1, : len(short)]).last_hidden_state[0]
    together = model(padded, attention_mask=mask).last_hidden_state[0, : len(alone)]
    assert (float((alone - together).abs().max()) < 1e-4) == faithful


def test_frames_are_where_they_are_said_to_be(folders: dict[str, Path]) -> None:
    """A click changes, before attention, the frames around it: they are centred on it."""
    (waveform,) = noise(2.0)
    clicked = waveform.copy()
    clicked[16000:16010] += 0.5
    for name in ("wavlm-large", "whisper"):
        extractor = PretrainedSpeech(str(folders[name]), layers=[0])
        changed = np.abs(extractor.extract(clicked).astype(float) - extractor.extract(waveform)).max(axis=1)
        centres = np.arange(len(changed)) * extractor.frame_step + extractor.frame_length / 2
        if name == "wavlm-large":  # its normalisation over the utterance is off: see write_waves' do_normalize
            changed = np.where(changed > 0.25 * changed.max(), changed, 0)
        mean = (centres * changed).sum() / changed.sum()
        assert abs(mean - 1.0) < 0.02, name


def test_layers(folders: dict[str, Path]) -> None:
    (waveform,) = noise(0.6)
    name = str(folders["hubert"])
    every = PretrainedSpeech(name).extract(waveform).astype(float).reshape(-1, N_LAYERS + 1, WIDTH)
    for layers, expected in {
        "last": every[:, -1],
        "mean": every.mean(1),
        2: every[:, -2:].mean(1),
        (0, -1): every[:, [0, -1]].reshape(len(every), -1),
    }.items():
        extractor = PretrainedSpeech(name, layers=list(layers) if isinstance(layers, tuple) else layers)
        np.testing.assert_allclose(extractor.extract(waveform), expected, rtol=HALF, atol=HALF)
        assert extractor.n_layers == (2 if isinstance(layers, tuple) else 1)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (3, "layers is 3, but the model has 2"),
        ([3], r"layers is \[3\], but the model has those from 0 \(its input\) to 2"),
        ([], r"layers is \[\]; it can be"),
        ("first", "layers is 'first'; it can be"),
        (True, "layers is True; it can be"),
    ],
)
def test_layers_that_there_are_not(folders: dict[str, Path], layers: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        PretrainedSpeech(str(folders["hubert"]), layers=layers)  # type: ignore[arg-type]


def test_what_is_longer_than_a_model_reads(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """31.2 s through Whisper, and 1.5 s through a model that is said to read 0.8 s: windows that overlap by half."""
    (long,) = noise(31.2)
    whisper = PretrainedSpeech(str(folders["whisper"]))
    found = whisper.extract(long)
    assert len(found) == 1560 and whisper.n_computed(len(long)) == 2 * 480000 and whisper.n_computed(5) == 480000
    np.testing.assert_array_equal(found[:780], whisper.extract(long[:480000])[:780])  # the middle of 60 and 1500
    np.testing.assert_array_equal(found[780:], whisper.extract(long[60 * 320 :])[720:])

    extractor = PretrainedSpeech(str(folders["wavlm"]), batch_seconds=1.0)
    monkeypatch.setattr(extractor._model, "longest", 39 * 320 + 400)
    (waveform,) = noise(1.5)
    n_frames = extractor.n_frames(len(waveform))
    found, other = extractor.extract_batch([waveform, waveform[:12000]])
    assert len(found) == n_frames == 74 and len(other) == 37
    for begin, first, last in ((0, 0, 30), (20, 30, 47), (34, 47, 74)):
        window = extractor.extract(waveform[begin * 320 : (begin + 39) * 320 + 400])
        np.testing.assert_allclose(found[first:last], window[first - begin : last - begin], rtol=HALF, atol=HALF)


def test_whisper_with_less_silence(folders: dict[str, Path]) -> None:
    """As a model of transformers whose spectrogram is as short; alone as in a batch; with up to 30 s as with all."""
    waveforms = noise(0.5, 0.83, 29.9, 0.7)
    extractor = PretrainedSpeech(str(folders["whisper"]), silence=0.4)
    computed = [extractor.n_computed(len(one)) / 16000 for one in waveforms]
    assert computed == [1.0, 1.5, 30.0, 1.5]
    model = transformers.AutoModel.from_pretrained(folders["whisper"]).eval().get_encoder()
    positions = model.embed_positions.weight
    for found, waveform, seconds in zip(extractor.extract_batch(waveforms), waveforms, computed, strict=True):
        read = transformers.WhisperFeatureExtractor()(waveform, sampling_rate=16000, return_tensors="pt").input_features
        n_frames = round(seconds * 50)
        model.config.max_source_positions = n_frames
        model.embed_positions = torch.nn.Embedding.from_pretrained(positions[:n_frames])
        with torch.no_grad():
            expected = model(read[..., : 2 * n_frames]).last_hidden_state[0, : -(-len(waveform) // 320)]
        np.testing.assert_allclose(found[:, -WIDTH:], expected, rtol=HALF, atol=HALF)
        np.testing.assert_allclose(found, extractor.extract(waveform), rtol=HALF, atol=HALF)
    whole = PretrainedSpeech(str(folders["whisper"]))
    np.testing.assert_array_equal(
        PretrainedSpeech(str(folders["whisper"]), silence=30).extract(waveforms[0]), whole.extract(waveforms[0])
    )
    assert np.abs(extractor.extract(waveforms[0]) - whole.extract(waveforms[0])).max() > 0.01
    assert extractor.settings() == whole.settings() | {"silence": 0.4}
    assert (
        PretrainedSpeech(str(folders["hubert"]), silence=1).settings()
        == PretrainedSpeech(str(folders["hubert"])).settings()
    )
    with pytest.raises(ConfigError, match="silence is -1; it has to be a number"):
        PretrainedSpeech(str(folders["whisper"]), silence=-1)


def test_too_short(folders: dict[str, Path]) -> None:
    for name in ("hubert", "whisper"):
        extractor = PretrainedSpeech(str(folders[name]))
        least = 400 if name == "hubert" else 1
        assert extractor.extract(noise(1)[0][:least]).shape[0] == 1
        with pytest.raises(UnusableFeaturesError, match=r"shorter than a frame \(0\.0\d{3} s of audio, a frame needs"):
            extractor.extract(noise(1)[0][: least - 1])


def test_settings_are_those_of_the_content(folders: dict[str, Path], tmp_path: Path) -> None:
    extractor = PretrainedSpeech(str(folders["hubert"]))
    settings = extractor.settings()
    elsewhere = shutil.copytree(folders["hubert"], tmp_path / "elsewhere")
    assert PretrainedSpeech(str(elsewhere), device="cpu", batch_seconds=5).settings() == settings
    assert settings == json.loads(json.dumps(settings))
    told = json.loads((elsewhere / "preprocessor_config.json").read_text())
    (elsewhere / "preprocessor_config.json").write_text(json.dumps({**told, "do_normalize": False}))
    different = [
        PretrainedSpeech(str(elsewhere)).settings(),
        PretrainedSpeech(str(folders["hubert"]), layers="mean").settings(),
        PretrainedSpeech(str(folders["hubert"]), layers=[1]).settings(),
        PretrainedSpeech(str(folders["hubert"]), layers=1).settings(),
        PretrainedSpeech(str(folders["hubert-large"])).settings(),
    ]
    assert settings not in different and len({json.dumps(one) for one in different}) == len(different)
    same = [PretrainedSpeech(str(folders["hubert"]), layers=layers).settings() for layers in (1, "last")]
    assert same[0] == same[1]


def test_values_beyond_half_precision_are_its_largest(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    extractor = PretrainedSpeech(str(folders["hubert"]), layers="last")
    monkeypatch.setattr(WaveModel, "states", lambda self, some: [[torch.full((1, WIDTH), 1e6)] * (N_LAYERS + 1)])
    assert extractor.extract(noise(1)[0][:400]).max() == np.finfo(np.float16).max


def test_threads_that_share_it_disturb_each_other_in_nothing(folder: Path) -> None:
    waveforms = noise(*np.random.default_rng(0).uniform(0.3, 0.9, 24))
    expected = [PretrainedSpeech(str(folder)).extract(one) for one in waveforms]
    shared = copy.deepcopy(PretrainedSpeech(str(folder)))
    for found, alone in zip(parallel_map(shared.extract, waveforms, n_jobs=4), expected, strict=True):
        np.testing.assert_array_equal(found, alone)


def test_weights_in_several_files(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "sharded"
    shutil.copytree(folders["hubert"], folder)
    (folder / "model.safetensors").unlink()
    transformers.AutoModel.from_pretrained(folders["hubert"]).save_pretrained(folder, max_shard_size="8KB")
    parts = sorted(folder.glob("model-*.safetensors"))
    assert len(parts) > 1
    expected = PretrainedSpeech(str(folders["hubert"])).extract(noise(0.4)[0])
    np.testing.assert_array_equal(PretrainedSpeech(str(folder)).extract(noise(0.4)[0]), expected)
    parts[0].unlink()
    with pytest.raises(FeatureError, match="sharded: transformers cannot load the model"):
        PretrainedSpeech(str(folder)).load()


def test_unload(folders: dict[str, Path]) -> None:
    for name in ("hubert", "whisper"):
        extractor = PretrainedSpeech(str(folders[name]))
        before = extractor.extract(noise(0.3)[0])
        extractor.unload()
        np.testing.assert_array_equal(extractor.extract(noise(0.3)[0]), before)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_as_on_the_cpu(folder: Path) -> None:
    waveforms = noise(*LENGTHS)
    expected = PretrainedSpeech(str(folder), device="cpu").extract_batch(waveforms)
    for one, other in zip(PretrainedSpeech(str(folder), device="cuda").extract_batch(waveforms), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=0.02)
