"""What a reader of one's own promises is checked."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mtser.alignment.word import Word
from mtser.corpora.checked import check_corpus
from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.utterance import Utterance
from mtser.errors import CorpusError

WORDS = (Word("oh", 0.1, 0.4), Word("no", 0.4, 0.9))
GOOD = Utterance("u1", "u1.wav", 1.0, "A", "sad", "Oh no.", WORDS, session="1")
OTHER = replace(GOOD, id="u2", emotion="happy")


def corpus(*utterances: Utterance, **fields: Any) -> Corpus:
    return Corpus(
        **{"name": "toy", "root": Path("/toy"), "classes": ("sad", "happy"), "utterances": utterances} | fields
    )


def words(*times: tuple[float, float]) -> tuple[Word, ...]:
    return tuple(Word("oh", start, end) for start, end in times)


def test_what_is_right_is_given_back_as_it_is() -> None:
    rich = replace(
        GOOD, id="u3", votes={"sad": 0.67, "happy": 0.33}, vad=(1.0, None, 3), start=2, dialog="d", style="scripted"
    )
    given = corpus(GOOD, OTHER, rich, replace(GOOD, id="u4", votes={}, text=""), warnings=("Look out.",))
    assert check_corpus(given, "read_toy") is given
    lists = check_corpus(replace(given, classes=["sad", "happy"], warnings=["Look out."]), "read_toy")
    assert lists == given and type(lists.classes) is type(lists.warnings) is tuple


@pytest.mark.parametrize(
    "times",
    [
        [(0.0, 1.0)],
        [(0.1, 1.05)],  # rounded up, as readers of mtser let pass, too
        [(0, 1)],
        [(np.float64(0.1), np.float64(0.9))],
        [(0.1, 0.5), (0.45, 0.9)],  # overlaps by rounding
        [(0.1, 0.5), (0.1, 0.9)],
    ],
)
def test_times_that_can_be_right_pass(times: list[tuple[float, float]]) -> None:
    given = corpus(replace(GOOD, words=words(*times)))
    assert check_corpus(given, "read_toy") is given


@pytest.mark.parametrize(
    ("fields", "reason", "detail"),
    [
        (
            {"words": words((100.0, 900.0))},
            "alignment outside the audio",
            "its words end at 900.000 s, its audio lasts 1.000 s: are its times milliseconds?",
        ),
        (
            {"words": words((0.1, 0.4), (0.4, 1.2))},
            "alignment outside the audio",
            "its words end at 1.200 s, its audio lasts 1.000 s",
        ),
        ({"words": words((-0.1, 0.4))}, "alignment outside the audio", "oh at -0.100-0.400 s of 1.000 s"),
        ({"words": words((1.0, 1.04))}, "alignment outside the audio", "oh at 1.000-1.040 s of 1.000 s"),
        ({"words": words((0.4, 0.1))}, "alignment rows run backwards", "oh at 0.400-0.100 s"),
        ({"words": words((0.4, 0.4))}, "alignment rows run backwards", "oh at 0.400-0.400 s"),
        (
            {"words": words((0.4, 0.9), (0.1, 0.4))},
            "alignment rows run backwards",
            "oh at 0.100-0.400 s after a word at 0.400 s",
        ),
        ({"words": words((0.1, float("nan")))}, "word times are no numbers", "oh at 0.1-nan s"),
        ({"words": words((0.1, float("inf")))}, "word times are no numbers", "oh at 0.1-inf s"),
        ({"words": ()}, "no words in the alignment", ""),
        ({"duration": 0.0}, "audio without a length", "duration is 0.0"),
        ({"duration": float("nan")}, "audio without a length", "duration is nan"),
        ({"emotion": "joy"}, "its emotion is none of the classes", "joy"),
        ({"speaker": ""}, "no speaker", ""),
        ({"wav": ""}, "no audio file", ""),
    ],
)
def test_an_utterance_that_cannot_be_used_is_listed_and_the_others_stay(
    fields: dict[str, Any], reason: str, detail: str
) -> None:
    checked = check_corpus(corpus(replace(GOOD, **fields), OTHER), "read_toy")
    assert checked.utterances == (OTHER,) and checked.skipped == (Skipped("u1", reason, detail),)


def test_a_turn_of_the_context_is_left_out_too_and_needs_no_class() -> None:
    turns = replace(GOOD, id="c1", emotion=""), replace(GOOD, id="c2", emotion="", words=words((100.0, 900.0)))
    listed = tuple(Skipped(one.id, "label not among the classes") for one in turns)
    checked = check_corpus(corpus(GOOD, context=turns, skipped=listed), "read_toy")
    assert checked.context == turns[:1] and checked.skipped == listed


def test_a_corpus_of_which_nothing_is_left_says_why() -> None:
    with pytest.raises(CorpusError, match="2 × alignment outside.*900.000 s.*milliseconds.*read_toy promises"):
        check_corpus(corpus(*(replace(one, words=words((100.0, 900.0))) for one in (GOOD, OTHER))), "read_toy")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"session": 1}, r"session of u1 is 1 \(int\); a text or None"),
        ({"speaker": 7}, r"speaker of u1 is 7 \(int\); a text"),
        ({"wav": Path("u1.wav")}, r"wav of u1 is PosixPath\('u1.wav'\)"),
        ({"text": None}, "text of u1 is None; a text"),
        ({"emotion": 0}, r"emotion of u1 is 0 \(int\)"),
        ({"duration": "1.0"}, r"duration of u1 is '1.0' \(str\)"),
        ({"duration": np.float32(1)}, r"duration of u1 .*\(float32\); a float in seconds"),
        ({"start": "early"}, "start of u1 is 'early'"),
        ({"vad": (1.0, 2.0)}, r"vad of u1 is \(1.0, 2.0\) \(tuple\)"),
        ({"vad": (1.0, 2.0, "3")}, "vad of u1"),
        ({"words": None}, "words of u1 is None"),
        ({"words": (("oh", 0.1, 0.4),)}, r"words of u1 hold \('oh', 0.1, 0.4\) \(tuple\); a Word"),
        ({"words": (Word("oh", "0.1", 0.4),)}, "start of the word 'oh' of u1 is '0.1'"),
        ({"words": (Word("oh", 0.1, None),)}, "end of the word 'oh' of u1 is None"),
        ({"words": (Word(None, 0.1, 0.4),)}, "a word of u1 is None"),
        ({"votes": {"angry": 3}}, "votes of u1 name 'angry'.* none of its classes"),
        ({"votes": {"sad": 3}}, "votes of u1 are .* sum to 3.000; the share of each class"),
        ({"votes": {"sad": 1.5, "happy": -0.5}}, "none below 0"),
        ({"votes": {"sad": float("nan")}}, "sum to nan"),
        ({"votes": {"sad": "1"}}, "votes of u1 is"),
        ({"votes": ("sad",)}, "votes of u1 is"),
        ({"votes": ()}, "votes of u1 is"),
    ],
)
def test_a_mistake_of_the_reader_is_told_with_utterance_and_field(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(CorpusError, match=f"^read_toy: .*{said}"):
        check_corpus(corpus(replace(GOOD, **fields), OTHER), "read_toy")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"root": "/toy"}, "root of its corpus is '/toy'"),
        ({"classes": {"sad", "happy"}}, r"classes of its corpus is \{.*\(set\); a tuple of texts"),
        ({"classes": (0, 1)}, r"classes of its corpus hold 0 \(int\)"),
        ({"classes": ("sad", "sad")}, "name a class twice"),
        ({"classes": ()}, "are none"),
        ({"warnings": "A sentence."}, "warnings of its corpus is 'A sentence.'"),
        ({"warnings": (1,)}, "warnings of its corpus hold 1"),
    ],
)
def test_mistakes_of_the_corpus_itself(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(CorpusError, match=f"^read_toy: .*{said}"):
        check_corpus(corpus(GOOD, OTHER, **fields), "read_toy")


@pytest.mark.parametrize("found", [None, [GOOD], {"u1": GOOD}])
def test_anything_but_a_corpus_is_refused(found: object) -> None:
    with pytest.raises(CorpusError, match="read_toy returned .*; a Corpus was expected"):
        check_corpus(found, "read_toy")


def test_what_the_constructor_sorts_is_checked_there() -> None:
    with pytest.raises(CorpusError, match=r"/toy: skipped of the corpus hold \('u9', 'bad'\), which is no Skipped"):
        corpus(GOOD, skipped=(("u9", "bad"),))
    with pytest.raises(CorpusError, match="/toy: utterances of the corpus hold 'u1', which is no Utterance"):
        corpus("u1")
    with pytest.raises(CorpusError, match="/toy: utterances of the corpus are None"):
        corpus(utterances=None)
