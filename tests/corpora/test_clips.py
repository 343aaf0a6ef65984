import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.audio import read_audio
from mtser.audio.containers import Container
from mtser.corpora.clip_sound import Clip, ClipProblem
from mtser.corpora.clips import cut_clips
from mtser.errors import CorpusError
from tests.audio.test_containers import write as write_video
from tests.corpora.iemocap_writer import write_tone


def cut(root: Path, **clips: Clip | Path) -> tuple[Path, dict[str, Path | ClipProblem]]:
    return cut_clips(clips, root, n_jobs=2, progress=False)


def fake_ffmpeg(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Put a program called ffmpeg in front of the path; returns the file that its calls are noted in."""
    folder.mkdir()
    program, calls = folder / "ffmpeg", folder / "calls"
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n{script}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return calls


def write_samples(path: Path) -> Path:
    """A second of sound as ffmpeg gives it: 16-bit samples at 16 kHz without a header."""
    path.write_bytes((3000 * np.sin(np.arange(16_000) * 0.1)).astype("<i2").tobytes())
    return path


@pytest.mark.parametrize(("subtype", "kept"), [("PCM_16", "PCM_16"), ("PCM_24", "PCM_24"), ("FLOAT", "PCM_24")])
def test_a_part_of_a_recording(subtype: str, kept: str, tmp_path: Path) -> None:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (48_000, 2))
    source = tmp_path / "corpus" / "a.wav"
    source.parent.mkdir()
    soundfile.write(source, samples, 48_000, subtype=subtype)
    folder, found = cut(tmp_path / "corpus", a=Clip(source, 0.25, 0.5), all=Clip(source))
    assert folder.name == "corpus" and folder.is_relative_to(tmp_path / "cache" / "clips")
    assert found["a"] == folder / "a.flac"
    part, rate = soundfile.read(folder / "a.flac")
    whole, _ = soundfile.read(source)
    assert rate == 48_000 and soundfile.info(folder / "a.flac").subtype == kept
    np.testing.assert_allclose(part, whole[12_000:24_000], atol=2**-22)
    assert len(soundfile.read(folder / "all.flac")[0]) == 48_000


def test_sound_that_flac_cannot_hold(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 768_000).astype(np.float32)
    soundfile.write(tmp_path / "fast.wav", samples, 768_000)
    samples[100] = np.nan
    soundfile.write(tmp_path / "nan.wav", samples, 16_000, subtype="FLOAT")
    nan = tmp_path / "nan.wav"
    _, found = cut(tmp_path, fast=Clip(tmp_path / "fast.wav", 0.25, 0.5), nan=Clip(nan, 0.0, 1.0), good=Clip(nan, 1, 2))
    assert isinstance(found["fast"], Path) and soundfile.info(found["fast"]).samplerate == 16_000
    assert soundfile.info(found["fast"]).duration == pytest.approx(0.25, abs=1e-3)
    assert found["nan"] == ClipProblem("non-finite audio", f"{nan}: 1 samples are NaN or infinite")
    assert isinstance(found["good"], Path)


def test_each_clip_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tone(tmp_path / "corpus" / "a.wav", 2.0)
    clips = {"a": Clip(tmp_path / "corpus" / "a.wav", 0.0, 1.0)}
    _, first = cut(tmp_path / "corpus", **clips)
    file = first["a"]
    assert isinstance(file, Path)
    before = file.stat().st_mtime_ns
    cut(tmp_path / "corpus", **clips)
    assert file.stat().st_mtime_ns == before
    whole = Clip(tmp_path / "corpus" / "a.wav", 0.0)
    for other, seconds in ((Clip(whole.source, 0.0, 1.5), 1.5), (whole, 2.0)):  # other times
        _, found = cut(tmp_path / "corpus", a=other)
        assert isinstance(found["a"], Path) and soundfile.info(found["a"]).duration == seconds
    write_tone(tmp_path / "corpus" / "a.wav", 3.0)  # another recording
    assert cut(tmp_path / "corpus", a=whole)[1] == found and soundfile.info(found["a"]).duration == 3.0
    assert cut(tmp_path / "corpus", **clips)[1] == first and file.stat().st_mtime_ns > before
    file.unlink()
    (file.parent / ".made.json").write_text("damaged")
    cut(tmp_path / "corpus", **clips)
    assert soundfile.info(file).duration == 1.0


def test_ids_that_are_no_file_names_keep_apart(tmp_path: Path) -> None:
    write_tone(tmp_path / "a.wav", 1.0)
    ids = ["v[0]", "v_0_", "../../x", "v/0/"]
    folder, found = cut_clips({id: Clip(tmp_path / "a.wav") for id in ids}, tmp_path, progress=False)
    files = list(found.values())
    assert len(set(files)) == 4 and all(isinstance(one, Path) and one.parent == folder for one in files)


def test_ids_that_are_too_long_for_a_file_name_keep_apart(tmp_path: Path) -> None:
    write_tone(tmp_path / "a.wav", 1.0)
    ids = [300 * "x", 300 * "x" + "y", 235 * "x", 236 * "x", 100 * "\u4f60", 300 * "/"]
    folder, found = cut_clips({id: Clip(tmp_path / "a.wav") for id in ids}, tmp_path, progress=False)
    files = list(found.values())
    assert len(set(files)) == len(ids) and all(isinstance(one, Path) and one.is_file() for one in files)
    assert files[2] == folder / f"{ids[2]}.flac", "what fits keeps its name"


def test_tables_that_give_an_id_to_other_sound_have_files_of_their_own(tmp_path: Path) -> None:
    """Both can be at work at once, and none is made twice."""
    write_tone(tmp_path / "a.wav", 2.0)
    write_tone(tmp_path / "b.wav", 2.0)
    long_id = 300 * "x"
    tables = [
        {"u": Clip(tmp_path / "a.wav", 0.0, 0.5), long_id: Clip(tmp_path / "a.wav", 0.0, 0.5)},
        {"u": Clip(tmp_path / "a.wav", 0.0, 1.0), long_id: Clip(tmp_path / "b.wav", 0.0, 0.5)},
        {"u": tmp_path / "a.wav", long_id: tmp_path / "b.wav"},
        {"u": tmp_path / "b.wav", long_id: tmp_path / "a.wav"},
    ]
    files = [one for table in tables for one in cut(tmp_path, **table)[1].values() if isinstance(one, Path)]
    times = [one.lstat().st_mtime_ns for one in files]
    assert len(set(files)) == 8
    assert [soundfile.info(one).duration for one in files] == [0.5, 0.5, 1.0, 0.5, 2.0, 2.0, 2.0, 2.0]
    assert [one for table in tables for one in cut(tmp_path, **table)[1].values()] == files
    assert [one.lstat().st_mtime_ns for one in files] == times


def test_what_cannot_be_cut(tmp_path: Path) -> None:
    write_tone(tmp_path / "a.wav", 1.0)
    (tmp_path / "b.wav").write_bytes(b"no audio")
    (tmp_path / "d.raw").write_bytes(bytes(64000))
    soundfile.write(tmp_path / "e.wav", np.random.default_rng(0).uniform(-0.5, 0.5, (16000, 10)), 16000)
    _, found = cut(
        tmp_path,
        late=Clip(tmp_path / "a.wav", 1.0, 2.0),
        long=Clip(tmp_path / "a.wav", 0.5, 1.6),
        nearly=Clip(tmp_path / "a.wav", 0.5, 1.4),
        broken=Clip(tmp_path / "b.wav", 0.0, 1.0),
        none=Clip(tmp_path / "c.wav"),
        headless=Clip(tmp_path / "d.raw", 0.0, 1.0),
        many=Clip(tmp_path / "e.wav", 0.25, 0.75),
    )
    assert {id: one.reason for id, one in found.items() if isinstance(one, ClipProblem)} == {
        "late": "segment outside the audio",
        "long": "segment outside the audio",
        "broken": "unreadable audio",
        "none": "no audio file",
        "headless": "unreadable audio",
    }
    assert isinstance(found["many"], Path) and soundfile.info(found["many"]).channels == 1
    assert isinstance(found["nearly"], Path) and soundfile.info(found["nearly"]).duration == 0.5


@pytest.fixture
def no_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


@pytest.mark.usefixtures("no_ffmpeg")
def test_without_ffmpeg_pyav_decodes(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.m4a", "aac")
    whole = read_audio(source)
    _, found = cut(tmp_path, part=Clip(source, 0.5, 1.25), end=Clip(source, 1.5), all=Clip(source), plain=source)
    for id, expected in (("part", whole[8000:20000]), ("end", whole[24000:]), ("all", whole), ("plain", whole)):
        assert found[id] == tmp_path / "cache" / "clips" / found[id].parts[-3] / tmp_path.name / f"{id}.flac"  # type: ignore[union-attr]
        samples, rate = soundfile.read(found[id])
        assert rate == 16_000 and soundfile.info(found[id]).subtype == "PCM_16"
        np.testing.assert_allclose(samples[800:-800], expected[800:-800], atol=1e-3)  # but for the filter's ends
        assert len(samples) == len(expected)


@pytest.mark.usefixtures("no_ffmpeg")
@pytest.mark.parametrize("found_at", ["its place", "nothing"])
def test_a_late_part_of_a_long_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found_at: str) -> None:
    source = write_video(tmp_path / "a.m4a", "aac", seconds=8.0, changing=True)
    whole = read_audio(source)
    skip, skipped = Container.skip_to, []

    def watched(container: Container, start: float) -> int | None:
        skipped.append(skip(container, start))
        return skipped[-1] if found_at == "its place" else None

    monkeypatch.setattr(Container, "skip_to", watched)
    _, found = cut(tmp_path, part=Clip(source, 6.0, 7.0))
    assert 4.8 * 48_000 < skipped[0] < 5.1 * 48_000
    samples, _ = soundfile.read(found["part"])
    np.testing.assert_allclose(samples[800:-800], whole[96800:111200], atol=1e-3)


@pytest.mark.parametrize("decoder", ["pyav", "ffmpeg"])
def test_what_cannot_be_cut_from_a_video(tmp_path: Path, request: pytest.FixtureRequest, decoder: str) -> None:
    if decoder == "pyav":
        request.getfixturevalue("no_ffmpeg")
    elif shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    source, video = write_video(tmp_path / "a.mp4", "aac"), tmp_path / "b.mp4"
    video.write_bytes(b"video")
    mute = write_video(tmp_path / "c.mp4", "aac", sound=False, picture=True)
    clips = {"late": Clip(source, 3.0, 4.0), "long": Clip(source, 1.0, 3.0), "back": Clip(source, 1.0, 0.5)}
    _, found = cut(tmp_path, **clips, broken=Clip(video), mute=Clip(mute), nearly=Clip(source, 1.0, 2.3))
    assert {id: one.reason for id, one in found.items() if isinstance(one, ClipProblem)} == {
        "late": "segment outside the audio",
        "long": "segment outside the audio",
        "back": "segment outside the audio",
        "broken": "unreadable audio",
        "mute": "unreadable audio",
    }
    assert isinstance(found["late"], ClipProblem) and "3.000-4.000 s" in found["late"].detail
    if decoder == "pyav":
        assert isinstance(found["mute"], ClipProblem) and found["mute"].detail.endswith("the video has no sound track")
    assert isinstance(found["nearly"], Path) and soundfile.info(found["nearly"]).duration == pytest.approx(1.0, abs=0.1)


@pytest.mark.usefixtures("no_ffmpeg")
def test_a_missing_decoder_is_told_by_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "a.m4a").write_bytes(b"sound")
    write_tone(tmp_path / "b.wav", 1.0)
    _, found = cut(tmp_path, a=tmp_path / "a.m4a", b=Clip(tmp_path / "b.wav", 0.0, 0.5))
    told = r"videos and AAC need PyAV (pip install mtser[speech]) or ffmpeg, and neither is installed"
    assert found["a"] == ClipProblem("no decoder", f"{tmp_path / 'a.m4a'}: {told}")
    assert isinstance(found["b"], Path)
    with pytest.raises(CorpusError, match=re.escape(f"{tmp_path}: none of its recordings can be decoded: {told}.")):
        cut(tmp_path, a=Clip(tmp_path / "a.m4a", 0.0, 1.0))


@pytest.mark.parametrize("links", [True, False])
def test_files_that_need_no_cutting_are_taken_as_they_are(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError("a required privilege is not held by the client")

    if not links:
        monkeypatch.setattr(Path, "symlink_to", refused)
    source = tmp_path / "corpus" / "a.wav"
    for seconds in (1.0, 2.0):
        write_tone(source, seconds)
        folder, found = cut(source.parent, a=source, b=Clip(source, 0.0, 0.5))
        assert found == {"a": folder / "a.wav", "b": folder / "b.flac"}
        assert (folder / "a.wav").read_bytes() == source.read_bytes() and (folder / "a.wav").is_symlink() == links
    _, found = cut(source.parent, a=tmp_path / "none.wav")
    assert found["a"] == ClipProblem("no audio file", str(tmp_path / "none.wav"))


def test_the_sound_of_a_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.mp4").write_bytes(b"video")
    calls = fake_ffmpeg(tmp_path / "bin", monkeypatch, f"cat {write_samples(tmp_path / 'sound.raw')}")
    for _ in range(2):
        _, found = cut(tmp_path, a=Clip(tmp_path / "a.mp4"))
    assert isinstance(found["a"], Path) and soundfile.info(found["a"]).duration == 1.0
    (call,) = calls.read_text().splitlines()
    assert f"-i {tmp_path / 'a.mp4'} -vn -ac 1 -ar 16000 -f s16le" in call


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_the_sound_of_a_real_video(tmp_path: Path) -> None:
    write_tone(tmp_path / "tone.wav", 2.0)
    picture = ["-f", "lavfi", "-i", "color=c=black:s=64x64:r=5:d=2"]
    made = ["ffmpeg", "-v", "error", *picture, "-i", tmp_path / "tone.wav", "-c:v", "mpeg4", tmp_path / "a.mp4"]
    subprocess.run(made, check=True)
    _, found = cut(tmp_path, a=Clip(tmp_path / "a.mp4"), part=Clip(tmp_path / "a.mp4", 0.5, 1.0))
    for id, seconds in (("a", 2.0), ("part", 0.5)):
        assert len(read_audio(found[id])) == pytest.approx(16_000 * seconds, abs=2048)  # type: ignore[arg-type]


def test_a_video_that_ffmpeg_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.mp4").write_bytes(b"video")
    fake_ffmpeg(tmp_path / "bin", monkeypatch, "echo moov atom not found >&2; exit 1")
    folder, found = cut(tmp_path, a=Clip(tmp_path / "a.mp4"))
    assert found["a"] == ClipProblem("unreadable audio", f"{tmp_path / 'a.mp4'}: moov atom not found")
    assert not list(folder.glob("*.flac"))


def test_a_part_behind_the_end_of_which_ffmpeg_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends well, with the second that there is, or with nothing."""
    video = tmp_path / "a.mp4"
    video.write_bytes(b"video")
    fake_ffmpeg(tmp_path / "bin", monkeypatch, f"cat {write_samples(tmp_path / 'sound.raw')}")
    _, found = cut(tmp_path, over=Clip(video, 2.0, 4.0), nearly=Clip(video, 2.0, 3.4))
    assert found["over"] == ClipProblem("segment outside the audio", f"{video}: 2.000-4.000 s of 3.000 s")
    assert isinstance(found["nearly"], Path)
    fake_ffmpeg(tmp_path / "other", monkeypatch, "true")
    _, found = cut(tmp_path, behind=Clip(video, 9.0), mute=Clip(video))
    assert found["behind"] == ClipProblem("segment outside the audio", f"{video}: from 9.000 s")
    assert found["mute"] == ClipProblem("unreadable audio", f"{video}: ffmpeg found no sound")
