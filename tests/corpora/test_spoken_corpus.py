"""What readers of corpora without word times share."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from mtser.alignment import Word
from mtser.alignment.text_grid import write_text_grid
from mtser.audio import AudioIndex
from mtser.corpora.clip_sound import Clip
from mtser.corpora.spoken_corpus import SpokenCorpus
from mtser.errors import ConfigError, CorpusError
from tests.audio.test_containers import write as write_video
from tests.corpora.iemocap_writer import write_tone
from tests.corpora.spoken import LATE, reasons


def corpus_of(root: Path, index: AudioIndex, alignment: Any = "even") -> SpokenCorpus:
    return SpokenCorpus(
        "toy", root, {"joy": "happy"}, ("joy", "fear"), alignment=alignment, audio_index=index, progress=False
    )


def test_details_begin_with_the_place_that_the_reader_tells(tmp_path: Path, index: AudioIndex) -> None:
    for name in ("good", "mumbled", "long"):
        write_tone(tmp_path / f"{name}.wav")
    soundfile.write(tmp_path / "silent.wav", np.zeros(16_000), 16_000)
    corpus = corpus_of(tmp_path, index, LATE)
    rows: list[tuple[str, Path | Clip | None, dict[str, object]]] = [
        ("good", tmp_path / "good.wav", {}),
        ("silent", tmp_path / "silent.wav", {}),
        ("mumbled", tmp_path / "mumbled.wav", {"text": "mumble"}),
        ("long", tmp_path / "long.wav", {"longest": 0.5}),
        ("part", Clip(tmp_path / "good.wav", 0.5, 9.0), {}),
        ("fear", tmp_path / "good.wav", {"label": "fear"}),
        ("gone", None, {}),
    ]
    for n, (id, audio, other) in enumerate(rows, start=2):
        corpus.add(id, audio, **{"label": "joy", "speaker": "A", "text": "oh", "source": f"t.csv:{n}", **other})  # type: ignore[arg-type]
    details = {one.utterance: one.detail for one in corpus.read("files").skipped}
    mumbled = details.pop("mumbled")
    assert mumbled.startswith("t.csv:4: ") and mumbled.endswith("mumbled.wav: mumble")
    assert details == {
        "silent": "t.csv:3: every sample is 0",
        "long": "t.csv:5: 1.0 s, at most 0.5 s were expected",
        "part": f"t.csv:6: {tmp_path / 'good.wav'}: 0.500-9.000 s of 1.000 s",
        "fear": "t.csv:7: fear",
        "gone": "t.csv:8",
    }


def test_a_corpus_of_which_nothing_is_left_says_what_was_found(tmp_path: Path, index: AudioIndex) -> None:
    corpus = corpus_of(tmp_path, index)
    corpus.add("u1", None, label="joy", speaker="A", source="t.csv:2")
    corpus.add("u2", None, label="joy", speaker="A", source="t.csv:3")
    corpus.add("u3", None, label="fear", speaker="A")
    told = r"left out were 3 × no audio file \(such as t\.csv:2\); expected files"
    with pytest.raises(CorpusError, match=rf"t\.csv: no usable utterance; {told}"):
        corpus.read("files", place=tmp_path / "t.csv")
    with pytest.raises(CorpusError, match=f"^{tmp_path}: no usable utterance"):
        corpus.read("files")


def test_languages_have_one_writing(tmp_path: Path, index: AudioIndex) -> None:
    corpus = corpus_of(tmp_path, index)
    for number, code in enumerate(["en", "EN", "en-US", "deu", "pt-BR"]):
        write_tone(tmp_path / f"{number}.wav")
        corpus.add(f"{number}", tmp_path / f"{number}.wav", label="joy", speaker="A", text="Oh.", language=code)
    assert [one.language for one in corpus.read("wav").utterances] == ["en", "en", "en", "de", "pt-br"]
    with pytest.raises(ConfigError, match="language 'xx' is no ISO 639-1 code"):
        corpus.add("5", tmp_path / "5.wav", label="joy", speaker="A", text="Oh.", language="xx")


def test_only_what_needs_it_is_cut(tmp_path: Path, index: AudioIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))  # no ffmpeg
    write_tone(tmp_path / "mine" / "b.wav", 2.0)
    write_video(tmp_path / "mine" / "a.m4a", "aac")
    write_tone(tmp_path / "mine" / "c.wav", 1.0)
    corpus = corpus_of(tmp_path / "mine", index)
    audio = {"a": tmp_path / "mine" / "a.m4a", "b": Clip(tmp_path / "mine" / "b.wav", 0.5, 1.5)}
    for id, one in {**audio, "c": tmp_path / "mine" / "c.wav"}.items():
        corpus.add(id, one, label="joy", speaker="A", text="Oh no.")
    read = corpus.read("audio")
    assert [(one.id, one.wav) for one in read.utterances] == [("a", "a.flac"), ("b", "b.flac"), ("c", "c.wav")]
    assert read.root.name == "mine" and all(path.is_file() for path in read.audio_paths().values())
    assert [one.duration for one in read.utterances] == pytest.approx([2.0, 1.0, 1.0], abs=0.1)


def test_a_missing_decoder_costs_what_needs_it(
    tmp_path: Path, index: AudioIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "a.m4a").write_bytes(b"sound")
    write_tone(tmp_path / "b.wav", 2.0)
    corpus = corpus_of(tmp_path, index)
    corpus.add("a", tmp_path / "a.m4a", label="joy", speaker="A", text="Oh no.")
    corpus.add("b", Clip(tmp_path / "b.wav", 0.5, 1.5), label="joy", speaker="A", text="Oh no.")
    read = corpus.read("audio")
    assert [one.id for one in read.utterances] == ["b"] and reasons(read) == {"a": "no decoder"}


def test_times_are_found_by_the_name_of_what_was_cut(tmp_path: Path, index: AudioIndex) -> None:
    root, grids = tmp_path / "mine", tmp_path / "grids"
    write_tone(root / "s1" / "a.wav", 2.0)
    write_video(root / "s1" / "b.m4a", "aac")
    write_tone(root / "s1" / "c.wav", 1.0)
    write_text_grid(grids / "s1" / "a.TextGrid", [Word("well", 0.1, 0.4), Word("oh", 0.6, 0.9), Word("no", 1, 1.4)], 2)
    for name in "bc":
        write_text_grid(grids / "s1" / f"{name}.TextGrid", [Word("oh", 0.1, 0.3), Word("no", 0.3, 0.8)], 1.0)
    corpus = corpus_of(root, index, grids)
    audio: dict[str, Path | Clip] = {
        "s1/a": Clip(root / "s1" / "a.wav", 0.5, 1.5),
        "s1/b": root / "s1" / "b.m4a",
        "s1/c": root / "s1" / "c.wav",
    }
    for id, one in audio.items():
        corpus.add(id, one, label="joy", speaker="A", text="Oh no.")
    read = corpus.read("audio")
    assert not read.skipped
    assert [[(word.word, word.start, word.end) for word in one.words] for one in read.utterances] == [
        [("Oh", 0.1, 0.4), ("no", 0.5, 0.9)],
        [("Oh", 0.1, 0.3), ("no", 0.3, 0.8)],
        [("Oh", 0.1, 0.3), ("no", 0.3, 0.8)],
    ]


def test_no_utterance_gets_the_times_of_one_that_is_left_out(tmp_path: Path, index: AudioIndex) -> None:
    write_text_grid(tmp_path / "grids" / "s1" / "a.TextGrid", [Word("oh", 0.1, 0.3)], 1.0)
    write_text_grid(tmp_path / "grids" / "b.TextGrid", [Word("oh", 0.1, 0.3)], 1.0)
    corpus = corpus_of(tmp_path, index, tmp_path / "grids")
    for id, label in (("s1/a", "fear"), ("s2/a", "joy"), ("s2/b", "joy")):
        write_tone(tmp_path / f"{id}.wav")
        corpus.add(id, tmp_path / f"{id}.wav", label=label, speaker=id, source=f"t.csv: {id}")
    read = corpus.read("audio")
    assert [one.id for one in read.utterances] == ["s2/b"]
    assert reasons(read) == {"s1/a": "label not among the classes", "s2/a": "no alignment"}
