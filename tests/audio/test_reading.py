"""Reading audio of any kind, and naming what cannot be read."""

import errno
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.audio import AUDIO_PROBLEMS, SAMPLE_RATE, UnusableAudioError, decode_audio, read_audio
from mtser.audio.reading import resample
from mtser.errors import AudioError, MtserError


def encode(samples: np.ndarray, rate: int, format: str = "WAV", subtype: str = "FLOAT") -> bytes:
    """The bytes of an audio file."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=format, subtype=subtype)
    return file.getvalue()


def tone(rate: int, seconds: float = 0.5, hertz: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def problem_of(data: bytes) -> str:
    with pytest.raises(AudioError) as error:
        decode_audio(data, "some/file.wav")
    assert isinstance(error.value, UnusableAudioError)
    assert error.value.problem in AUDIO_PROBLEMS
    assert str(error.value).startswith("some/file.wav: " + error.value.problem)
    return error.value.problem


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000, 96000, 12345])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_a_tone_survives_any_rate_and_channel_count(rate: int, channels: int) -> None:
    data = encode(np.tile(tone(rate)[:, None], (1, channels)), rate)
    samples = decode_audio(data, "tone.wav")
    assert samples.dtype == np.float32 and samples.ndim == 1
    assert len(samples) == -(-round(rate * 0.5) * SAMPLE_RATE // rate)
    # The edges ring: the tone starts and ends abruptly.
    inner = slice(1600, -1600)
    expected = tone(SAMPLE_RATE)[: len(samples)]
    assert np.abs(samples[: len(expected)] - expected)[inner].max() < 1e-4


@pytest.mark.parametrize("rate", [8000, 44100, 48000])
@pytest.mark.parametrize("count", [1, 2, 100, 1500])
def test_resampling_is_the_plain_sum(rate: int, count: int) -> None:
    """The value at each time is the sum of all samples, weighted by the windowed sinc of their distance."""
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, count)
    lower = min(rate, SAMPLE_RATE)
    times = np.arange(-(-count * SAMPLE_RATE // rate)) / SAMPLE_RATE
    distance = (times[:, None] - np.arange(count) / rate) * lower  # in periods of the lower rate
    inside = np.clip(1 - (distance / 64) ** 2, 0, None)
    window = np.where(np.abs(distance) <= 64, np.i0(14.769656459379492 * np.sqrt(inside)), 0) / np.i0(
        14.769656459379492
    )
    cutoff = 0.9475937167399596
    weights = cutoff * np.sinc(cutoff * distance) * window * lower / rate
    expected = weights @ samples
    np.testing.assert_allclose(resample(samples.astype(np.float32), rate), expected, atol=2e-6)


def test_what_lies_above_the_new_band_is_gone() -> None:
    samples = decode_audio(encode(tone(48000, hertz=9000.0), 48000), "tone.wav")
    assert np.abs(samples[1600:-1600]).max() < 1e-5  # -94 dB; an alias at 7 kHz otherwise


def test_channels_are_averaged() -> None:
    left, right = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 1000))
    samples = decode_audio(encode(np.stack([left, right], axis=1), 16000), "stereo.wav")
    np.testing.assert_allclose(samples, (left + right) / 2, atol=1e-7)


@pytest.mark.parametrize(("format", "subtype"), [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("WAV", "PCM_24")])
def test_integer_samples_are_exact(format: str, subtype: str) -> None:
    values = np.random.default_rng(0).integers(-(2**15), 2**15, 5000) / 2**15
    samples = decode_audio(encode(values, 16000, format, subtype), "x")
    assert np.array_equal(samples, values.astype(np.float32))


@pytest.mark.parametrize(("format", "subtype"), [("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III"), ("AIFF", "PCM_16")])
def test_other_formats(format: str, subtype: str) -> None:
    assert len(decode_audio(encode(tone(16000), 16000, format, subtype), "x")) == 8000


def test_from_a_file_as_from_its_bytes(tmp_path: Path) -> None:
    data = encode(tone(44100), 44100)
    file = tmp_path / "später.wav"
    file.write_bytes(data)
    assert np.array_equal(read_audio(file), decode_audio(data, "x"))
    assert np.array_equal(read_audio(str(file)), read_audio(file))


@pytest.mark.parametrize("data", [b"RIFF", b"no audio at all" * 100, encode(tone(16000), 16000)[:20]])
def test_unreadable(data: bytes) -> None:
    assert problem_of(data) == "unreadable audio"


def test_a_missing_file_is_none_and_a_folder_is_unreadable(tmp_path: Path) -> None:
    for path, problem in ((tmp_path / "none.wav", "no audio file"), (tmp_path, "unreadable audio")):
        with pytest.raises(UnusableAudioError, match=str(path)) as error:
            read_audio(path)
        assert error.value.problem == problem


def test_an_absurd_rate_is_unreadable() -> None:
    assert problem_of(encode(tone(16000), 2_000_000)) == "unreadable audio"


def test_empty() -> None:
    assert problem_of(b"") == "empty audio"
    assert problem_of(encode(np.zeros(0), 16000)) == "empty audio"


@pytest.mark.parametrize(
    ("format", "subtype"),
    [
        ("WAV", "PCM_16"),
        ("WAV", "FLOAT"),
        ("WAVEX", "PCM_24"),
        ("FLAC", "PCM_16"),
        ("AIFF", "PCM_16"),
        ("AU", "PCM_16"),
    ],
)
def test_truncated(format: str, subtype: str) -> None:
    data = encode(np.random.default_rng(0).uniform(-0.5, 0.5, (16000, 2)), 16000, format, subtype)
    assert problem_of(data[: len(data) * 2 // 3]) == "truncated audio"
    assert problem_of(data[:-1000]) == "truncated audio"


def test_a_wav_of_unknown_length_is_no_truncated_one() -> None:
    data = bytearray(encode(tone(16000), 16000, subtype="PCM_16"))
    position = data.index(b"data") + 4
    for size in (0xFFFFFFFF, 0x7FFFFFFF):  # as recorders that write into a pipe leave it
        data[position : position + 4] = size.to_bytes(4, "little")
        assert len(decode_audio(bytes(data), "pipe.wav")) == 8000


@pytest.mark.parametrize("value", [0.0, 0.25])
def test_silent(value: float) -> None:
    assert problem_of(encode(np.full(1000, value), 16000)) == "silent audio"


def test_channels_that_cancel_are_silent() -> None:
    wave = tone(16000)
    assert problem_of(encode(np.stack([wave, -wave], axis=1), 16000)) == "silent audio"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_non_finite(value: float) -> None:
    wave = tone(16000)
    wave[100] = value
    assert problem_of(encode(wave, 16000)) == "non-finite audio"


def test_too_many_open_files_are_not_the_file_s_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path) -> bytes:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(
        MtserError, match=r"a\.wav: Too many open files; allow this process more \(ulimit -n\)"
    ) as error:
        read_audio(tmp_path / "a.wav")
    assert not isinstance(error.value, UnusableAudioError)
