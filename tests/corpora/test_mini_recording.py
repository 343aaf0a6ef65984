"""Recordings, alignments and annotations of the mini corpus."""

import re
from collections import Counter

import numpy as np
import pytest

from mtser.alignment.phone_times import with_phones
from mtser.alignment.sphinx_segmentation import parse_segmentation
from mtser.alignment.word import Word
from mtser.corpora.emo_evaluation import parse_emo_evaluation
from mtser.corpora.mini.annotators import CATEGORIES, annotate
from mtser.corpora.mini.dialog import Turn
from mtser.corpora.mini.recording import FRAME, SAMPLE_RATE, Recording, _level, _tilted, record
from mtser.corpora.mini.script import write_script
from mtser.corpora.mini.segments import phseg, wdseg


@pytest.fixture(scope="module")
def espeak():
    pytest.importorskip("espeakng_loader")
    from mtser.corpora.mini.espeak import Espeak

    return Espeak()


@pytest.fixture(scope="module")
def turns():
    return [turn for dialog in write_script() for turn in dialog.turns]


@pytest.fixture(scope="module")
def recorded(espeak, turns):
    chosen = [turn for turn in turns if turn.breath or "," in turn.text][:20] + turns[:20]
    return [(turn, record(turn, espeak)) for turn in chosen]


def test_alignments_cover_the_audio_without_gap_and_spell_the_words(recorded):
    for turn, recording in recorded:
        rows = parse_segmentation(wdseg(recording, turn.id), turn.id)
        assert rows[0].label == "<s>" and rows[0].start == 0 and rows[-1].label == "</s>"
        assert [row.end for row in rows[:-1]] == [row.start for row in rows[1:]]
        assert rows[-1].end == pytest.approx(recording.seconds)
        assert all(row.end - row.start >= 0.02 for row in rows)
        words = [re.sub(r"\(2\)$", "", row.label) for row in rows if row.label[0] not in "<+"]
        assert words == re.sub(r"[.,!?]", "", turn.text).upper().split()
        assert ("++BREATHING++" in [row.label for row in rows]) == turn.breath


def test_words_are_loud_and_silences_are_not(recorded):
    for turn, recording in recorded:
        audio = recording.samples / 32_768
        rows = parse_segmentation(wdseg(recording, turn.id), turn.id)
        level = {"word": [], "silence": []}
        for row in rows:
            if not row.label.startswith("+"):
                part = audio[round(row.start * SAMPLE_RATE) : round(row.end * SAMPLE_RATE)]
                level["silence" if row.label.startswith("<") else "word"].append(np.sqrt(np.mean(part**2)))
        assert np.median(level["word"]) > 3 * max(level["silence"]), turn.id


def test_recordings_have_whole_frames_and_are_not_clipped(recorded):
    assert all(len(recording.samples) % FRAME == 0 for _, recording in recorded)
    assert np.mean([np.abs(recording.samples).max() >= 32_767 for _, recording in recorded]) < 0.1


def test_deliveries_differ_in_loudness_and_rate(espeak):
    loudness, seconds = {}, {}
    for delivery in ("soft", "flat", "bright", "loud"):
        turns = [
            Turn(f"Ses01F_impro01_F{n:03d}", "1F", "neu", "ordinary", delivery, "I put your book in the kitchen.")
            for n in range(8)
        ]
        recordings = [record(turn, espeak) for turn in turns]
        loudness[delivery] = np.mean([20 * np.log10(np.std(one.samples)) for one in recordings])
        seconds[delivery] = np.mean([one.seconds for one in recordings])
    assert loudness["soft"] < loudness["flat"] - 4 < loudness["loud"] - 10
    assert seconds["soft"] > seconds["flat"] > seconds["bright"]


def test_tilt_raises_high_frequencies_alone():
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    for hertz, expected in ((50, 0.0), (7_500, 6.0)):
        tone = np.sin(2 * np.pi * hertz * time)
        assert 20 * np.log10(np.std(_tilted(tone, 6.0)) / np.std(tone)) == pytest.approx(expected, abs=0.1)


def test_level_is_a_root_mean_square():
    audio = _level(np.random.default_rng(0).standard_normal(1000), -20.0)
    assert np.sqrt(np.mean(audio**2)) == pytest.approx(0.1)


def test_some_pronunciations_are_variants(recorded):
    spelled = " ".join(wdseg(recording, turn.id) for turn, recording in recorded)
    assert "(2)" in spelled and re.search(r" (THE|A|TO|AND|FOR|YOUR|WAS)\n", spelled)


def test_annotators_agree_on_the_label_as_iemocap_counts(turns):
    one_dissents = 0
    for turn in turns:
        ((found,), damaged) = parse_emo_evaluation(annotate(turn, 1.0, 2.0))
        assert (found.id, found.label, len(found.ballots)) == (turn.id, turn.label, 3) and not damaged
        votes = Counter(category for ballot in found.ballots for category in ballot)
        if turn.label == "xxx":
            assert len({ballot[0] for ballot in found.ballots}) == 3
        else:
            assert votes[CATEGORIES[turn.label]] >= 2
            one_dissents += votes[CATEGORIES[turn.label]] == 2
    assert 0.3 < one_dissents / len(turns) < 0.5


def test_ratings_are_the_annotators_means_and_some_are_blank(turns):
    blocks = [annotate(turn, 1.0, 2.0) for turn in turns]
    assert any(re.search(r"dom  ;", block) for block in blocks)
    for block in blocks:
        ((found,), _) = parse_emo_evaluation(block)
        ratings = re.findall(r"A-E\d:\tval (\d?); act (\d?); dom  (\d?);", block)
        assert len(ratings) == 2
        given = [[int(one) for one in axis if one] for axis in zip(*ratings, strict=True)]
        assert found.vad == tuple(np.mean(axis) if axis else None for axis in given)


def test_phones_lie_in_their_words_frame_by_frame(recorded):
    for turn, recording in recorded:
        words = parse_segmentation(wdseg(recording, turn.id), turn.id)
        phones = parse_segmentation(phseg(recording, turn.id), turn.id)
        assert phones[0].start == 0 and phones[-1].end == words[-1].end
        assert [row.end for row in phones[:-1]] == [row.start for row in phones[1:]]
        assert {row.start for row in words} <= {row.start for row in phones}
        spoken = [row for row in words if row.label[0] not in "<+"]
        said = with_phones([Word(row.label, row.start, row.end) for row in spoken], phones, recording.seconds, turn.id)
        assert all(word.phones for word in said)
        for row in words:
            inside = [phone.label for phone in phones if row.start <= phone.start < row.end]
            if row.label[0] == "<":
                assert inside == ["SIL"]
            elif row.label[0] == "+":
                assert inside == [row.label[1:-1]]
            else:
                assert [label.split()[3] for label in inside] in (["s"], ["b", *"i" * (len(inside) - 2), "e"])


def test_phones_are_those_of_the_words(recorded):
    spelled = {}
    for _, recording in recorded:
        for (word, _), phones in zip(recording.words, recording.phones, strict=True):
            spelled.setdefault(word.upper(), set()).add(" ".join(phone for phone, _ in phones))
    assert spelled["<SIL>"] == {"SIL"} and spelled["++BREATHING++"] == {"+BREATHING+"}
    assert spelled["SISTER"] == {"S IH S T ER"} and spelled["MY"] == {"M AY"}


def test_phones_that_have_no_name_cost_the_file(espeak, monkeypatch):
    monkeypatch.setattr("mtser.corpora.mini.espeak.to_arpabet", lambda names: None)
    turn = Turn("Ses01F_impro01_F000", "1F", "neu", "ordinary", "flat", "I put your book in the kitchen.")
    recording = record(turn, espeak)
    assert recording.phones is None and phseg(recording, turn.id) is None and wdseg(recording, turn.id)


def test_many_phones_in_few_frames_have_a_frame_each():
    words = (("<s>", 0.0), ("asks", 0.1), ("</s>", 0.14))
    phones = ((("SIL", 0.0),), (("AE", 0.1), ("S", 0.1), ("K", 0.101), ("S", 0.138)), (("SIL", 0.14),))
    rows = parse_segmentation(phseg(Recording(np.zeros(20 * FRAME, np.int16), words, phones), "u"), "u")
    assert [(round(row.start * 100), row.label.split()[0]) for row in rows[1:5]] == list(
        zip((10, 11, 12, 13), ("AE", "S", "K", "S"), strict=True)
    )
