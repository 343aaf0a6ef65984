import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mtser.corpora import Corpus, Skipped, Utterance, Word, read_manifest
from mtser.errors import CorpusError


def utterance(id: str) -> Utterance:
    return Utterance(id, f"{id}.wav", 1.0, "1F", "sad", "Ö no.", (Word("Ö", 0.0, 0.5),), votes={"sad": 1.0})


def corpus(*ids: str, root: str = "/toy") -> Corpus:
    skipped = (Skipped("z", "silent audio"), Skipped("y", "no alignment", "y, z"), Skipped("x", "no alignment"))
    return Corpus("toy", Path(root), ("sad",), tuple(utterance(id) for id in ids), skipped)


def test_order_and_place_make_no_difference_to_the_manifest() -> None:
    one, other = corpus("b", "a", "c"), corpus("c", "b", "a", root="/elsewhere")
    assert [each.id for each in one.utterances] == ["a", "b", "c"]
    assert one.manifest_hash() == other.manifest_hash() != corpus("a", "b").manifest_hash()


def test_an_id_twice_is_refused() -> None:
    with pytest.raises(CorpusError, match="the utterance id b is used more than once"):
        corpus("b", "a", "b")


def test_reasons_are_counted() -> None:
    assert list(corpus("a").skipped_reasons().items()) == [("no alignment", 2), ("silent audio", 1)]


def test_leaving_more_out() -> None:
    left = corpus("a", "b").without([Skipped("a", "NaN in features")])
    assert [each.id for each in left.utterances] == ["b"]
    assert [each.utterance for each in left.skipped] == ["a", "x", "y", "z"]


def test_context_is_read_once_and_of_dialogs_that_have_an_utterance() -> None:
    spoken = [replace(utterance(id), dialog=dialog, emotion="") for id, dialog in (("x", "d"), ("w", "d"), ("v", "e"))]
    calls: list[int] = []

    def read_context() -> list[Utterance]:
        calls.append(1)
        return spoken

    one = replace(corpus("a"), utterances=(replace(utterance("a"), dialog="d"),), read_context=read_context)
    assert one == replace(one, read_context=None) and not calls
    whole = one.with_context()
    assert [each.id for each in whole.context] == ["w", "x"] and whole.with_context() is whole and len(calls) == 1
    assert whole.manifest_hash() == one.manifest_hash()
    assert (
        one.context_hash() is None and whole.context_hash() != replace(whole, context=whole.context[:1]).context_hash()
    )


def test_context_without_features_is_no_context_and_listed_once() -> None:
    whole = replace(corpus("a"), context=(replace(utterance("x"), emotion=""),))
    left = whole.without([Skipped("x", "NaN in features")])
    assert not left.context and left.skipped == whole.skipped


def test_context_is_saved_where_there_is_some(tmp_path: Path) -> None:
    corpus("a").save(tmp_path / "without")
    assert not (tmp_path / "without" / "context.json").exists()
    whole = replace(corpus("a"), context=(replace(utterance("x"), emotion=""),))
    whole.save(tmp_path / "with")
    assert read_manifest(tmp_path / "with" / "context.json") == whole.context
    assert read_manifest(tmp_path / "with" / "manifest.json") == whole.utterances


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    saved = corpus("b", "a")
    saved.save(tmp_path / "run")
    assert read_manifest(tmp_path / "run" / "manifest.json") == saved.utterances
    assert (tmp_path / "run" / "skipped.csv").read_text(encoding="utf-8").splitlines() == [
        "utterance,reason,detail",
        "x,no alignment,",
        'y,no alignment,"y, z"',
        "z,silent audio,",
    ]


def test_speechbrain_reads_the_manifest(tmp_path: Path) -> None:
    """In a process of its own: SpeechBrain fills ``sys.modules`` with lazy modules that hypothesis stumbles over."""
    corpus("b", "a").save(tmp_path)
    program = """
import json, sys
from speechbrain.dataio.dataset import DynamicItemDataset
print(json.dumps(list(DynamicItemDataset.from_json(sys.argv[1], output_keys=["id", "wav", "words"]))))
"""
    command = [sys.executable, "-c", program, str(tmp_path / "manifest.json")]
    items = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert items == [
        {"id": id, "wav": f"{id}.wav", "words": [{"word": "Ö", "start": 0.0, "end": 0.5}]} for id in ("a", "b")
    ]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"a": {}}', '{"a": 3}', json.dumps({"a": {"words": [3]}})])
def test_what_is_no_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match="manifest.json: is no manifest of mtser"):
        read_manifest(tmp_path / "manifest.json")


def test_a_manifest_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        read_manifest(tmp_path / "manifest.json")
