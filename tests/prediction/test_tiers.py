from mtser.alignment import Word
from mtser.alignment.praat_format import parse_text_grid
from mtser.alignment.text_grid import read_text_grid
from mtser.inference import Recognition, WordEvidence
from mtser.prediction.prediction import Prediction
from mtser.prediction.screen import one_line
from mtser.prediction.tiers import write_tiers


def test_words_emotions_and_contributions_are_tiers(tmp_path):
    turns = tuple(
        Recognition(
            "a.wav",
            start,
            start + 2.0,
            {"angry": 0.25, "sad": 0.75},
            (WordEvidence(Word(word, start + 0.5, start + 1.0), {}, {"audio": 0.125, "text": -0.5}),),
            f'"{word}"\nsaid',
        )
        for start, word in ((0.0, "no"), (3.0, "nö"))
    )
    file = write_tiers(tmp_path / "a.TextGrid", Prediction("a.wav", 6.0, turns, was_cut=True))
    assert read_text_grid(file, 6.0) == (Word("no", 0.5, 1.0), Word("nö", 3.5, 4.0))
    tiers = {tier.name: [row for row in tier.rows if row.label] for tier in parse_text_grid(file.read_text(), file)}
    assert list(tiers) == ["words", "emotion", "text", "contribution audio", "contribution text"]
    assert [(row.start, row.end, row.label) for row in tiers["emotion"]] == [(0, 2, "sad 0.75"), (3, 5, "sad 0.75")]
    assert [row.label for row in tiers["contribution text"]] == ["-0.500", "-0.500"]
    assert [row.label for row in tiers["text"]] == ['"no" said', '"nö" said']


def test_without_words_no_emotion_is_named(tmp_path):
    found = Prediction("a.wav", 2.0, (Recognition("a.wav", 0.0, 2.0, {"angry": 0.5, "sad": 0.5}),))
    file = write_tiers(tmp_path / "a.TextGrid", found)
    tiers = {one.name: one for one in parse_text_grid(file.read_text(), file)}
    assert [row.label for row in tiers["emotion"].rows] == [""]
    assert found.to_dict()["emotion"] is None and found.turns[0].to_dict()["emotion"] is None
    assert one_line(found) == "no words       a.wav"
