"""Both MFCC extractors: against each other on real speech, and against a slow computation in double precision."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from mtser.audio import SAMPLE_RATE, read_audio
from mtser.errors import FeatureError
from mtser.features import FeatureStore, FrameExtractor, OpenSmileMFCC, TorchMFCC, UnusableFeaturesError
from mtser.features.mel import mel_filters
from mtser.features.opensmile_mfcc import CONFIGURATION
from mtser.features.opensmile_runner import OpenSmileRunner

BOTH = pytest.mark.parametrize("kind", [OpenSmileMFCC, TorchMFCC])


@pytest.fixture(autouse=True)
def _opensmile() -> None:
    pytest.importorskip("opensmile", reason="openSMILE is an extra")


@pytest.fixture(scope="module")
def speech(shared_data: Path) -> list[np.ndarray]:
    """Real speech: 40 utterances at 16 kHz, 12 at 48 kHz (resampled)."""
    german = sorted((shared_data / "emodb" / "wav").glob("*.wav"))[::8][:40]
    english = sorted((shared_data / "ravdess").glob("*/*.flac"))[::40]
    return [read_audio(path) for path in german + english]


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    """Noise whose loudness changes, so that deltas are not near zero."""
    count = round(seconds * SAMPLE_RATE)
    loudness = np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.02, count)))
    return np.random.default_rng(seed + 1).normal(0, 0.1, count).astype(np.float32) * np.clip(loudness, 0.01, 3)


def slow_mfcc(waveform: np.ndarray, length: int = 400, step: int = 240, n_coefficients: int = 13) -> np.ndarray:
    """HTK's static MFCC, frame by frame and band by band (HTK book, chapter 5)."""
    samples = np.clip(np.rint(waveform.astype(np.float64) * 32768), -32768, 32767)
    n_fft = 2 ** int(np.ceil(np.log2(length)))
    mel = [1127 * np.log(1 + k * SAMPLE_RATE / n_fft / 700) for k in range(n_fft // 2 + 1)]
    edges = [1127 * np.log(1 + 8000 / 700) * band / 27 for band in range(28)]
    rows = []
    for start in range(0, len(samples) - length + 1, step):
        frame = samples[start : start + length]
        emphasised = [0.03 * frame[0]] + [frame[n] - 0.97 * frame[n - 1] for n in range(1, length)]
        windowed = [(0.54 - 0.46 * np.cos(2 * np.pi * n / (length - 1))) * emphasised[n] for n in range(length)]
        power = np.abs(np.fft.fft(windowed, n_fft)[: n_fft // 2 + 1]) ** 2
        logs = []
        for band in range(26):
            low, centre, high = edges[band : band + 3]
            energy = 0.0
            for k in range(1, n_fft // 2):
                if low < mel[k] <= centre:
                    energy += power[k] * (mel[k] - low) / (centre - low)
                elif centre < mel[k] < high:
                    energy += power[k] * (high - mel[k]) / (high - centre)
            logs.append(np.log(max(energy, 1.0)))
        rows.append(
            [
                np.sqrt(2 / 26)
                * sum(logs[m] * np.cos(np.pi * i * (m + 0.5) / 26) for m in range(26))
                * (1 + 11 * np.sin(np.pi * i / 22))
                for i in range(n_coefficients)
            ]
        )
    return np.array(rows)


def slow_delta(static: np.ndarray) -> np.ndarray:
    """The slope over five frames, the first and last frames repeated."""
    count = len(static)
    at = lambda t: static[min(max(t, 0), count - 1)]  # noqa: E731
    return np.array([sum(k * (at(t + k) - at(t - k)) for k in (1, 2)) / 10 for t in range(count)])


@BOTH
def test_as_the_slow_computation(kind: type[FrameExtractor]) -> None:
    waveform = noise(0.4)
    features = kind().extract(waveform)
    static = slow_mfcc(waveform)
    assert features.dtype == np.float32 and features.shape == (26, 39)
    np.testing.assert_allclose(features[:, :13], static, atol=2e-3)
    np.testing.assert_allclose(features[:, 13:26], slow_delta(static), atol=1e-3)
    # At the very end, openSMILE prolongs the deltas in another way than this plain repetition.
    np.testing.assert_allclose(features[:-2, 26:], slow_delta(slow_delta(static))[:-2], atol=1e-3)


@BOTH
def test_log_energy_stands_where_c0_does(kind: type[FrameExtractor]) -> None:
    waveform = noise(0.4)
    waveform[2400:3200] = 0.0  # silence: its sum of squares is below 1
    features, usual = kind(log_energy=True).extract(waveform), kind().extract(waveform)
    samples = np.clip(np.rint(waveform.astype(np.float64) * 32768), -32768, 32767)
    starts = range(0, len(samples) - 399, 240)
    energies = np.array([[np.log(max(sum(x * x for x in samples[at : at + 400]), 1.0))] for at in starts])
    assert (energies == 0).sum() == 2
    np.testing.assert_allclose(features[:, :1], energies, atol=1e-4)
    np.testing.assert_allclose(features[:, 13:14], slow_delta(energies), atol=1e-4)
    others = [column for column in range(39) if column % 13]
    np.testing.assert_array_equal(features[:, others], usual[:, others])
    assert kind(log_energy=True).settings() == {**kind().settings(), "log_energy": True}
    with pytest.raises(FeatureError, match="log_energy = 'no' cannot be used; it is true or false"):
        kind(log_energy="no")


@BOTH
@pytest.mark.parametrize("n_frames", [1, 3, 4, 60])
def test_log_energy_is_opensmiles(kind: type[FrameExtractor], n_frames: int, tmp_path: Path) -> None:
    """That of MFCC12_E_D_A.conf: the component cEnergy over frames as they are, its deltas by the same components."""
    own = CONFIGURATION.read_text(encoding="utf-8")
    energy = "[energy:cEnergy]\nreader.dmLevel = frames\nwriter.dmLevel = mfcc\nhtkcompatible = 1\nrms = 0\nlog = 1\n"
    own = own.replace("instance[mfcc].type = cMfcc", "instance[energy].type = cEnergy")
    file = tmp_path / "energy.conf"
    file.write_text(own[: own.index("[mfcc:cMfcc]")] + energy + own[own.index("[delta:") :], encoding="utf-8")
    waveform = noise(0.025 + 0.015 * (n_frames - 1))
    samples = np.clip(np.rint(waveform * 32768), -32768, 32767).astype(np.int16)
    theirs = OpenSmileRunner(file, "features").run(samples)
    ours = kind(log_energy=True).extract(waveform)[:, ::13]
    compared = slice(None) if n_frames > 3 else slice(1)  # openSMILE's own deltas of so few take zeros behind the end
    np.testing.assert_allclose(ours[:, compared], theirs[:, compared], atol=1e-4)


@pytest.mark.parametrize("frame_step", [0.015, 0.010])
def test_both_agree_on_real_speech(speech: list[np.ndarray], frame_step: float) -> None:
    ours, theirs = TorchMFCC(frame_step=frame_step), OpenSmileMFCC(frame_step=frame_step)
    worst = 0.0
    for waveform in speech:
        mine, reference = ours.extract(waveform), theirs.extract(waveform)
        assert mine.shape == reference.shape
        worst = max(worst, float(np.abs(mine - reference).max()))
    assert worst < 2e-3  # the docstring says what it is on all files; 1e-2 is asked for


@pytest.mark.parametrize(
    "options",
    [
        {"frame_length": 0.032, "frame_step": 0.010},
        {"frame_length": 0.030, "frame_step": 0.040},
        {"frame_length": 0.025, "frame_step": 0.0101},
        {"n_coefficients": 20, "n_mel": 40},
        {"n_coefficients": 2, "n_mel": 2},
        {"n_coefficients": 20, "n_mel": 40, "log_energy": True},
    ],
)
def test_both_agree_for_any_options(options: dict[str, float]) -> None:
    ours, theirs = TorchMFCC(**options), OpenSmileMFCC(**options)
    waveform = noise(1.0)
    assert (ours.dimension, ours.frame_length, ours.frame_step) == (
        theirs.dimension,
        theirs.frame_length,
        theirs.frame_step,
    )
    np.testing.assert_allclose(ours.extract(waveform), theirs.extract(waveform), atol=5e-3)


def test_both_agree_on_loud_and_quiet_extremes() -> None:
    quiet = np.zeros(8000, np.float32)
    quiet[4000] = 1 / 32768  # everything else is below the floor of the logarithm
    loud = np.where(np.arange(8000) // 20 % 2, 1.5, -1.5).astype(np.float32)  # clipped
    for waveform in (quiet, loud):
        np.testing.assert_allclose(TorchMFCC().extract(waveform), OpenSmileMFCC().extract(waveform), atol=5e-3)


@pytest.mark.parametrize("n_frames", [1, 2, 3, 4, 5, 6, 9, 30])
@pytest.mark.parametrize("rest", [0, 1, 239])
def test_frame_counts_and_short_utterances(n_frames: int, rest: int) -> None:
    waveform = noise(1.0)[: 400 + 240 * (n_frames - 1) + rest]
    mine, reference = TorchMFCC().extract(waveform), OpenSmileMFCC().extract(waveform)
    assert mine.shape == reference.shape == (n_frames, 39)
    np.testing.assert_allclose(mine, reference, atol=2e-3)


@BOTH
@pytest.mark.parametrize("n_samples", [0, 1, 399])
def test_shorter_than_a_frame(kind: type[FrameExtractor], n_samples: int) -> None:
    with pytest.raises(UnusableFeaturesError, match="shorter than a frame") as error:
        kind().extract(noise(1.0)[:n_samples])
    assert error.value.problem == "shorter than a frame"


@BOTH
def test_frame_j_covers_its_time(kind: type[FrameExtractor]) -> None:
    extractor = kind()
    waveform = noise(1.0)
    changed = waveform.copy()
    changed[7200] += 0.5  # 0.45 s
    frames = np.abs(extractor.extract(waveform) - extractor.extract(changed))[:, :13].max(axis=1) > 0.1
    covered = [
        j
        for j in range(len(frames))
        if j * extractor.frame_step <= 0.45 < j * extractor.frame_step + extractor.frame_length
    ]
    assert np.flatnonzero(frames).tolist() == covered


@BOTH
def test_non_finite_samples_are_an_error(kind: type[FrameExtractor]) -> None:
    waveform = noise(1.0)
    waveform[5] = np.nan
    with pytest.raises(FeatureError, match="NaN"):
        kind().extract(waveform)


@BOTH
def test_the_same_again_in_any_order_and_thread(kind: type[FrameExtractor]) -> None:
    extractor = kind()
    waveforms = [noise(0.2 + 0.1 * number, number) for number in range(12)]
    expected = [kind().extract(waveform) for waveform in waveforms]
    with ThreadPoolExecutor(4) as pool:
        for number, features in enumerate(pool.map(extractor.extract, waveforms * 5)):
            assert np.array_equal(features, expected[number % 12])


@BOTH
def test_settings_tell_extractors_apart(kind: type[FrameExtractor]) -> None:
    every = [kind(), kind(frame_step=0.010), kind(frame_length=0.030), kind(n_coefficients=12), kind(n_mel=40)]
    assert len({str(extractor.settings()) for extractor in every}) == 5
    assert kind().settings() == kind(frame_length=0.02501).settings()  # the same number of samples
    assert OpenSmileMFCC().settings() != TorchMFCC().settings()


def test_features_that_were_stored_before_stay_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, and so the folder in the store, are those of mtser 0.1."""
    import opensmile

    monkeypatch.setattr(opensmile, "__version__", "2.6.0")
    monkeypatch.setattr(torch, "__version__", "2.14.1+cpu")
    sizes = {"frame_length": 400, "frame_step": 240, "n_coefficients": 13, "n_mel": 26}
    configuration = "a0ed6c0ae19a7c4633b6333ed603a25c2df514541128fc6ef217bedc09b0f6e1"
    theirs = {"class": "OpenSmileMFCC", "opensmile": "2.6.0", "configuration": configuration, **sizes}
    assert OpenSmileMFCC().settings() == theirs
    assert TorchMFCC().settings() == {"class": "TorchMFCC", "version": 1, "torch": "2.14.1", **sizes}
    soundfile.write(tmp_path / "a.wav", noise(0.5), SAMPLE_RATE)
    store = FeatureStore(tmp_path / "store")
    for extractor in (OpenSmileMFCC(), TorchMFCC()):
        store.get(extractor, {"a": tmp_path / "a.wav"}, progress=False)
    folders = sorted(path.name for path in store.folder.iterdir() if path.is_dir())
    assert folders == ["OpenSmileMFCC-5fcbce1094dd8604", "TorchMFCC-9803bab93c4581f3"]


@BOTH
@pytest.mark.parametrize(
    "options",
    [
        {"frame_step": 0.0},
        {"frame_length": 25},
        {"frame_length": -0.025},
        {"n_coefficients": 1},
        {"n_coefficients": 27},
        {"n_mel": 258, "n_coefficients": 13},
    ],
)
def test_options_that_cannot_be(kind: type[FrameExtractor], options: dict[str, float]) -> None:
    with pytest.raises(FeatureError, match="frame_length|n_mel"):
        kind(**options)


@BOTH
def test_an_extractor_can_be_pickled(kind: type[FrameExtractor]) -> None:
    extractor, waveform = kind(frame_step=0.010), noise(0.5)
    features = extractor.extract(waveform)
    assert np.array_equal(pickle.loads(pickle.dumps(extractor)).extract(waveform), features)


def test_the_configuration_serves_opensmile_alone() -> None:
    import opensmile

    from mtser.features.opensmile_mfcc import CONFIGURATION

    waveform = (np.rint(noise(0.5) * 32768) / 32768).astype(np.float32)
    alone = opensmile.Smile(str(CONFIGURATION), "features")(waveform, SAMPLE_RATE)[0].T
    assert np.array_equal(alone, OpenSmileMFCC().extract(waveform))


def test_without_opensmile_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opensmile", None)
    with pytest.raises(FeatureError, match="TorchMFCC"):
        OpenSmileMFCC().settings()


def test_mel_filters_overlap_to_one() -> None:
    filters = mel_filters(26, 512).numpy()
    inner = slice(int(filters[:, 0].argmax()) + 1, int(filters[:, -1].argmax()))
    np.testing.assert_allclose(filters[inner].sum(axis=1), 1.0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_the_same() -> None:
    waveform = noise(2.0)
    np.testing.assert_allclose(TorchMFCC(device="cuda").extract(waveform), TorchMFCC().extract(waveform), atol=1e-5)
