"""Ids that stand twice."""

from pathlib import Path

from mtser.audio import AudioIndex
from mtser.corpora.spoken_corpus import SpokenCorpus
from tests.corpora.iemocap_writer import write_tone


def test_the_first_that_can_be_used_counts(tmp_path: Path, index: AudioIndex) -> None:
    for name in ("a", "b", "c"):
        write_tone(tmp_path / f"{name}.wav")
    corpus = SpokenCorpus(
        "toy", tmp_path, {"joy": "happy"}, ("joy", "fear"), alignment="even", audio_index=index, progress=False
    )
    for name, label in (("a", "fear"), ("b", "joy"), ("c", "joy")):
        corpus.add("x", tmp_path / f"{name}.wav", label=label, speaker="A", text="oh", source=name)
    found = corpus.read("files")
    assert [(one.id, one.wav) for one in found.utterances] == [("x", "b.wav")]
    assert [(one.reason, one.detail) for one in found.skipped] == [
        ("label not among the classes", "a: fear"),
        ("repeated utterance (the first is kept)", "c"),
    ]
