"""Many files: what is kept, what is computed again, what becomes of bad files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from mtser.alignment import Aligner, Spoken, Word, align_many
from mtser.alignment.word_times import UnusableAlignmentError, share_evenly
from mtser.errors import MtserError
from mtser.files import cache_folder
from tests.alignment.conftest import Said


class Counting(Aligner):
    """Evenly, and counts; stumbles over some words."""

    name = "counting"

    def __init__(self, version: int = 1) -> None:
        self.version = version
        self.calls: list[tuple[str, ...]] = []

    def align(self, samples: np.ndarray, words: Any, language: str = "en") -> tuple[Word, ...]:
        self.calls.append(tuple(words))
        if "crash" in words:
            raise RuntimeError("out of luck")
        if "missing" in words:
            raise MtserError("a package is missing")
        if "unsaid" in words:
            raise UnusableAlignmentError("words not in the audio", "'unsaid'")
        return share_evenly(words, len(samples) / 16000)

    def settings(self) -> dict[str, Any]:
        return {"class": "Counting", "version": self.version}


@pytest.fixture
def wav(tmp_path: Path) -> Callable[[str], Path]:
    def write(name: str, seconds: float = 1.0) -> Path:
        path = tmp_path / f"{name}.wav"
        random = np.random.default_rng(sum(map(ord, name)))
        soundfile.write(path, random.normal(0, 0.1, int(16000 * seconds)), 16000)
        return path

    return write


def test_results_come_in_order_and_are_computed_once(wav: Callable[[str], Path]) -> None:
    spoken = {name: Spoken(wav(name), "Oh, no!") for name in ("z", "a", "m")}
    first, again, other = Counting(), Counting(), Counting(version=2)
    found = align_many(first, spoken, n_jobs=3, progress=False)
    assert list(found) == ["z", "a", "m"] and len(first.calls) == 3
    assert found["a"] == (Word("Oh", 0.0, 0.5), Word("no", 0.5, 1.0))
    assert align_many(again, spoken, progress=False) == found and again.calls == []
    assert align_many(other, spoken, progress=False) == found and len(other.calls) == 3  # other settings
    spoken["a"] = Spoken(spoken["a"].path, "Oh, yes!")
    align_many(again, spoken, progress=False)
    assert again.calls == [("Oh", "yes")]
    spoken["a"] = Spoken(wav("other"), "Oh, yes!")
    align_many(again, spoken, progress=False)
    assert len(again.calls) == 2  # other audio


def test_a_damaged_entry_is_computed_again(wav: Callable[[str], Path]) -> None:
    spoken = {"a": Spoken(wav("a"), "Oh, no!")}
    found = align_many(Counting(), spoken, progress=False)
    (file,) = (cache_folder() / "alignments").rglob("*.json")
    whole = file.read_text()
    for damaged in ("", whole[: len(whole) // 2], whole.replace("0.5", "0.7"), "{}"):
        file.write_text(damaged)
        aligner = Counting()
        assert align_many(aligner, spoken, progress=False) == found and len(aligner.calls) == 1
        assert file.read_text() == whole


def test_a_run_that_was_killed_continues(wav: Callable[[str], Path]) -> None:
    class Killed(Counting):
        def align(self, samples: np.ndarray, words: Any, language: str = "en") -> tuple[Word, ...]:
            if len(self.calls) == 2:
                raise KeyboardInterrupt
            return super().align(samples, words, language)

    spoken = {str(i): Spoken(wav(str(i)), f"word {i}") for i in range(5)}
    with pytest.raises(KeyboardInterrupt):
        align_many(Killed(), spoken, n_jobs=1, progress=False)
    aligner = Counting()
    assert len(align_many(aligner, spoken, n_jobs=1, progress=False)) == 5
    assert len(aligner.calls) == 3


def test_bad_files_stand_in_their_place_with_a_reason(wav: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "zero.wav").write_bytes(b"")
    soundfile.write(tmp_path / "silent.wav", np.zeros(16000), 16000)
    spoken = {
        "zero": Spoken(tmp_path / "zero.wav", "oh"),
        "none": Spoken(tmp_path / "none.wav", "oh"),
        "silent": Spoken(tmp_path / "silent.wav", "oh"),
        "dots": Spoken(wav("dots"), "..."),
        "empty": Spoken(wav("empty"), ""),
        "crash": Spoken(wav("crash"), "crash"),
        "unsaid": Spoken(wav("unsaid"), "unsaid"),
        "good": Spoken(wav("good"), "oh"),
    }
    found = align_many(Counting(), spoken, progress=False)
    reasons = {id: one.reason for id, one in found.items() if isinstance(one, UnusableAlignmentError)}
    assert reasons == {
        "zero": "empty audio",
        "none": "no audio file",
        "silent": "silent audio",
        "dots": "no words",
        "empty": "no words",
        "crash": "the aligner failed",
        "unsaid": "words not in the audio",
    }
    for id, error in found.items():
        if isinstance(error, UnusableAlignmentError):
            assert str(spoken[id].path) in error.detail
    assert found["unsaid"].detail.endswith("'unsaid'")  # type: ignore[union-attr]
    again = Counting()
    repeated = align_many(again, spoken, progress=False)
    assert again.calls == [("crash",)]  # what was refused is refused without trying; an accident is not remembered
    assert str(repeated["unsaid"]) == str(found["unsaid"])


def test_what_no_file_can_help_ends_the_run(wav: Callable[[str], Path]) -> None:
    with pytest.raises(MtserError, match="a package is missing"):
        align_many(Counting(), {"a": Spoken(wav("a"), "missing")}, progress=False)


def test_parts_of_a_recording_have_its_times(wav: Callable[..., Path]) -> None:
    path = wav("long", 4.0)
    spoken = {"1": Spoken(path, "oh no", start=1.0, end=2.0), "2": Spoken(path, "yes", start=3.5)}
    found = align_many(Counting(), spoken, progress=False)
    assert found == {"1": (Word("oh", 1.0, 1.5), Word("no", 1.5, 2.0)), "2": (Word("yes", 3.5, 4.0),)}
    spoken["1"] = Spoken(path, "oh no", start=1.0, end=3.0)
    assert align_many(Counting(), spoken, progress=False)["1"] == (Word("oh", 1.0, 2.0), Word("no", 2.0, 3.0))


def test_the_seconds_that_it_took_are_told_for_what_was_computed(wav: Callable[[str], Path]) -> None:
    spoken = {name: Spoken(wav(name), "oh") for name in "ab"}
    took: dict[str, float] = {}
    align_many(Counting(), {"a": spoken["a"]}, progress=False, took=took.__setitem__)
    align_many(Counting(), spoken, progress=False, took=took.__setitem__)
    assert set(took) == {"a", "b"} and all(seconds >= 0 for seconds in took.values())


def test_processes_find_the_same_as_this_one(
    tmp_path: Path, say: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pocketsphinx")
    from mtser.alignment.sphinx import SphinxAligner

    texts = ["I don't know what you mean.", "Why did you never call me back?", "Come here."]
    spoken = {}
    for i, text in enumerate(texts * 6):
        soundfile.write(tmp_path / f"{i}.wav", say(text)[0], 16000)
        spoken[str(i)] = Spoken(tmp_path / f"{i}.wav", text)
    here = align_many(SphinxAligner(), spoken, n_jobs=1, progress=False)
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "another"))
    there = align_many(SphinxAligner(), spoken, n_jobs=2, progress=False)
    assert there == here
    assert all(there[id][0].phones == here[id][0].phones for id in here)  # type: ignore[index,union-attr]
