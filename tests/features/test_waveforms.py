"""The sound of a corpus in memory: exact, in as little room as goes, in a file where memory is short."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.audio import read_audio
from mtser.features import waveforms
from mtser.features.waveforms import FULL_SCALE, Waveforms


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))


def write(folder: Path, name: str, rate: int = 16000, seconds: float = 0.1, subtype: str = "PCM_16") -> Path:
    samples = np.random.default_rng(len(name)).uniform(-1, 1, round(seconds * rate))
    soundfile.write(folder / name, samples, rate, subtype=subtype)
    return folder / name


def as_floats(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32) / FULL_SCALE if values.dtype == np.int16 else values


def test_sixteen_bits_stay_sixteen_bits(tmp_path: Path) -> None:
    paths = {"a": write(tmp_path, "a.wav"), "b": write(tmp_path, "bb.wav", seconds=0.2)}
    sound = Waveforms.read(paths, progress=False)
    values, lengths = sound.concatenated(["b", "a"])
    assert values.dtype == np.int16 and lengths.tolist() == [3200, 1600]
    np.testing.assert_array_equal(as_floats(values), np.concatenate([read_audio(paths["b"]), read_audio(paths["a"])]))


@pytest.mark.parametrize(("rate", "subtype"), [(8000, "PCM_16"), (16000, "PCM_24"), (16000, "FLOAT")])
def test_all_are_floats_if_one_is_not_of_sixteen_bits(tmp_path: Path, rate: int, subtype: str) -> None:
    paths = {"a": write(tmp_path, "a.wav"), "b": write(tmp_path, "bb.wav", rate, subtype=subtype)}
    values, _ = Waveforms.read(paths, progress=False).concatenated(["a", "b"])
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, np.concatenate([read_audio(paths["a"]), read_audio(paths["b"])]))


def test_no_copy_of_a_whole_corpus(tmp_path: Path) -> None:
    sound = Waveforms.read({name: write(tmp_path, f"{name}.wav") for name in "abc"}, progress=False)
    whole, _ = sound.concatenated(["a", "b", "c"])
    assert sound.concatenated(["a", "b", "c"])[0] is whole
    np.testing.assert_array_equal(sound.concatenated(["c"])[0], whole[3200:])


def test_more_than_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {name: write(tmp_path, f"{name}.wav") for name in "abc"}
    expected, _ = Waveforms.read(paths).concatenated(["a", "b", "c"])
    assert "The sound of 3 utterances, 8.3e-05 hours: 9.6 kB in memory" in capsys.readouterr().err
    monkeypatch.setattr(waveforms, "free_memory", lambda: 1000.0)
    values, _ = Waveforms.read(paths).concatenated(["a", "b", "c"])
    assert isinstance(values, np.memmap) and f"9.6 kB in a file in {tmp_path}/cache" in capsys.readouterr().err
    np.testing.assert_array_equal(values, expected)
    assert not list((tmp_path / "cache").iterdir())  # it has no name


@pytest.mark.parametrize("wide", ["a", "b", "c"])
def test_a_wide_one_anywhere_in_more_than_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wide: str
) -> None:
    subtypes = {name: "PCM_24" if name == wide else "PCM_16" for name in "abc"}
    paths = {name: write(tmp_path, f"{name}{name}.wav", subtype=subtypes[name]) for name in "abc"}
    expected, _ = Waveforms.read(paths, progress=False).concatenated(list("abc"))
    monkeypatch.setattr(waveforms, "free_memory", lambda: 5000.0)  # the file begins with the first one or the second
    sound = Waveforms.read(paths, progress=False)
    values, lengths = sound.concatenated(list("abc"))
    assert isinstance(values, np.memmap) and values.dtype == np.float32 and lengths.tolist() == [1600] * 3
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(sound.concatenated(["b"])[0], expected[1600:3200])


def test_no_more_than_the_limit_is_ever_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape, one = waveforms._Tape(limit=5000.0), np.ones(2000, np.int16)
    kept = []
    for _ in range(5):
        tape.append(one)
        kept.append(sum(part.nbytes for part in tape._parts))
    assert kept == [4000, 0, 0, 0, 0]
    assert (tape.whole() == 1).all() and len(tape.whole()) == 10_000


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "b.wav").write_bytes(b"none")
    soundfile.write(tmp_path / "c.wav", np.zeros(100), 16000)
    paths = {"a": write(tmp_path, "a.wav"), **{name: tmp_path / f"{name}.wav" for name in "bcd"}}
    sound = Waveforms.read(paths, progress=False)
    assert list(sound) == ["a"] and "b" not in sound and sound.n_samples("a") == 1600
    assert {one.utterance: one.reason for one in sound.skipped} == {
        "b": "unreadable audio",
        "c": "silent audio",
        "d": "no audio file",
    }
    assert all(str(paths[one.utterance]) in one.detail for one in sound.skipped)


def test_free_memory_is_known() -> None:
    assert waveforms.free_memory() > 1e6
