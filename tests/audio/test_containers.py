"""Sound tracks of videos and AAC."""

import sys

import numpy as np
import pytest

from mtser.audio import AudioIndex, UnusableAudioError, audio_duration, read_audio, stream_audio
from mtser.audio.containers import is_container, open_container
from mtser.errors import AudioError
from mtser.inference.recordings import Recording
from mtser.inference.sound import samples_of


def write(path, codec, *, rate=48000, seconds=2.0, sound=True, picture=False, changing=False):
    """A file with a tone of 440 Hz (or that rises) on the left channel, silence on the right, a picture on request."""
    av = pytest.importorskip("av", reason="PyAV comes with mtser[speech]")
    time = np.arange(int(seconds * rate)) / rate
    tone = 0.5 * np.sin(2 * np.pi * (440 + 20 * changing * time) * time)
    stereo = np.stack([tone, np.zeros(len(time))]).astype(np.float32)
    with av.open(str(path), "w") as file:
        video = file.add_stream("mpeg4", rate=10) if picture else None
        if video is not None:
            video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        audio = file.add_stream(codec, rate=rate, layout="stereo") if sound else None
        for _ in range(int(10 * seconds) if video is not None else 0):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            file.mux(video.encode(frame))
        if video is not None:
            file.mux(video.encode(None))
        if audio is not None:
            for start in range(0, stereo.shape[1], 960):
                frame = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(stereo[:, start : start + 960]), "fltp", "stereo"
                )
                frame.sample_rate = rate
                frame.pts = start
                file.mux(audio.encode(frame))
            file.mux(audio.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "codec", "picture"),
    [("a.m4a", "aac", False), ("a.mp4", "aac", True), ("a.webm", "libopus", False), ("a.mkv", "aac", True)],
)
def test_a_sound_track_is_read_as_any_audio(tmp_path, name, codec, picture):
    file = write(tmp_path / name, codec, picture=picture)
    samples = read_audio(file)
    assert len(samples) / 16000 == pytest.approx(2.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(samples[8000:24000]))
    assert np.argmax(spectrum) == 440
    assert np.abs(samples[8000:24000]).max() == pytest.approx(0.25, abs=0.02), "the mean of both channels"
    np.testing.assert_allclose(np.concatenate(list(stream_audio(file, seconds=1))), samples, atol=1e-6)
    assert audio_duration(file) == pytest.approx(2.0, abs=0.1)
    np.testing.assert_array_equal(np.concatenate(list(stream_audio(file.read_bytes()))), samples)


@pytest.mark.parametrize(
    ("name", "codec", "off"), [("a.m4a", "aac", 0), ("a.ts", "aac", 0), ("a.mkv", "aac", 48), ("a.webm", "libopus", 48)]
)
def test_what_is_before_a_place_is_not_decoded(tmp_path, name, codec, off):
    """Matroska tells times in milliseconds, and has places to begin at some seconds apart."""
    path = write(tmp_path / name, codec, seconds=12.0, changing=True)
    with open_container(path) as container:
        whole = np.concatenate(list(container.blocks()))
    for start in (2.5, 7.0, 11.9):
        with open_container(path) as container:
            at = container.skip_to(start)
            rest = np.concatenate(list(container.blocks()))
        wanted = round(start * container.rate)
        assert at <= wanted and (off or at > wanted - 1.1 * container.rate)
        assert at + len(rest) == pytest.approx(len(whole), abs=off)
        heard = rest[wanted - at :][:4000]
        shifts = range(-off, off + 1)
        assert min(np.abs(whole[wanted + shift :][:4000] - heard).max() for shift in shifts) < 1e-6


def test_a_place_that_cannot_be_found(tmp_path):
    path = write(tmp_path / "a.m4a", "aac", seconds=4.0)
    with open_container(path) as container:
        assert container.skip_to(1.5) == 0
        assert len(np.concatenate(list(container.blocks()))) > 4 * 48_000 - 2000
    with open_container(path) as container:
        container._frames = lambda: iter(())
        assert container.skip_to(3.0) is None
    adts = write(tmp_path / "a.aac", "aac", seconds=4.0)
    with open_container(adts) as container:
        assert container.skip_to(3.0) == 0


def test_a_rate_that_the_first_sound_tells(tmp_path):
    """What a transport stream holds is known when it has been heard."""
    path = write(tmp_path / "a.ts", "aac", seconds=90.0, picture=True)
    with open_container(path) as container:
        assert container.rate == 48_000
        assert sum(map(len, container.blocks())) == pytest.approx(90 * 48_000, abs=2048)


def test_a_video_without_sound(tmp_path):
    file = write(tmp_path / "a.mp4", "aac", sound=False, picture=True)
    with pytest.raises(UnusableAudioError, match="the video has no sound track"):
        read_audio(file)


def test_a_damaged_video(tmp_path):
    file = tmp_path / "a.mp4"
    file.write_bytes(b"\0\0\0\x20ftypisom" + bytes(500))
    pytest.importorskip("av")
    for read in (read_audio, audio_duration, lambda path: list(stream_audio(path))):
        with pytest.raises(UnusableAudioError, match="a damaged video or sound file"):
            read(file)


def test_without_pyav(tmp_path, monkeypatch):
    file = tmp_path / "a.mp4"
    file.write_bytes(b"\0\0\0\x20ftypisom" + bytes(500))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UnusableAudioError, match=r"pip install mtser\[speech\]"):
        read_audio(file)


def test_a_missing_decoder_is_not_remembered(tmp_path, monkeypatch):
    file, index = write(tmp_path / "a.mp4", "aac"), AudioIndex(tmp_path / "index.json")
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "av", None)
        found = index.inspect({"a": file}, progress=False)["a"]
        assert found.problem == "unreadable audio" and "pip install" in found.detail and not found.sha256
    assert index.inspect({"a": file}, progress=False)["a"].problem is None


def test_stretches_and_the_limit_of_a_video(tmp_path, monkeypatch):
    file = write(tmp_path / "a.mp4", "aac")
    whole = samples_of(Recording(file))
    stretch = samples_of(Recording(file, start=0.5, end=1.25))
    assert len(stretch) == pytest.approx(0.75 * 16000, abs=2)
    np.testing.assert_allclose(stretch[200:-200], whole[8200:19800], atol=1e-3)  # the resampler's ends
    np.testing.assert_array_equal(stretch, samples_of(Recording(file.read_bytes(), start=0.5, end=1.25)))
    monkeypatch.setattr("mtser.inference.sound.LONGEST", 1.5)
    with pytest.raises(AudioError, match="lasts 0:00:02, but a model judges"):
        samples_of(Recording(file))
    monkeypatch.setattr("mtser.inference.sound.audio_duration", lambda data: 0.0)  # as browsers record: it is not told
    with pytest.raises(AudioError, match="lasts 0:00:02, but a model judges"):
        samples_of(Recording(file))


@pytest.mark.parametrize(
    "head", [b"", b"RIFF\x00\x00\x00\x00WAVE", b"fLaC", b"OggS", b"ID3\x04", b"\xff\xfb\x90", b"G" * 100]
)
def test_what_soundfile_reads_is_left_to_it(head):
    assert not is_container(head)
