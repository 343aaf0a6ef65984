"""The manifest is what ``json`` would write of it, to the byte."""

import hashlib
import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mtser.alignment.word import Phone, Word
from mtser.corpora.manifest import manifest_hash, manifest_pieces, read_manifest, write_manifest
from mtser.corpora.utterance import Utterance

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
TIME = st.one_of(
    st.floats(0, 1e6, allow_subnormal=False), st.integers(0, 100), st.floats(0, 9).map(np.float64), st.just(1e-7)
)
PHONES = st.lists(st.builds(Phone, TEXT, TIME, TIME), max_size=3).map(tuple)
WORDS = st.lists(st.builds(Word, TEXT, TIME, TIME, PHONES), max_size=3).map(tuple)
UTTERANCES = st.builds(
    Utterance,
    id=TEXT,
    wav=TEXT,
    duration=TIME,
    speaker=TEXT,
    emotion=TEXT,
    text=TEXT,
    words=WORDS,
    session=st.none() | TEXT,
    start=st.none() | TIME,
    votes=st.none() | st.dictionaries(TEXT, TIME, max_size=3),
    vad=st.none() | st.tuples(TIME, st.none(), TIME),
    partition=st.none() | TEXT,
    corpus=st.none() | TEXT,
)


@given(st.lists(UTTERANCES, max_size=4, unique_by=lambda one: one.id))
def test_the_text_is_that_of_json(utterances: list[Utterance]) -> None:
    utterances.sort(key=lambda one: one.id)
    plain = {one.id: one.to_dict() for one in utterances}
    text = json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    assert "".join(manifest_pieces(utterances)) == text
    assert manifest_hash(utterances) == hashlib.sha256(text.encode()).hexdigest()


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    words = (Word("oh", 0, 0.5, (Phone("OW", 0.0, 0.5),)), Word('"no"\n', 0.5, 1.0))
    said = (Utterance("u1", "a.wav", 1.5, "A", "sad", "Oh, no", words),)
    assert read_manifest(write_manifest(tmp_path / "manifest.json", said)) == said
    assert [one.name for one in tmp_path.iterdir()] == ["manifest.json"]
