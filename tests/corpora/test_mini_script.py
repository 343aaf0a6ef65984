"""The mini corpus on paper: proportions, twins, and that neither words nor voice tell everything."""

import re
from collections import Counter, defaultdict

import numpy as np
import pytest

from mtser.corpora.iemocap_names import parse_utterance_name
from mtser.corpora.mini.acting import EMOTION, EMOTIONS, SHARES, possible_emotions
from mtser.corpora.mini.script import write_script
from mtser.corpora.mini.sentences import read_sentences

FOUR = {"neu": "neu", "hap": "hap", "exc": "hap", "ang": "ang", "sad": "sad"}


@pytest.fixture(scope="module")
def turns():
    return [turn for dialog in write_script() for turn in dialog.turns]


@pytest.fixture(scope="module")
def usable(turns):
    return [turn for turn in turns if turn.label in FOUR]


def test_the_script_is_the_same_at_every_call():
    assert write_script() == write_script()


def test_classes_have_iemocaps_proportions(usable):
    counts = Counter(FOUR[turn.label] for turn in usable)
    iemocap = {"neu": 1708, "hap": 1636, "ang": 1103, "sad": 1084}
    assert 480 <= len(usable) <= 520
    for emotion, count in iemocap.items():
        assert counts[emotion] / len(usable) == pytest.approx(count / 5531, abs=0.01)
    excited = sum(turn.label == "exc" for turn in usable)
    assert excited / counts["hap"] == pytest.approx(1041 / 1636, abs=0.1)


def test_improvised_and_scripted_turns_have_iemocaps_ratio(usable):
    assert np.mean(["script" in turn.id for turn in usable]) == pytest.approx(0.47, abs=0.03)


def test_ten_speakers_of_similar_weight(usable):
    counts = Counter(turn.speaker for turn in usable)
    assert sorted(counts) == [f"{session}{sex}" for session in range(1, 6) for sex in "FM"]
    assert min(counts.values()) >= 40


def test_there_are_some_labels_outside_the_four_classes(turns, usable):
    assert {turn.label for turn in turns} == {*FOUR, "fru", "xxx", "sur"}
    assert 0.05 < 1 - len(usable) / len(turns) < 0.15


def test_ids_are_iemocaps_and_count_each_speakers_turns(turns):
    ids = [turn.id for turn in turns]
    assert len(set(ids)) == len(ids)
    numbers = defaultdict(list)
    for turn in turns:
        name = parse_utterance_name(turn.id)
        assert name is not None and name.speaker == turn.speaker
        numbers[turn.id[:-3]].append(int(turn.id[-3:]))
    assert all(found == list(range(len(found))) for found in numbers.values())
    dialogs = {turn.id.rsplit("_", 1)[0] for turn in turns}
    assert {"Ses03M_impro05a", "Ses03M_impro05b", "Ses05M_script01_1b"} <= dialogs


def test_one_turn_of_the_four_classes_has_no_alignment(turns):
    (lost,) = (turn for turn in turns if not turn.aligned)
    assert lost.label in FOUR


def test_scripted_sentences_come_back_mostly_with_the_same_emotion(usable):
    by_text = defaultdict(list)
    for turn in usable:
        by_text[turn.text].append(turn)
    agreements = []
    scripted = [turn for turn in usable if "script" in turn.id]
    for turn in scripted:
        twins = [FOUR[one.label] == FOUR[turn.label] for one in by_text[turn.text] if one.id[:5] != turn.id[:5]]
        if twins:
            agreements.append(np.mean(twins))
    assert 0.33 <= len(agreements) / len(scripted) <= 0.5
    assert np.mean(agreements) == pytest.approx(0.76, abs=0.04)


def test_improvised_sentences_are_said_once(usable):
    counts = Counter(turn.text for turn in usable)
    assert all(counts[turn.text] == 1 for turn in usable if "impro" in turn.id)


def test_sentences_are_short_and_plain(turns):
    lengths = [len(turn.text.split()) for turn in turns]
    assert min(lengths) >= 3 and max(lengths) <= 11
    assert 5 <= np.mean(lengths) <= 7
    for turn in turns:
        assert re.fullmatch(r"[A-Za-z']+([ ,!?.]+[A-Za-z']+)*[.!?]", turn.text), turn.text


def test_tone_and_delivery_each_tell_part_and_together_nearly_all(usable):
    def recall(cue) -> float:
        by_cue = defaultdict(Counter)
        for turn in usable:
            by_cue[cue(turn)][FOUR[turn.label]] += 1
        best = {value: counts.most_common(1)[0][0] for value, counts in by_cue.items()}
        right = Counter(FOUR[turn.label] for turn in usable if best[cue(turn)] == FOUR[turn.label])
        return float(np.mean([right[emotion] / sum(FOUR[t.label] == emotion for t in usable) for emotion in EMOTIONS]))

    assert 0.55 < recall(lambda turn: turn.tone) < 0.75
    assert 0.55 < recall(lambda turn: turn.delivery) < 0.8
    assert recall(lambda turn: (turn.tone, turn.delivery)) > 0.95


def test_every_way_of_acting_an_emotion_keeps_to_the_rule():
    for emotion, cells in SHARES.items():
        assert sum(cells.values()) == 100
        assert {EMOTION[cell] for cell in cells} == {emotion}
    assert {cell for cells in SHARES.values() for cell in cells} == set(EMOTION)


def test_a_script_asks_for_nothing_that_its_tone_cannot_carry():
    lines = [line for script in read_sentences().scripts.values() for line in script]
    assert len({line.text for line in lines}) == len(lines)
    assert all(line.emotion in possible_emotions(line.tone) and line.sex in "FM" for line in lines)
