"""Long recordings piece by piece are the whole recording."""

import itertools

import numpy as np
import pytest
import soundfile

from mtser.audio import UnusableAudioError, audio_duration, read_audio, stream_audio


def speech(seconds, rate, channels=1, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(0, 0.1, (round(seconds * rate), channels)).astype(np.float32)


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 1), (22050, 1), (44100, 2), (96000, 2)])
@pytest.mark.parametrize("seconds", [0.3, 4.0, 11.37])
def test_pieces_are_the_whole(tmp_path, rate, channels, seconds):
    file = tmp_path / "a.wav"
    soundfile.write(file, speech(seconds, rate, channels), rate, subtype="FLOAT")
    pieces = list(stream_audio(file, seconds=2))
    assert all(len(piece) == 32000 for piece in pieces[:-1]) and len(pieces[-1]) <= 64000
    np.testing.assert_allclose(np.concatenate(pieces), read_audio(file), atol=1e-6)
    assert audio_duration(file) == pytest.approx(seconds, abs=1 / rate)


def test_bytes_are_as_good_as_a_file(tmp_path):
    file = tmp_path / "a.flac"
    soundfile.write(file, speech(3, 44100), 44100)
    (piece,) = stream_audio(file.read_bytes(), "standard input")
    np.testing.assert_array_equal(piece, read_audio(file))
    assert audio_duration(file.read_bytes()) == 3.0


def test_hours_are_not_in_memory_at_once(tmp_path):
    """What was read of a long file when its first piece comes is little."""
    file = tmp_path / "a.wav"
    soundfile.write(file, np.tile(speech(60, 8000), (20, 1)), 8000)
    pieces = stream_audio(file, seconds=60)
    assert len(next(pieces)) == 960_000
    assert sum(1 for _ in pieces) in (19, 20)


@pytest.mark.parametrize("read", [audio_duration, lambda file: list(stream_audio(file)), read_audio])
def test_what_is_no_audio(tmp_path, read):
    empty, text, missing = tmp_path / "empty.wav", tmp_path / "text.wav", tmp_path / "missing.wav"
    empty.touch()
    text.write_text("hello " * 100)
    problems = {empty: "empty audio", text: "unreadable audio", tmp_path: "unreadable audio", missing: "no audio file"}
    for file, problem in problems.items():
        with pytest.raises(UnusableAudioError) as found:
            read(file)
        assert found.value.problem == problem and str(file) in str(found.value)


def test_damage_is_told_after_what_is_before_it(tmp_path):
    nan, cut = tmp_path / "nan.wav", tmp_path / "cut.flac"
    samples = speech(25, 16000)
    samples[-100] = np.nan
    soundfile.write(nan, samples, 16000, subtype="FLOAT")
    pieces = stream_audio(nan, seconds=5)
    assert len(list(itertools.islice(pieces, 3))) == 3
    with pytest.raises(UnusableAudioError) as found:
        list(pieces)
    assert found.value.problem == "non-finite audio"
    soundfile.write(cut, speech(25, 16000), 16000)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    with pytest.raises(UnusableAudioError):
        list(stream_audio(cut, seconds=5))
    whole = tmp_path / "cut.wav"
    soundfile.write(whole, speech(25, 16000), 16000)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(UnusableAudioError) as found:
        list(stream_audio(whole, seconds=5))
    assert found.value.problem == "truncated audio"
