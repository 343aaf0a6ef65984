"""``mtser align`` from the command line."""

import csv
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from mtser.alignment import Aligner, Word
from mtser.alignment.text_grid import read_text_grid
from mtser.alignment.word_times import UnusableAlignmentError, share_evenly
from mtser.cli import main
from mtser.errors import MtserError
from mtser.transcription import Segment, Transcriber, Transcript

STRICT = "tests.aligning.test_command.Strict"
TWICE = "tests.aligning.test_command.Twice"


class Strict(Aligner):
    """Evenly, but it does not find the word "unsaid"."""

    name = "strict"

    def align(self, samples: np.ndarray, words: Any, language: str = "en") -> tuple[Word, ...]:
        if "unsaid" in words:
            raise UnusableAlignmentError("words not in the audio", "'unsaid'")
        return share_evenly(words, len(samples) / 16000)

    def settings(self) -> dict[str, Any]:
        return {"class": "Strict"}


class Twice(Transcriber):
    """Hears two stretches of speech; the second one cannot be aligned."""

    name = "twice"

    def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
        return Transcript((Segment(0.1, 0.3, "Oh no."), Segment(0.5, 0.9, "unsaid thing")), "en", self.name)

    def settings(self) -> dict[str, Any]:
        return {"class": "Twice"}


class Broken(Twice):
    """Cannot hear noise."""

    def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
        raise ZeroDivisionError("noise")


def summary(out: Path) -> dict[str, dict[str, str]]:
    with (out / "summary.csv").open(encoding="utf-8") as file:
        return {Path(row["file"]).name: row for row in csv.DictReader(file)}


def test_a_folder_with_good_and_bad_files(
    audio: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audio("a.wav", "Oh, no!")
    audio("s/b.wav", "Stereo at 96 kHz.", rate=96000, channels=2)
    audio("s/c.wav", "8 kHz", rate=8000)
    audio("d.wav", "this is unsaid")
    audio("e.wav", "...")
    audio("f.wav", "zero").write_bytes(b"")
    out = tmp_path / "out"
    command = ["align", str(tmp_path / "in"), "--out", str(out), "--aligner", STRICT]
    assert main(command) == 1
    shown = capsys.readouterr().out
    assert "6 recordings" in shown and "3 aligned, 3 failed" in shown.replace("failed, 3 aligned", "aligned, 3 failed")
    assert "1 x words not in the audio; the first: " in shown and "d.wav: 'unsaid'" in shown
    rows = summary(out)
    assert {name: (row["status"], row["reason"]) for name, row in rows.items()} == {
        "a.wav": ("aligned", ""),
        "b.wav": ("aligned", ""),
        "c.wav": ("aligned", ""),
        "d.wav": ("failed", "words not in the audio"),
        "e.wav": ("failed", "no words"),
        "f.wav": ("failed", "empty audio"),
    }
    assert rows["a.wav"]["words"] == "2" and float(rows["a.wav"]["real_time_factor"]) >= 0
    assert rows["a.wav"]["text_from"].endswith("a.txt")
    grids = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.TextGrid"))
    assert grids == ["a.TextGrid", "s/b.TextGrid", "s/c.TextGrid"]
    assert read_text_grid(out / "a.TextGrid", 1.0) == (Word("Oh", 0.0, 0.5), Word("no", 0.5, 1.0))
    assert main(command) == 1
    assert "known from before or unusable: 6" in capsys.readouterr().out


def test_failures_can_be_shared_out_evenly(audio: Callable[..., Path], tmp_path: Path) -> None:
    audio("d.wav", "this is unsaid now")
    out = tmp_path / "out"
    assert main(["align", str(tmp_path / "in"), "--out", str(out), "--aligner", STRICT, "--on_failure", "even"]) == 0
    assert summary(out)["d.wav"]["status"] == "even" and summary(out)["d.wav"]["reason"] == "words not in the audio"
    assert [word.end for word in read_text_grid(out / "d.TextGrid")] == [0.25, 0.5, 0.75, 1.0]


def test_a_name_that_is_no_text_ends_no_corpus(audio: Callable[..., Path], tmp_path: Path) -> None:
    file = audio("a.wav", "Oh, no!")
    odd = os.fsdecode(b"caf\xe9")
    try:
        shutil.copy(file, file.with_name(f"{odd}.wav"))
    except OSError:
        pytest.skip("this file system takes no such name")
    file.with_name(f"{odd}.txt").write_text("Oh, no!")
    out = tmp_path / "out"
    assert main(["align", str(tmp_path / "in"), "--out", str(out), "--aligner", STRICT]) == 0
    assert {name: row["status"] for name, row in summary(out).items()} == {
        "a.wav": "aligned",
        "caf\\udce9.wav": "aligned",
    }


def test_a_transcript_that_cannot_be_read_ends_no_run(
    audio: Callable[..., Path], tmp_path: Path, unreadable: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    audio("a.wav", "Oh, no!"), audio("b.wav", "Oh, no!")
    unreadable("b.txt")
    out = tmp_path / "out"
    command = ["align", str(tmp_path / "in"), "--out", str(out), "--aligner", STRICT, "--transcriber", "none"]
    assert main(command) == 1  # and nothing is transcribed
    assert "1 x unreadable transcript; the first: " in capsys.readouterr().out
    row = summary(out)["b.wav"]
    assert (row["status"], row["reason"], row["words"]) == ("failed", "unreadable transcript", "0")
    assert row["detail"] == f"{tmp_path / 'in' / 'b.txt'}: cannot be read (Permission denied)"
    assert summary(out)["a.wav"]["status"] == "aligned"
    (tmp_path / "texts.csv").write_text("file,text\nb.wav,Oh.\n")
    assert main([*command, "--texts", str(tmp_path / "texts.csv")]) == 0
    assert main(["align", str(tmp_path / "in" / "b.wav"), "--text", "Oh.", *command[2:]]) == 0


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_run_that_is_stopped_keeps_what_it_found(
    audio: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_jobs: int
) -> None:
    monkeypatch.setattr("mtser.aligning.work._AT_ONCE", 2)
    for name in "abcdefg":
        audio(f"{name}.wav", "stop here" if name == "g" else "Oh, no!")
    out = tmp_path / "out"
    command = ["align", str(tmp_path / "in"), "--out", str(out), "--aligner", STRICT, "--jobs", str(n_jobs)]
    align = Strict.align

    def stop(self: Strict, samples: np.ndarray, words: Any, language: str = "en") -> tuple[Word, ...]:
        if "stop" in words:
            raise MtserError("stopped")
        return align(self, samples, words, language)

    with monkeypatch.context() as patched:
        patched.setattr(Strict, "align", stop)
        assert main(command) == 2
    kept = [path.stem for path in sorted(out.glob("*.TextGrid"))]
    assert kept == list("abcdef")[: 6 if n_jobs == 1 else 4] and not (out / "summary.csv").exists()
    assert main(command) == 0
    assert len(summary(out)) == len(list(out.glob("*.TextGrid"))) == 7


def test_what_has_no_text_is_transcribed_stretch_by_stretch(audio: Callable[..., Path], tmp_path: Path) -> None:
    audio("a.wav")
    out = tmp_path / "out"
    command = ["align", str(tmp_path / "in"), "--out", str(out), "--aligner", STRICT, "--transcriber", TWICE]
    assert main(command) == 0
    assert read_text_grid(out / "a.TextGrid", 1.0) == (Word("Oh", 0.1, 0.2), Word("no", 0.2, 0.3))
    segments = read_text_grid(out / "a.TextGrid", 1.0, tier="segments")
    assert [(one.word, one.start, one.end) for one in segments] == [("Oh no.", 0.1, 0.3), ("unsaid thing", 0.5, 0.9)]
    row = summary(out)["a.wav"]
    assert (row["status"], row["reason"], row["text_from"]) == ("partly", "words not in the audio", "twice")
    assert main([*command, "--on_failure", "even"]) == 0
    assert [word.word for word in read_text_grid(out / "a.TextGrid")] == ["Oh", "no", "unsaid", "thing"]


def test_one_file_with_its_text(audio: Callable[..., Path], tmp_path: Path) -> None:
    path, out = audio("a.wav"), tmp_path / "out"
    assert main(["align", str(path), "--text", "Yes, yes.", "--out", str(out), "--aligner", "even"]) == 0
    assert [word.word for word in read_text_grid(out / "a.TextGrid")] == ["Yes", "yes"]


@pytest.mark.parametrize(("code", "language"), [("en-US", "en"), ("EN", "en"), ("deu", "de"), ("pt-BR", "pt-br")])
def test_the_language_is_told_in_one_writing(
    audio: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, language: str
) -> None:
    told: list[str] = []

    def align(self: Strict, samples: np.ndarray, words: Any, language: str = "en") -> tuple[Word, ...]:
        told.append(language)
        return share_evenly(words, len(samples) / 16000)

    monkeypatch.setattr(Strict, "align", align)
    command = ["align", str(audio("a.wav", "Oh.")), "--out", str(tmp_path / "out"), "--aligner", STRICT]
    assert main([*command, "--language", code]) == 0 and told == [language]


def test_times_of_files_are_taken_with_their_words(audio: Callable[..., Path], tmp_path: Path) -> None:
    path, out = audio("a.wav"), tmp_path / "out"
    main(["align", str(path), "--text", "Yes, yes.", "--out", str(tmp_path / "times"), "--aligner", "even"])
    assert main(["align", str(path), "--out", str(out), "--aligner", str(tmp_path / "times")]) == 0
    assert read_text_grid(out / "a.TextGrid") == read_text_grid(tmp_path / "times" / "a.TextGrid")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--aligner", "mfa"], "there is no aligner 'mfa'"),
        (["--text", "Oh."], "--text is for one audio file, there are 2; give --texts a table"),
        (["--aligner", "even", "--transcriber", "vosk"], "there is no transcriber 'vosk'"),
        (["--aligner", "even", "--language", "xx"], "language 'xx' is no ISO 639-1 code, such as en or de"),
        (["--aligner", "even", "--jobs", "none"], "'none' is no whole number from 1 on"),
        (["--texts", "t.csv", "--text", "Oh."], "not allowed with"),
    ],
)
def test_wrong_options_are_told_in_a_sentence(
    audio: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    audio("a.wav"), audio("b.wav")
    assert main(["align", str(tmp_path / "in"), "--out", str(tmp_path / "out"), *options]) == 2
    assert message in capsys.readouterr().err


def test_real_alignment_from_end_to_end(tmp_path: Path, shared_data: Path) -> None:
    pytest.importorskip("pocketsphinx")
    source = sorted((shared_data / "ravdess" / "Actor_01").glob("*-01-01-02-01-01.*"))[0]
    samples, rate = soundfile.read(source)
    soundfile.write(tmp_path / "dogs.wav", samples, rate)
    (tmp_path / "dogs.txt").write_text("Dogs are sitting by the door.")
    assert main(["align", str(tmp_path / "dogs.wav"), "--out", str(tmp_path / "out")]) == 0
    words = read_text_grid(tmp_path / "out" / "dogs.TextGrid")
    assert [word.word for word in words] == ["Dogs", "are", "sitting", "by", "the", "door"]
    assert [phone.phone for phone in words[5].phones] == ["D", "AO", "R"]


def test_a_recording_that_breaks_the_transcriber_says_so(audio: Callable[..., Path], tmp_path: Path) -> None:
    audio("a.wav")
    broken = "tests.aligning.test_command.Broken"
    command = ["align", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--aligner", STRICT]
    assert main([*command, "--transcriber", broken]) == 1
    row = summary(tmp_path / "out")["a.wav"]
    assert (row["status"], row["reason"]) == ("failed", "cannot be transcribed") and "noise" in row["detail"]
