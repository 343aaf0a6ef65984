"""Word times from espeak-ng."""

import gc

import numpy as np
import pytest

from mtser.corpora.mini import espeak as module
from mtser.corpora.mini.cast import CAST
from mtser.corpora.mini.espeak import Espeak, espeak_version
from mtser.corpora.mini.sentences import read_sentences
from mtser.errors import MtserError


@pytest.fixture(scope="module")
def espeak():
    pytest.importorskip("espeakng_loader")
    return Espeak()


def say(espeak, text, voice="en-us+f2"):
    return espeak.say(text, voice, rate=175, pitch=50, pitch_range=50)


@pytest.mark.parametrize(
    "text",
    [
        "I don't know, it's one of the keys.",  # a contraction, a pause, and "of the", which has one word event
        "I am in the hall.",
        "I miss my sister so much.",  # the event of "much" points at the blank before it
        "It has to be here!",
    ],
)
def test_every_word_has_a_span_of_its_own(espeak, text):
    spoken = say(espeak, text)
    assert [word for word, _, _ in spoken.words] == [word.strip(".,!?") for word in text.split()]
    _assert_plausible(spoken)


def test_all_lines_of_the_scripts_have_word_times(espeak):
    for script in read_sentences().scripts.values():
        for line in script:
            spoken = say(espeak, line.text)
            assert len(spoken.words) == len(line.text.split())
            _assert_plausible(spoken)


def _assert_plausible(spoken):
    spans = [(start, end) for _, start, end in spoken.words]
    flat = [sample for span in spans for sample in span]
    assert flat == sorted(flat) and flat[0] >= 0 and flat[-1] <= len(spoken.samples)
    assert all(end - start >= 0.02 * spoken.sample_rate for start, end in spans)


def test_the_gap_between_two_words_is_silent_and_the_words_are_not(espeak):
    spoken = say(espeak, "Well, I think it is today.")
    (_, start, end), (_, after, _) = spoken.words[:2]
    assert after - end > 0.05 * spoken.sample_rate
    audio = spoken.samples.astype(float)
    assert np.std(audio[end + 300 : after]) < 0.05 * np.std(audio[start:end])


def test_the_cast_has_ten_different_voices(espeak):
    heard = {key: say(espeak, "Give me the book.", voice.name).samples.tobytes() for key, voice in CAST.items()}
    assert len(set(heard.values())) == 10 == len({voice.variant for voice in CAST.values()})


def test_one_that_is_gone_does_not_disturb_another(espeak):
    other = Espeak()
    assert len(say(other, "Oh no.").samples)
    del other
    gc.collect()
    assert len(say(espeak, "Oh no.").samples)


def test_an_unknown_voice_is_an_error(espeak):
    with pytest.raises(MtserError, match="no voice nobody"):
        say(espeak, "Hello there.", "nobody+f2")


def test_version_is_the_librarys():
    pytest.importorskip("espeakng_loader")
    assert espeak_version().count(".") == 2


def test_without_espeakng_loader_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "espeakng_loader", None)
    with pytest.raises(MtserError, match=r"pip install mtser\[mini\]"):
        module.load_espeakng_loader()
