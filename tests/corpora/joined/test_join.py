"""Several corpora as one."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtser.audio import AudioInfo
from mtser.corpora.corpus import Corpus, Member, Skipped
from mtser.corpora.joined import describe_members, join_corpora, without_copies
from mtser.corpora.manifest import read_manifest
from mtser.errors import CorpusError
from tests.helpers.synthetic import said

CLASSES = ("angry", "sad")


def toy(name: str, n: int = 3, **changed: object) -> Corpus:
    utterances = tuple(
        said("oh no", f"u{i}", f"speaker{i % 2}", CLASSES[i % 2], session="1", dialog=f"d{i}", start=1.0)
        for i in range(n)
    )
    given = {"skipped": (Skipped("u99", "no audio file"),), "warnings": ("Look out.",), **changed}
    return Corpus(name, Path(f"/{name}"), CLASSES, utterances, **given)  # type: ignore[arg-type]


def infos(corpus: Corpus, **equal: str) -> dict[str, AudioInfo]:
    """Every file differs but those that ``equal`` gives a hash: ``a_u0`` is the utterance a/u0."""
    ids = [one.id for one in (*corpus.utterances, *corpus.context)]
    return {id: AudioInfo(1.0, equal.get(id.replace("/", "_"), f"hash of {id}"), None, "") for id in ids}


def test_everything_keeps_to_its_corpus(tmp_path: Path) -> None:
    members = [Member("b", Path("/other"), "test"), Member("a", Path("/a"))]
    joined = join_corpora("a_to_b", {"a": toy("a"), "b": toy("b")}, members)
    assert [one.id for one in joined.utterances] == ["a/u0", "a/u1", "a/u2", "b/u0", "b/u1", "b/u2"]
    first, *_, last = joined.utterances
    assert (first.speaker, first.session, first.dialog, first.corpus) == ("a/speaker0", "a/1", "a/d0", "a")
    assert joined.audio_paths()[first.id] == Path("/a/u0.wav")
    assert joined.audio_paths()[last.id] == Path("/other/u2.wav")
    assert joined.skipped == tuple(Skipped(f"{name}/u99", f"{name}: no audio file") for name in "ab")
    assert joined.warnings == ("a: Look out.", "b: Look out.")
    assert not joined.synthetic and joined.members[0].name == "a"
    joined.save(tmp_path)
    assert read_manifest(tmp_path / "manifest.json") == joined.utterances
    assert "/other" not in joined.manifest  # the same on every machine


def test_what_a_corpus_lacks_stays_away() -> None:
    plain = replace(toy("a"), utterances=(said("oh", "u0", emotion="sad"),))
    (one,) = join_corpora("a", {"a": plain}, [Member("a", Path("/a"))]).utterances
    assert one.session is None and one.dialog is None


def test_one_synthetic_corpus_makes_all_synthetic() -> None:
    corpora = {"a": toy("a", synthetic=True), "b": toy("b")}
    assert join_corpora("ab", corpora, [Member(name, Path(f"/{name}")) for name in "ab"]).synthetic


def test_the_context_is_read_when_it_is_asked_for() -> None:
    turn = said("hm", "u7", emotion="sad", dialog="d0")
    asked = []

    def read() -> tuple:
        asked.append(True)
        return (turn, replace(turn, id="u8", dialog="of no utterance"))

    corpora = {"a": toy("a", read_context=read), "b": toy("b")}
    joined = join_corpora("ab", corpora, [Member(name, Path(f"/{name}")) for name in "ab"])
    assert not asked and joined.context == ()
    (found,) = joined.with_context().context
    assert (found.id, found.dialog, found.corpus) == ("a/u7", "a/d0", "a")
    assert joined.with_context().audio_paths()["a/u7"] == Path("/a/u7.wav")


def test_scales_of_attributes_are_said_not_to_compare() -> None:
    rated = replace(toy("a"), utterances=(said("oh", "u0", emotion="sad", vad=(1.0, 2.0, 3.0)),))
    members = [Member(name, Path(f"/{name}")) for name in "ab"]
    assert not any("own scale" in one for one in join_corpora("ab", {"a": rated, "b": toy("b")}, members).warnings)
    both = join_corpora("ab", {"a": rated, "b": replace(rated, root=Path("/b"))}, members)
    assert any("own scale (a, b)" in warning for warning in both.warnings)


def test_one_folder_cannot_be_two_corpora(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    members = [Member("a", tmp_path), Member("b", tmp_path / "link", "test")]
    with pytest.raises(CorpusError, match="is the folder of both a and b"):
        join_corpora("ab", {"a": toy("a"), "b": toy("b")}, members)


def test_different_classes_cannot_be_joined() -> None:
    with pytest.raises(CorpusError, match="a and b have different classes"):
        corpora = {"a": toy("a"), "b": replace(toy("b"), classes=("sad", "angry"))}
        join_corpora("ab", corpora, [Member(name, Path(f"/{name}")) for name in "ab"])


def test_what_is_tested_is_not_trained_on() -> None:
    members = [Member("a", Path("/a")), Member("b", Path("/b"), "dev"), Member("c", Path("/c"), "test")]
    joined = join_corpora("abc", {name: toy(name) for name in "abc"}, members)
    equal = {"a_u0": "x", "c_u1": "x", "b_u2": "y", "c_u2": "y", "a_u1": "z", "b_u0": "z", "a_u2": "w"}
    left = without_copies(joined, infos(joined, **equal))
    assert [one.id for one in left.utterances] == ["a/u2", "b/u0", "b/u1", "c/u0", "c/u1", "c/u2"]
    reasons = left.skipped_reasons()
    assert reasons["a: the same audio file is in c"] == reasons["a: the same audio file is in b"] == 1
    assert reasons["b: the same audio file is in c"] == 1
    assert any(text.startswith("a: 2 utterances of it were left out") for text in left.warnings)
    assert any(text.startswith("b: 1 utterance of it was left out") for text in left.warnings)


def test_copies_within_a_corpus_and_unreadable_files_are_no_copies() -> None:
    joined = join_corpora("ab", {name: toy(name) for name in "ab"}, [Member(n, Path(f"/{n}")) for n in "ab"])
    assert without_copies(joined, infos(joined, a_u0="x", a_u1="x", a_u2="", b_u0="")) is joined


def test_a_copy_of_the_whole_corpus_is_refused() -> None:
    joined = join_corpora("ab", {n: toy(n) for n in "ab"}, [Member("a", Path("/a")), Member("b", Path("/b"), "test")])
    equal = {f"{name}_u{i}": str(i) for name in "ab" for i in range(3)}
    with pytest.raises(CorpusError, match="every audio file of a is in b, too; they are copies of one corpus"):
        without_copies(joined, infos(joined, **equal))


def test_members_are_described() -> None:
    members = [Member("a", Path("/a")), Member("b", Path("/b"), "test")]
    joined = join_corpora("ab", {"a": toy("a"), "b": toy("b", n=2)}, members)
    assert describe_members(joined)[1] == {
        "name": "b",
        "role": "test",
        "utterances": 2,
        "speakers": 2,
        "languages": ["en"],
        "classes": {"angry": 1, "sad": 1},
    }


@settings(max_examples=50)
@given(st.data())
def test_no_audio_is_in_two_roles_and_the_order_does_not_matter(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from("abcd"), min_size=2, unique=True))
    roles = ["test", *(data.draw(st.sampled_from(["train", "dev"])) for _ in names[1:])]
    members = [Member(name, Path(f"/{name}"), role) for name, role in zip(names, roles, strict=True)]  # type: ignore
    corpora = {name: toy(name, n=data.draw(st.integers(1, 5))) for name in names}
    joined = join_corpora("all", corpora, members)
    hashes = {id: AudioInfo(1.0, data.draw(st.sampled_from("0123456789")), None, "") for id in joined.audio_paths()}
    shuffled = list(members)
    random.Random(data.draw(st.integers(0, 99))).shuffle(shuffled)
    try:
        left = without_copies(joined, hashes)
    except CorpusError:
        with pytest.raises(CorpusError):
            without_copies(join_corpora("all", corpora, shuffled), hashes)
        return
    assert without_copies(join_corpora("all", corpora, shuffled), hashes) == left
    tested = {one.id for one in joined.utterances if one.corpus == names[0]}
    assert tested <= {one.id for one in left.utterances}  # the test corpus loses nothing
    homes: dict[str, set[str | None]] = {}
    for one in left.utterances:
        homes.setdefault(hashes[one.id].sha256, set()).add(one.corpus)
    assert all(len(home) == 1 for home in homes.values())
    gone = {one.id for one in joined.utterances} - {one.id for one in left.utterances}
    assert gone == {one.utterance for one in left.skipped} - {one.utterance for one in joined.skipped}
