import random
import sys
import types
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mtser.alignment.word import Word
from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.errors import ProtocolError
from mtser.training import protocols
from mtser.training.folds import Fold, Folds
from mtser.training.protocols import default_protocol, make_folds, protocol, protocols_for
from mtser.training.scripts import script, scripts

CLASSES = ("neutral", "happy", "sad")
SENTENCES = (
    "Oh no!",
    "oh, NO",
    "I don't know.",
    "I dont know",
    "Well...",
    "Never mind that.",
    "What--now?",
    "What now",
)
BUILT_IN = (
    "loso",
    "last_session",
    "lospo",
    "random_5fold",
    "random_80_5_15",
    "loso_script_disjoint",
    "impro_only",
    "speakers_5fold",
)  # what every corpus with sessions can feed


def utterance(id, speaker, emotion, text="oh", session=None, style=None) -> Utterance:
    words = timed(text or f"untold {id}")
    return Utterance(id, f"{id}.wav", 1.0, speaker, emotion, text, words, session=session, style=style)


def timed(text: str) -> tuple[Word, ...]:
    return tuple(Word(word, float(i), i + 1.0) for i, word in enumerate(text.split()))


def saying(one: Utterance, text: str) -> Utterance:
    return replace(one, text=text, words=timed(text or f"untold {one.id}"))


def corpus_of(n_sessions=5, speakers=2, each=6, sessions=True, texts=SENTENCES, classes=CLASSES) -> Corpus:
    """A corpus in which every speaker says ``each`` utterances of every class."""
    made = []
    for s in range(1, n_sessions + 1):
        for p in "FMX"[:speakers]:
            for emotion in classes:
                for i in range(each):
                    text = texts[(s * 5 + i * 3 + len(made)) % len(texts)] if i % 2 else f"{emotion} {s}{p} number {i}"
                    session, style = (str(s), "improvised" if i >= 2 else "scripted") if sessions else (None, None)
                    made.append(utterance(f"s{s}{p}_{emotion}_{i}", f"{s}{p}", emotion, text, session, style))
    return Corpus("toy", Path("/toy"), classes, tuple(made))


@st.composite
def corpora(draw) -> Corpus:
    """Corpora of uneven sessions with one to three speakers, uneven classes and repeated sentences."""
    made = []
    for session in draw(st.lists(st.integers(1, 30), min_size=2, max_size=6, unique=True)):
        for speaker in range(draw(st.integers(1, 3))):
            for emotion in CLASSES:
                for i in range(draw(st.integers(0, 5))):
                    text = draw(st.sampled_from(SENTENCES)) if draw(st.booleans()) else f"only {len(made)}"
                    style = draw(st.sampled_from(["improvised", "improvised", "scripted", None]))
                    id = f"{session}{speaker}_{emotion}_{i}"
                    made.append(utterance(id, f"{session}/{speaker}", emotion, text, str(session), style))
    return Corpus("drawn", Path("/drawn"), CLASSES, tuple(made))


def held_out(fold: Fold) -> list[tuple[str, ...]]:
    return [fold.train, fold.dev, fold.test]


@pytest.mark.parametrize("name", BUILT_IN)
@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])
@given(corpus=corpora(), order=st.randoms(use_true_random=False))
def test_what_every_protocol_promises(name, corpus, order):
    try:
        folds = make_folds(corpus, name)
    except ProtocolError:
        assert name not in protocols_for(corpus)
        assume(False)
    assert name in protocols_for(corpus)
    by_id = {u.id: u for u in corpus.utterances}
    wanted = {u.id for u in corpus.utterances if name != "impro_only" or u.style == "improvised"}
    # Each utterance is tested exactly once; parts are disjoint and, but for removals, cover everything.
    tested = Counter(id for fold in folds.folds for id in fold.test)
    if name == "last_session":
        assert folds.folds == protocols.loso(corpus).folds[-1:]
    elif name == "random_80_5_15":  # each is held out once, most for the test
        assert Counter(id for fold in folds.folds for id in (*fold.test, *fold.dev)) == Counter(wanted)
    else:
        assert tested == Counter(wanted)
    missing = 0
    for fold in folds.folds:
        parts = [set(part) for part in held_out(fold)]
        assert all(parts) and sum(map(len, parts)) == len(set().union(*parts))
        assert set().union(*parts) <= wanted
        missing += len(wanted) - sum(map(len, parts))
        assert {by_id[id].emotion for id in fold.train} == set(CLASSES)
        speakers = [{by_id[id].speaker for id in part} for part in parts]
        if name == "speakers_5fold":
            assert sum(map(len, speakers)) == len(set().union(*speakers)) and len(folds.folds) == 5
        elif not name.startswith("random"):
            shared = "speaker" if name == "lospo" else "session"
            groups = [{getattr(by_id[id], shared) for id in part} for part in parts]
            assert len(groups[1]) == len(groups[2]) == 1
            assert not groups[0] & groups[1] and not groups[2] & (groups[0] | groups[1])
            assert not speakers[2] & (speakers[0] | speakers[1])
        if name == "loso_script_disjoint":
            tested = frozenset().union(*(scripts(by_id[id]) for id in fold.test))
            assert all(tested.isdisjoint(scripts(by_id[id])) for id in (*fold.train, *fold.dev))
    assert folds.removed == missing and (missing == 0 or name == "loso_script_disjoint")
    # The same for any order of the utterances.
    shuffled = list(corpus.utterances)
    order.shuffle(shuffled)
    assert make_folds(replace(corpus, utterances=tuple(shuffled)), name) == folds


@settings(max_examples=40)
@given(counts=st.lists(st.integers(10, 60), min_size=2, max_size=5), seed=st.integers(0, 5))
def test_random_5fold_is_stratified(counts, seed):
    classes = tuple(f"c{i}" for i in range(len(counts)))
    made = [utterance(f"{c}_{i}", "A", c) for c, n in zip(classes, counts, strict=True) for i in range(n)]
    folds = make_folds(Corpus("toy", Path(), classes, tuple(made)), "random_5fold", split_seed=seed).folds
    for part in ("test", "dev"):
        sizes = [len(getattr(fold, part)) for fold in folds]
        assert max(sizes) - min(sizes) <= 1
    for fold in folds:
        assert abs(len(fold.dev) - (len(fold.dev) + len(fold.train)) / 10) <= 1
        for c, n in zip(classes, counts, strict=True):
            tested, dev, train = (sum(id.startswith(c + "_") for id in p) for p in (fold.test, fold.dev, fold.train))
            assert abs(tested - n / 5) < 1 and abs(dev - (dev + train) / 10) < 1


def test_random_5fold_has_its_own_seed_and_warns():
    corpus = corpus_of()
    folds = make_folds(corpus, "random_5fold")
    random.seed(1)
    assert make_folds(corpus, "random_5fold") == folds
    assert make_folds(corpus, "random_5fold", split_seed=1).hash() != folds.hash()
    assert any("speakers" in warning and "leak" in warning for warning in folds.warnings)
    # These folds are part of every published number: they must never move.
    assert folds.hash().startswith("2b672d8fefbdae42")


@settings(max_examples=40)
@given(counts=st.lists(st.integers(20, 60), min_size=2, max_size=5))
def test_random_80_5_15_holds_out_the_fifths_of_random_5fold(counts):
    classes = tuple(f"c{i}" for i in range(len(counts)))
    made = [utterance(f"{c}_{i}", "A", c) for c, n in zip(classes, counts, strict=True) for i in range(n)]
    corpus = Corpus("toy", Path(), classes, tuple(made))
    folds = make_folds(corpus, "random_80_5_15")
    assert any("leak" in warning for warning in folds.warnings) and any("no fold" in one for one in folds.warnings)
    for fold, other in zip(folds.folds, make_folds(corpus, "random_5fold").folds, strict=True):
        assert {*fold.dev, *fold.test} == set(other.test) and set(fold.train) == {*other.train, *other.dev}
        assert abs(len(fold.dev) - len(other.test) / 4) < 1
        for c, n in zip(classes, counts, strict=True):
            assert abs(sum(id.startswith(c + "_") for id in fold.dev) - n / 20) < 1.5


def test_loso_takes_the_next_session_for_dev_in_numeric_order():
    corpus = corpus_of()
    renamed = {"1": "9", "2": "10", "3": "2", "4": "1", "5": "30"}
    corpus = replace(corpus, utterances=tuple(replace(u, session=renamed[u.session]) for u in corpus.utterances))
    session = {u.id: u.session for u in corpus.utterances}
    folds = make_folds(corpus).folds
    assert [fold.name for fold in folds] == [f"session_{n}" for n in (1, 2, 9, 10, 30)]
    found = [({session[id] for id in fold.test}, {session[id] for id in fold.dev}) for fold in folds]
    assert found == [({"1"}, {"2"}), ({"2"}, {"9"}), ({"9"}, {"10"}), ({"10"}, {"30"}), ({"30"}, {"1"})]
    assert all(len({session[id] for id in fold.train}) == 3 for fold in folds)


def test_last_session_is_the_last_fold_of_loso_and_warns_of_nothing_else():
    corpus = corpus_of()
    folds = make_folds(corpus, "last_session")
    assert folds.names() == ("session_5",) and folds.warnings == make_folds(corpus, "loso").warnings == ()
    session = {one.id: one.session for one in corpus.utterances}
    (fold,) = folds.folds
    assert [{session[id] for id in part} for part in held_out(fold)] == [{"2", "3", "4"}, {"1"}, {"5"}]


@pytest.mark.parametrize(("shared", "warned"), [(("1", "2"), False), (("2", "5"), True)])
def test_last_session_warns_of_its_own_speakers_alone(shared, warned):
    corpus = corpus_of()
    both = [f"{session}F" for session in shared]
    said = tuple(replace(one, speaker="both") if one.speaker in both else one for one in corpus.utterances)
    corpus = replace(corpus, utterances=said)
    assert "more than one session" in make_folds(corpus, "loso").warnings[0]
    told = "Of the 2 test speakers 1 are also in the training or dev part of the fold that tests them"
    assert [one[: len(told)] for one in make_folds(corpus, "last_session").warnings] == [told] * warned


def test_lospo_takes_the_partner_for_dev_or_the_next_speaker():
    corpus = corpus_of(n_sessions=3)
    pairs = [(fold.name, fold.dev[0].split("_")[0]) for fold in make_folds(corpus, "lospo").folds]
    assert pairs[:3] == [("speaker_1F", "s1M"), ("speaker_1M", "s1F"), ("speaker_2F", "s2M")]
    alone = corpus_of(n_sessions=3, sessions=False)
    pairs = [(fold.name, fold.dev[0].split("_")[0]) for fold in make_folds(alone).folds]
    assert pairs[:3] == [("speaker_1F", "s1M"), ("speaker_1M", "s2F"), ("speaker_2F", "s2M")]
    assert pairs[-1] == ("speaker_3M", "s1F")


def test_lospo_with_more_than_two_in_a_room_is_a_warning():
    said = [
        utterance(f"{name}_{i}", name, CLASSES[i], session="1" if name in "ABC" else "2")
        for name in "ABCDE"
        for i in range(3)
    ]
    corpus = Corpus("toy", Path("/toy"), CLASSES, tuple(said))
    assert make_folds(corpus, "lospo").warnings[0].startswith("Sessions have up to 3 speakers.")
    pairs = replace(corpus, utterances=tuple(one for one in said if one.speaker != "C"))
    assert make_folds(pairs, "lospo").warnings == ()


def test_script_disjoint_removes_twins_and_nothing_else():
    corpus = corpus_of()
    plain, disjoint = make_folds(corpus, "loso"), make_folds(corpus, "loso_script_disjoint")
    said = {u.id: scripts(u) for u in corpus.utterances}
    removed = 0
    for before, after in zip(plain.folds, disjoint.folds, strict=True):
        assert before.test == after.test
        for part in ("train", "dev"):
            for id in set(getattr(before, part)) - set(getattr(after, part)):
                removed += 1
                assert any(said[id] & said[other] for other in after.test)
    assert disjoint.removed == removed > 0


def test_utterances_without_a_transcript_share_no_script():
    corpus = corpus_of()
    texts = ["" if number % 2 else f"sentence {number}" for number in range(len(corpus.utterances))]
    pairs = zip(corpus.utterances, texts, strict=True)
    half = replace(corpus, utterances=tuple(saying(one, text) for one, text in pairs))
    assert make_folds(half, "loso_script_disjoint").removed == 0


@pytest.mark.parametrize(("heard", "removed"), [("[LAUGHTER] I do not know.", True), ("I do not know that.", False)])
def test_what_is_no_word_sets_no_transcripts_apart(heard, removed):
    """Its tags stand in IEMOCAP's transcripts, but not among the words that the model reads."""
    tested, *others = corpus_of(texts=[f"only {i}" for i in range(999)]).utterances
    tested = saying(tested, "I do not know.")
    tagged = replace(others[-1], text=heard, words=timed(heard.removeprefix("[LAUGHTER] ")))
    corpus = replace(corpus_of(), utterances=(tested, *others[:-1], tagged))
    fold = make_folds(corpus, "loso_script_disjoint").folds[0]
    assert tested.id in fold.test and (tagged.id not in (*fold.train, *fold.dev)) == removed


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("I don't know.", "i  DON’T know", True),
        ("What--now?", "what now", True),
        ("¿Qué?", "qué", True),
        ("Oh, no", "Oh", False),
        ("on 5", "on 6", False),
    ],
)
def test_scripts_are_compared_by_their_words(one, other, same):
    assert (script(one) == script(other)) == same


def test_what_a_corpus_cannot_feed_is_said_with_what_it_can():
    alone = corpus_of(sessions=False)
    assert default_protocol(alone) == "lospo" and default_protocol(corpus_of()) == "loso"
    assert protocols_for(alone) == ["lospo", "random_5fold", "random_80_5_15", "speakers_5fold"] and protocols_for(
        corpus_of()
    ) == list(BUILT_IN)
    for name in ("loso", "last_session", "loso_script_disjoint", "impro_only"):
        with pytest.raises(
            ProtocolError,
            match=f"cannot feed {name}. (It has no sessions|None of its).*It can feed: lospo, random_5fold",
        ):
            make_folds(alone, name)


@pytest.mark.parametrize(
    ("corpus", "name", "said"),
    [
        (corpus_of(n_sessions=2), "loso", r"2 sessions \(1, 2\).*need 3.*lospo"),
        (corpus_of(n_sessions=1), "lospo", r"2 speakers.*need 3"),
        (corpus_of(texts=("",)), "no_such", "no protocol 'no_such'"),
        (replace(corpus_of(), utterances=()), "lospo", "no usable utterance.*It can feed no protocol"),
        (replace(corpus_of(), classes=(*CLASSES, "angry")), "loso", "no training utterance is angry"),
        (corpus_of(classes=("sad",), each=1, n_sessions=3, speakers=1), "random_5fold", "the (dev|test) part is empty"),
    ],
)
def test_corpora_that_are_too_small_are_one_sentence(corpus, name, said):
    with pytest.raises(ProtocolError, match=said):
        make_folds(corpus, name)


def test_scripts_are_needed_and_fixed_sentences_leave_nothing():
    silent = corpus_of()
    silent = replace(silent, utterances=tuple(replace(u, text="...", words=timed("...")) for u in silent.utterances))
    with pytest.raises(ProtocolError, match="transcript"):
        make_folds(silent, "loso_script_disjoint")
    fixed = replace(silent, utterances=tuple(saying(u, "Kids are talking.") for u in silent.utterances))
    with pytest.raises(ProtocolError, match="transcript in the test part of session_1.*It can feed: loso, last"):
        make_folds(fixed, "loso_script_disjoint")


def test_a_single_utterance_without_session_is_named():
    corpus = corpus_of()
    first = replace(corpus.utterances[0], session=None)
    with pytest.raises(ProtocolError, match=f"{first.id} has no session"):
        make_folds(replace(corpus, utterances=(first, *corpus.utterances[1:])), "loso")


def test_a_speaker_in_two_sessions_is_a_warning_of_loso():
    corpus = corpus_of()
    assert make_folds(corpus).warnings == ()
    one = tuple(replace(u, speaker="1F") if u.speaker == "2F" else u for u in corpus.utterances)
    assert "1 speaker is in more than one session" in make_folds(replace(corpus, utterances=one)).warnings[0]


def test_odd_speaker_names_make_folder_names():
    corpus = corpus_of(n_sessions=3, speakers=1, sessions=False)
    odd = tuple(replace(u, speaker=f"../{u.speaker} ä") for u in corpus.utterances)
    assert make_folds(replace(corpus, utterances=odd)).names()[0] == "speaker_.._1F_ä"


def test_unknown_names_and_options_are_errors():
    with pytest.raises(ProtocolError, match="nearest is 'lospo'"):
        make_folds(corpus_of(), "lsopo")
    with pytest.raises(ProtocolError, match="random_5fold does not take.*split_sed"):
        make_folds(corpus_of(), "random_5fold", split_sed=1)
    for name in ("no_such_package.folds", "mtser.training.protocols.no_such", "mtser.training.protocols.SPLIT_SEED"):
        with pytest.raises(ProtocolError, match=name):
            make_folds(corpus_of(), name)


def first_half(corpus: Corpus, *, n_dev: int = 6) -> Folds:
    ids = [u.id for u in sorted(corpus.utterances, key=lambda u: u.id.split("_")[::-1])]
    half = len(ids) // 2
    return Folds(
        "first_half", (Fold("half", tuple(ids[half + n_dev :]), tuple(ids[half : half + n_dev]), tuple(ids[:half])),)
    )


def test_own_protocols_by_dotted_path_and_by_name(monkeypatch):
    module = types.ModuleType("a_plugin")
    module.first_half, module.wrong = first_half, lambda corpus: []
    monkeypatch.setitem(sys.modules, "a_plugin", module)
    monkeypatch.setattr(protocols, "_PROTOCOLS", dict(protocols._PROTOCOLS))
    folds = make_folds(corpus_of(), "a_plugin.first_half", n_dev=9)
    assert len(folds.folds[0].dev) == 9 and not any("tested by no" in one for one in folds.warnings)
    with pytest.raises(ProtocolError, match="returned list instead of Folds"):
        make_folds(corpus_of(), "a_plugin.wrong")
    assert protocol("first_half")(first_half) is first_half
    assert make_folds(corpus_of(), "first_half", n_dev=9) == folds
    assert "first_half" in protocols_for(corpus_of())
    with pytest.raises(ProtocolError, match="cannot be called 'loso'"):
        protocol("loso")(first_half)


def test_folds_that_are_called_otherwise_than_their_function_are_refused(monkeypatch):
    """Their results would lie where nobody looks for them."""
    module = types.ModuleType("a_plugin")
    module.other_name = first_half
    monkeypatch.setitem(sys.modules, "a_plugin", module)
    with pytest.raises(ProtocolError, match=r"called 'first_half'.*looked for under 'other_name'.*Folds\('other_name'"):
        make_folds(corpus_of(), "a_plugin.other_name")


def test_a_protocol_with_a_syntax_error_is_told_with_its_file_and_line(tmp_path, monkeypatch):
    (tmp_path / "broken_protocol.py").write_text("def by_room(corpus)\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ProtocolError, match=r"cannot be imported: .*broken_protocol.py, line 1: expected ':'"):
        make_folds(corpus_of(), "broken_protocol.by_room")


def test_a_defect_of_one_protocol_does_not_hide_what_is_said_of_another(monkeypatch):
    monkeypatch.setattr(protocols, "_PROTOCOLS", dict(protocols._PROTOCOLS))
    protocol("broken")(lambda corpus: corpus.no_such_field)
    with pytest.raises(ProtocolError, match="cannot feed official.*It can feed: loso"):
        make_folds(corpus_of(), "official")


def test_of_very_many_speakers_no_folds_are_made_to_name_what_can_be_done(monkeypatch) -> None:
    monkeypatch.setattr("mtser.corpora.corpus.VERY_MANY", 3)
    said = [utterance(f"{name}_{i}", name, CLASSES[i]) for name in "ABCD" for i in range(3)]
    corpus = Corpus("toy", Path("/toy"), CLASSES, tuple(said))
    assert "lospo" not in protocols_for(corpus)
    assert "lospo" in protocols_for(replace(corpus, utterances=tuple(said[:9])))
    assert default_protocol(replace(corpus, default_protocol="lospo")) == default_protocol(corpus) == "speakers_5fold"
    assert default_protocol(replace(corpus, utterances=tuple(said[:9]))) == "lospo"
    assert default_protocol(replace(corpus, default_protocol="official")) == "official"
    with pytest.raises(ProtocolError, match=r"cannot feed loso\. It has no sessions\. It can feed: random_5fold"):
        make_folds(corpus, "loso")


def test_names_that_are_alike_on_disks_that_know_no_case() -> None:
    said = [utterance(f"{name}_{i}", name, CLASSES[i]) for name in ("A", "a", "b") for i in range(3)]
    folds = make_folds(Corpus("toy", Path("/toy"), CLASSES, tuple(said)), "lospo")
    assert folds.names() == ("speaker_A", "speaker_a_2", "speaker_b")


def test_names_that_are_alike_as_folders_and_long_ones() -> None:
    speakers = ["anna b", "anna_b", "x" * 300]
    utterances = tuple(utterance(f"{i}{one}", name, one) for i, name in enumerate(speakers) for one in CLASSES)
    folds = make_folds(Corpus("toy", Path("/toy"), CLASSES, utterances), "lospo")
    names = [fold.name for fold in folds.folds]
    assert names[:2] == ["speaker_anna_b", "speaker_anna_b_2"] and len(set(names)) == 3 and len(names[2]) == 80
