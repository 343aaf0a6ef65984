"""Inspecting the audio of a corpus, and remembering it."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.audio import AudioIndex, AudioInfo, index
from mtser.errors import MtserError


@pytest.fixture
def corpus(tmp_path: Path) -> dict[str, Path]:
    """Twenty good files of different lengths, and one of each fault."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    random = np.random.default_rng(0)
    paths = {}
    for number in range(20):
        paths[f"good{number:02}"] = folder / f"good{number:02}.wav"
        soundfile.write(paths[f"good{number:02}"], random.uniform(-0.5, 0.5, 8000 + 100 * number), 16000)
    paths["silent"] = folder / "silent.wav"
    soundfile.write(paths["silent"], np.zeros(16000), 16000)
    paths["short"] = folder / "short.wav"
    paths["short"].write_bytes(paths["good00"].read_bytes()[:-500])
    paths["text"] = folder / "text.wav"
    paths["text"].write_text("no audio")
    paths["empty"] = folder / "empty.wav"
    paths["empty"].touch()
    return paths


def test_what_is_found(corpus: dict[str, Path], tmp_path: Path) -> None:
    infos = AudioIndex(tmp_path / "index.json").inspect(corpus, progress=False)
    assert list(infos) == list(corpus)
    assert infos["good07"].duration == pytest.approx(8700 / 16000)
    assert infos["good07"].sha256 == hashlib.sha256(corpus["good07"].read_bytes()).hexdigest()
    problems = {id: info.problem for id, info in infos.items() if info.problem}
    assert problems == {
        "silent": "silent audio",
        "short": "truncated audio",
        "text": "unreadable audio",
        "empty": "empty audio",
    }
    assert infos["silent"].duration == 1.0
    assert infos["good07"].detail == "" and "bytes of samples" in infos["short"].detail


def test_a_second_run_reads_nothing(
    corpus: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "index.json"
    first = AudioIndex(file).inspect(corpus)
    assert "Checking audio" in capsys.readouterr().err

    def forbidden(path: str) -> AudioInfo:
        raise AssertionError(path)

    monkeypatch.setattr(index, "inspect_audio", forbidden)
    assert AudioIndex(file).inspect(corpus) == first
    assert capsys.readouterr().err == ""
    monkeypatch.chdir(corpus["text"].parent)
    assert AudioIndex(file).inspect({"other id": Path("good03.wav")}) == {"other id": first["good03"]}


def test_a_changed_file_is_read_again(corpus: dict[str, Path], tmp_path: Path) -> None:
    remembering = AudioIndex(tmp_path / "index.json")
    before = remembering.inspect(corpus, progress=False)
    soundfile.write(corpus["good00"], np.random.default_rng(1).uniform(-0.5, 0.5, 8000), 16000)  # as long as before
    changed = os.stat(corpus["good00"])
    os.utime(corpus["good00"], ns=(changed.st_atime_ns, changed.st_mtime_ns + 1))
    after = remembering.inspect(corpus, progress=False)
    assert after["good00"].sha256 != before["good00"].sha256
    assert {id for id in corpus if after[id] != before[id]} == {"good00"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 1, "files": {"a": 3}}', "\x00" * 50])
def test_a_damaged_index_is_started_afresh(corpus: dict[str, Path], tmp_path: Path, content: str) -> None:
    file = tmp_path / "index.json"
    first = AudioIndex(file).inspect(corpus, progress=False)
    file.write_text(content)
    assert AudioIndex(file).inspect(corpus, progress=False) == first
    assert len(json.loads(file.read_text())["files"]) == len(corpus)


def test_a_missing_file_is_not_remembered(tmp_path: Path) -> None:
    path, remembering = tmp_path / "late.wav", AudioIndex(tmp_path / "index.json")
    assert remembering.inspect({"u": path}, progress=False)["u"].problem == "no audio file"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 800), 16000)
    assert remembering.inspect({"u": path}, progress=False)["u"].problem is None


def test_the_same_for_any_number_of_threads(corpus: dict[str, Path], tmp_path: Path) -> None:
    results = [AudioIndex(tmp_path / f"{n}.json").inspect(corpus, n_jobs=n, progress=False) for n in (1, 2, 7)]
    assert results[0] == results[1] == results[2]
    assert len({(tmp_path / f"{n}.json").read_bytes() for n in (1, 2, 7)}) == 1


def test_what_was_read_before_a_break_is_kept(
    corpus: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, file = index.inspect_audio, tmp_path / "index.json"

    def interrupted(path: str) -> AudioInfo:
        if path.endswith("good10.wav"):
            raise KeyboardInterrupt
        return real(path)

    monkeypatch.setattr(index, "inspect_audio", interrupted)
    with pytest.raises(KeyboardInterrupt):
        AudioIndex(file).inspect(corpus, n_jobs=1, progress=False)
    assert 0 < len(json.loads(file.read_text())["files"]) < len(corpus)


def test_a_full_disk_is_one_clear_error(
    corpus: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MtserError, match="No space left on device"):
        AudioIndex(tmp_path / "cache" / "index.json").inspect(corpus, progress=False)
    assert list((tmp_path / "cache").iterdir()) == []


def test_real_speech(shared_data: Path, tmp_path: Path) -> None:
    paths = {path.stem: path for path in sorted((shared_data / "emodb" / "wav").glob("*.wav"))[:30]}
    infos = AudioIndex(tmp_path / "index.json").inspect(paths, progress=False)
    assert all(info.problem is None and 0.5 < info.duration < 15 for info in infos.values())
