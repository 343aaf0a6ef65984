"""openSMILE's feature sets: against openSMILE's own interface, and the prosody set against a plain computation."""

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.audio import SAMPLE_RATE, read_audio
from mtser.errors import FeatureError
from mtser.features import FeatureStore, OpenSmileFrames, OpenSmileFunctionals, UnusableFeaturesError
from mtser.features.opensmile_features import FEATURE_SETS, PROSODY

KINDS = pytest.mark.parametrize("kind", [OpenSmileFunctionals, OpenSmileFrames])
PACKAGED = [name for name in FEATURE_SETS if name != "prosody"]


@pytest.fixture(autouse=True)
def _opensmile() -> None:
    pytest.importorskip("opensmile", reason="openSMILE is an extra")


def voice(seconds: float, seed: int = 0) -> np.ndarray:
    """A buzz that glides, louder and softer, with pauses and some noise; samples are 16-bit numbers."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    random = np.random.default_rng(seed)
    pitch = 150 + 60 * np.sin(2 * np.pi * (0.7 * time + random.random()))
    buzz = 2 * (np.cumsum(pitch) / SAMPLE_RATE % 1) - 1
    envelope = np.clip(np.sin(2 * np.pi * (1.3 * time + random.random())), 0, None)
    waveform = 0.3 * buzz * envelope + random.normal(0, 0.003, len(time))
    return (np.rint(waveform * 32768) / 32768).astype(np.float32)


def theirs(feature_set: str, level: str, waveform: np.ndarray) -> np.ndarray:
    """What openSMILE's own interface gives."""
    import opensmile

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of deprecated sets
        known = opensmile.FeatureSet.__members__.get(feature_set, feature_set)
        smile = opensmile.Smile(known, opensmile.FeatureLevel(level))
        return smile.process_signal(waveform, SAMPLE_RATE).to_numpy(np.float32)


@pytest.mark.parametrize("feature_set", PACKAGED)
def test_as_opensmile_itself(feature_set: str) -> None:
    waveform = voice(1.5)
    functionals = OpenSmileFunctionals(feature_set)
    for _ in range(2):  # the second time with a used instance
        found = functionals.extract(waveform)
        assert found.dtype == np.float32 and found.shape == (1, functionals.dimension)
        assert np.array_equal(found, theirs(feature_set, "func", waveform))
    assert np.array_equal(OpenSmileFrames(feature_set).extract(waveform), theirs(feature_set, "lld", waveform))


@pytest.mark.parametrize("feature_set", ["eGeMAPSv02", "ComParE_2016", str(PROSODY)])
def test_as_opensmile_itself_on_real_speech(feature_set: str, shared_data: Path) -> None:
    extractor = OpenSmileFunctionals(feature_set)
    for path in sorted((shared_data / "emodb" / "wav").glob("*.wav"))[::60]:
        waveform = read_audio(path)
        assert np.array_equal(extractor.extract(waveform), theirs(feature_set, "func", waveform))


def test_samples_are_rounded_not_truncated() -> None:
    waveform = voice(0.5)
    almost = waveform + np.float32(0.4 / 32768) * np.sign(waveform)
    assert np.array_equal(OpenSmileFunctionals().extract(almost), OpenSmileFunctionals().extract(waveform))


def test_the_names_are_those_of_the_package() -> None:
    import opensmile

    assert set(PACKAGED) == set(opensmile.FeatureSet.__members__)
    expected = {"eGeMAPSv02": 88, "GeMAPSv01b": 62, "ComParE_2016": 6373, "prosody": 35}
    assert {name: OpenSmileFunctionals(name).dimension for name in expected} == expected
    assert OpenSmileFunctionals("eGeMAPSv02").names == opensmile.Smile("eGeMAPSv02").feature_names


# Prosody


def slow_functionals(contour: np.ndarray) -> list[float]:
    """The seven functionals of a contour, in openSMILE's order."""
    index = np.arange(len(contour))
    slope = np.polyfit(index, contour, 1)[0]
    centroid = (index * contour).sum() / contour.sum() / len(contour)
    low, high = np.percentile(contour, [10, 90])
    return [contour.std(), contour.mean(), slope, centroid, low, high, high - low]


@pytest.mark.parametrize("seed", range(4))
def test_prosody_functionals_are_those_of_its_contours(seed: int) -> None:
    waveform = voice(2.0, seed)
    # Before they are joined: loudness, from shorter windows, has a few frames more.
    pitch, loudness = (
        OpenSmileFrames("prosody", level).extract(waveform).astype(np.float64)
        for level in ("smoothPitch", "smoothLoudness")
    )
    contours = OpenSmileFrames("prosody").extract(waveform)
    assert len(contours) == len(pitch) < len(loudness)
    assert np.array_equal(contours, np.hstack([pitch, loudness[: len(pitch)]]))
    assert 40 < (pitch[:, 0] > 0).sum() < len(pitch) - 40
    found = OpenSmileFunctionals("prosody").extract(waveform)[0]
    # openSMILE leaves out frames that it completes after the end of the audio: one of loudness, some of pitch.
    np.testing.assert_allclose(found[28:], slow_functionals(loudness[:-1, 0]), rtol=1e-4)
    expected = np.array(
        [
            [value for contour in pitch[:-late].T for value in slow_functionals(contour[contour != 0])]
            for late in (1, 2, 3)
        ]
    )
    assert np.isclose(found[:28], expected, rtol=1e-4, atol=1e-7).all(axis=1).any()


def test_prosody_contours_are_what_they_are_called() -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    tone = sum(np.cos(2 * np.pi * 200 * k * time) / k for k in range(1, 20)).astype(np.float32)
    loud, soft = (OpenSmileFrames("prosody").extract(level * tone)[20:-20] for level in (0.1, 0.05))
    np.testing.assert_allclose(loud[:, 0], 200, rtol=5e-3)
    np.testing.assert_allclose(loud[:, 1], 12 * np.log2(200 / 27.5), atol=0.1)
    assert (loud[:, 2] > 0.8).all() and (loud[:, 3] > 10).all()
    np.testing.assert_allclose(soft[:, 4] / loud[:, 4], 0.5 ** (2 * 0.33), rtol=1e-2)
    hiss = OpenSmileFrames("prosody").extract(voice(1.0)[:1] + np.random.default_rng(0).normal(0, 0.1, 16000))
    assert (hiss[:, :2] == 0).mean() > 0.95


# Frames


def test_frame_times_are_opensmiles() -> None:
    times = {name: OpenSmileFrames(name) for name in ("eGeMAPSv02", "ComParE_2016", "IS09", "prosody")}
    assert {name: (one.frame_length, one.frame_step) for name, one in times.items()} == {
        "eGeMAPSv02": (0.02, 0.01),
        "ComParE_2016": (0.06, 0.01),
        "IS09": (0.025, 0.01),
        "prosody": (0.055, 0.01),
    }


def test_frame_j_is_about_its_time() -> None:
    waveform = np.zeros(SAMPLE_RATE, np.float32)
    waveform[8000:8160] = 0.5 * np.sin(np.arange(160))  # 0.5 s
    frames = OpenSmileFrames("eGeMAPSv02")
    loudest = frames.extract(waveform)[:, frames.names.index("Loudness_sma3")].argmax()
    centre = loudest * frames.frame_step + frames.frame_length / 2
    assert abs(centre - 0.505) <= 0.01


def test_levels() -> None:
    waveform = voice(1.0)
    assert OpenSmileFrames("ComParE_2016", level="lld_de").dimension == 65
    with pytest.raises(FeatureError, match=r"level lld of IS09 has 99 rows for one utterance; .*OpenSmileFrames"):
        OpenSmileFunctionals("IS09", level="lld").extract(waveform)
    with pytest.raises(FeatureError, match="less than two frames a second"):
        _ = OpenSmileFrames("IS09", level="func").frame_step


# Options


def test_a_configuration_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.conf"
    text = PROSODY.read_text("utf-8")
    path.write_text(text.replace("percentile[1] = 0.9", "percentile[1] = 0.8"), "utf-8")
    mine, ours = OpenSmileFunctionals(str(path)), OpenSmileFunctionals("prosody")
    assert mine.settings() != ours.settings()
    different = mine.extract(voice(1.0)) != ours.extract(voice(1.0))
    assert np.flatnonzero(different).tolist() == [5, 6, 12, 13, 19, 20, 26, 27, 33, 34]


@KINDS
def test_what_there_is_not(kind: type[OpenSmileFunctionals | OpenSmileFrames], tmp_path: Path) -> None:
    with pytest.raises(FeatureError, match="feature_set is 'egemaps'; it can be ComParE_2016, eGeMAPS, .*, prosody or"):
        kind("egemaps")
    with pytest.raises(FeatureError, match=r"there is no file .*none\.conf"):
        kind(str(tmp_path / "none.conf"))
    with pytest.raises(FeatureError, match="no component writes the level 'lost'"):
        kind("prosody", level="lost").extract(voice(0.5))


@KINDS
def test_settings_tell_extractors_apart(kind: type[OpenSmileFunctionals | OpenSmileFrames]) -> None:
    every = [kind(), kind("prosody"), kind("GeMAPSv01b"), kind("ComParE_2016", "lld"), kind("ComParE_2016", "lld_de")]
    assert len({str(extractor.settings()) for extractor in every}) == 5
    assert OpenSmileFunctionals("IS09", "lld").settings() != OpenSmileFrames("IS09", "lld").settings()


@KINDS
def test_without_opensmile(kind: type[OpenSmileFunctionals | OpenSmileFrames], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opensmile", None)
    extractor = kind("eGeMAPSv02")
    for use in (extractor.settings, lambda: extractor.dimension, lambda: extractor.extract(voice(0.5))):
        with pytest.raises(FeatureError, match=r"openSMILE is not installed: `pip install opensmile`\."):
            use()


# Odd audio


@KINDS
@pytest.mark.parametrize("feature_set", ["eGeMAPSv02", "prosody", "IS09"])
@pytest.mark.parametrize("n_samples", [1, 160, 399])
def test_too_short(kind: type[OpenSmileFunctionals | OpenSmileFrames], feature_set: str, n_samples: int) -> None:
    extractor = kind(feature_set)
    with pytest.raises(UnusableFeaturesError, match=f"{n_samples / 16000:.3f} s of audio") as error:
        extractor.extract(voice(1.0)[:n_samples])
    assert error.value.problem == "too short for openSMILE"
    assert np.array_equal(extractor.extract(voice(0.5)), kind(feature_set).extract(voice(0.5)))  # still in order


@KINDS
@pytest.mark.parametrize("feature_set", ["eGeMAPSv02", "prosody", "ComParE_2016"])
def test_silence_and_a_tenth_of_a_second_are_finite(
    kind: type[OpenSmileFunctionals | OpenSmileFrames], feature_set: str
) -> None:
    for waveform in (np.zeros(SAMPLE_RATE, np.float32), voice(0.1)):
        assert np.isfinite(kind(feature_set).extract(waveform)).all()


@KINDS
def test_non_finite_and_empty_audio(kind: type[OpenSmileFunctionals | OpenSmileFrames]) -> None:
    waveform = voice(0.5)
    waveform[9] = np.nan
    with pytest.raises(UnusableFeaturesError, match="NaN"):
        kind().extract(waveform)
    with pytest.raises(UnusableFeaturesError, match=r"0\.000 s"):
        kind().extract(waveform[:0])


@KINDS
@pytest.mark.parametrize("feature_set", ["eGeMAPSv02", "prosody"])
def test_the_same_again_in_any_order_and_thread(
    kind: type[OpenSmileFunctionals | OpenSmileFrames], feature_set: str
) -> None:
    extractor = kind(feature_set)
    waveforms = [voice(0.2 + 0.1 * number, number) for number in range(8)]
    expected = [kind(feature_set).extract(waveform) for waveform in waveforms]
    with ThreadPoolExecutor(4) as pool:
        for number, features in enumerate(pool.map(extractor.extract, waveforms * 4)):
            assert np.array_equal(features, expected[number % 8])
    assert np.array_equal(pickle.loads(pickle.dumps(extractor)).extract(waveforms[3]), expected[3])


def test_through_the_store(tmp_path: Path) -> None:
    paths = {name: tmp_path / f"{name}.wav" for name in ("good", "short", "silent")}
    soundfile.write(paths["good"], voice(1.0), SAMPLE_RATE, "PCM_16")
    soundfile.write(paths["short"], voice(1.0)[4000:4160], SAMPLE_RATE)
    soundfile.write(paths["silent"], np.zeros(16000), SAMPLE_RATE)
    store = FeatureStore(tmp_path / "store")
    found = store.get(OpenSmileFunctionals("prosody"), paths, progress=False)
    assert found.failures == {"short": "too short for openSMILE", "silent": "silent audio"}
    assert np.array_equal(found["good"], OpenSmileFunctionals("prosody").extract(voice(1.0)))
    assert found.dimension == 35 and not hasattr(found, "frame_step")
    frames = store.get(OpenSmileFrames("prosody"), paths, progress=False)
    assert frames["good"].shape == (96, 5) and (frames.frame_length, frames.frame_step) == (0.055, 0.01)
