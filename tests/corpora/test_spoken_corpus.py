from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.audio import AudioIndex
from mtser.corpora.clips import Clip
from mtser.corpora.spoken_corpus import SpokenCorpus
from mtser.errors import CorpusError
from tests.corpora.iemocap_writer import write_tone
from tests.corpora.spoken import LATE


def corpus_of(root: Path, index: AudioIndex) -> SpokenCorpus:
    return SpokenCorpus(
        "toy", root, {"joy": "happy"}, ("joy", "fear"), alignment=LATE, audio_index=index, progress=False
    )


def test_details_begin_with_the_place_that_the_reader_tells(tmp_path: Path, index: AudioIndex) -> None:
    for name in ("good", "mumbled", "long"):
        write_tone(tmp_path / f"{name}.wav")
    soundfile.write(tmp_path / "silent.wav", np.zeros(16_000), 16_000)
    corpus = corpus_of(tmp_path, index)
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
    assert mumbled.startswith("t.csv:4: ") and mumbled.endswith("mumbled.flac: mumble")
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
