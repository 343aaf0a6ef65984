"""Forced alignment by pocketsphinx: on synthetic speech with exact times, and on what cannot be aligned."""

import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mtser.alignment.split import split_words
from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio import read_audio
from mtser.errors import MtserError
from mtser.pronunciation import SpellingPronouncer
from tests.alignment.conftest import Said

pytest.importorskip("pocketsphinx")
pytest.importorskip("num2words")
from mtser.alignment.sphinx import SphinxAligner  # noqa: E402

TEXTS = ["I don't know what you mean.", "The old house is at the end of the street.", "Why did you never call me back?"]


@pytest.fixture(scope="module")
def aligner() -> SphinxAligner:
    return SphinxAligner()


def off(found: tuple[Word, ...], exact: tuple[Word, ...]) -> np.ndarray:
    pairs = list(zip(found, exact, strict=True))
    return np.abs([one.start - two.start for one, two in pairs] + [one.end - two.end for one, two in pairs])


def test_boundaries_are_near_the_exact_ones(aligner: SphinxAligner, say: Callable[..., Said]) -> None:
    errors = []
    for text in TEXTS:
        for voice in ("en-us+f2", "en-us+m3"):
            samples, exact = say(text, voice)
            errors.append(off(aligner.align(samples, split_words(text)), exact))
    assert np.median(np.concatenate(errors)) <= 0.02
    assert np.mean(np.concatenate(errors) <= 0.1) > 0.9


def test_words_are_spelled_as_given_in_order_with_phones_inside(
    aligner: SphinxAligner, say: Callable[..., Said]
) -> None:
    samples, _ = say("Doctor Smith paid twenty dollars.")
    words = aligner.align(samples, ["Dr", "SMITH", "paid", "$20"])
    assert [word.word for word in words] == ["Dr", "SMITH", "paid", "$20"]
    assert [phone.phone for phone in words[2].phones] == ["P", "EY", "D"]
    assert [phone.phone for phone in words[3].phones][-5:] == ["D", "AA", "L", "ER", "Z"]
    for word in words:
        assert 0 <= word.start < word.end <= len(samples) / 16000
        assert word.phones[0].start == word.start and word.phones[-1].end == word.end
    assert all(one.end <= two.start for one, two in zip(words, words[1:], strict=False))


def test_english_of_a_country_has_phones(aligner: SphinxAligner, say: Callable[..., Said]) -> None:
    samples, _ = say("Doctor Smith paid twenty dollars.")
    words = ["Dr", "Smith", "paid", "$20"]
    expected = aligner.align(samples, words)
    for code in ("en-US", "en-GB", "EN", "eng"):
        found = aligner.align(samples, words, code)
        assert found == expected and [word.phones for word in found] == [word.phones for word in expected]


def test_the_reading_that_was_said_is_taken(aligner: SphinxAligner, say: Callable[..., Said]) -> None:
    for said, begins in (("nineteen ninety", ["N", "AY"]), ("one nine nine oh", ["W", "AH"])):
        samples, _ = say(f"It was {said} then.")
        words = aligner.align(samples, ["It", "was", "1990", "then"])
        assert [phone.phone for phone in words[2].phones][:2] == begins


def test_results_do_not_depend_on_what_was_aligned_before(say: Callable[..., Said]) -> None:
    jobs = [(say(text)[0], split_words(text)) for text in TEXTS]
    jobs.append((say("Blorptastic zorgs cost seven dollars.")[0], ("Blorptastic", "zorgs", "cost", "$7")))
    one, other = SphinxAligner(), SphinxAligner()
    forwards = [one.align(*job) for job in jobs]
    backwards = [other.align(*job) for job in reversed(jobs)][::-1]
    alone = [SphinxAligner().align(*job) for job in jobs]
    for a, b, c in zip(forwards, backwards, alone, strict=True):
        assert a == b == c
        assert [word.phones for word in a] == [word.phones for word in b] == [word.phones for word in c]


def test_words_that_no_dictionary_has_are_aligned(aligner: SphinxAligner, say: Callable[..., Said]) -> None:
    samples, exact = say("My zorgs are blorptastic today.")
    assert np.median(off(aligner.align(samples, split_words("My zorgs are blorptastic today.")), exact)) < 0.06


def test_another_language_is_aligned_by_the_nearest_phones(aligner: SphinxAligner, say: Callable[..., Said]) -> None:
    text = "Der Lappen liegt auf dem Schrank."
    samples, exact = say(text, "de")
    words = aligner.align(samples, split_words(text, "de"), "de")
    assert np.median(off(words, exact)) < 0.05
    assert all(word.phones == () for word in words)


def reason(aligner: SphinxAligner, samples: np.ndarray, text: str, language: str = "en") -> tuple[str, str]:
    with pytest.raises(UnusableAlignmentError) as found:
        aligner.align(np.asarray(samples, np.float32), split_words(text, language), language)
    return found.value.reason, found.value.detail


def test_a_text_that_was_not_said_is_refused(aligner: SphinxAligner, say: Callable[..., Said]) -> None:
    samples, _ = say("I don't know what you mean.")
    for text in ("Yesterday everybody went fishing.", "Seven purple elephants are dancing."):
        assert reason(aligner, samples, text)[0] in {"text does not match the audio", "words not in the audio"}


def test_what_cannot_be_aligned_has_a_reason(aligner: SphinxAligner, say: Callable[..., Said]) -> None:
    samples, _ = say("I don't know what you mean.")
    assert reason(aligner, np.zeros(16000), "hello")[0] == "silent audio"
    assert reason(aligner, samples[:1600], "I don't know what you mean")[0] == "audio too short for its words"
    only_rules = SphinxAligner(SpellingPronouncer())
    assert reason(only_rules, samples, "語 hello") == ("no pronunciation", "'語'")
    assert reason(only_rules, samples, "Hallo", "de")[0] == "no pronunciation"
    noise = np.random.default_rng(0).normal(0, 0.3, 48000)
    assert reason(aligner, noise, "I don't know what you mean")[0] in {
        "text does not match the audio",
        "words not in the audio",
    }


@pytest.mark.parametrize("kind", ["clipped", "quiet", "offset"])
def test_damaged_but_audible_speech_is_aligned(aligner: SphinxAligner, say: Callable[..., Said], kind: str) -> None:
    text = "The old house is at the end of the street."
    samples, exact = say(text)
    damaged = {
        "clipped": np.clip(samples * 20, -1, 1),
        "quiet": samples * 1e-3,
        "offset": samples + 0.2,
    }[kind].astype(np.float32)
    assert (
        np.median(off(aligner.align(damaged, split_words("The old house is at the end of the street.")), exact)) < 0.04
    )


def test_minutes_of_speech_are_aligned(aligner: SphinxAligner, say: Callable[..., Said]) -> None:
    samples, exact = say(TEXTS[1])
    times, length = 60, len(samples) / 16000  # three minutes
    words = aligner.align(np.tile(samples, times), split_words(TEXTS[1]) * times)
    late = [Word(word.word, word.start + i * length, word.end + i * length) for i in range(times) for word in exact]
    assert np.median(off(words, tuple(late))) <= 0.03


def test_real_speech(aligner: SphinxAligner, shared_data: Path) -> None:
    for file in sorted((shared_data / "ravdess" / "Actor_01").glob("*-01-??-01.*"))[:4]:
        text = "Kids are talking by the door" if file.stem.split("-")[4] == "01" else "Dogs are sitting by the door"
        samples = read_audio(file)
        words = aligner.align(samples, text.split())
        inside = np.concatenate([samples[int(word.start * 16000) : int(word.end * 16000)] for word in words])
        assert np.mean(inside**2) > 5 * np.mean(samples[: int(words[0].start * 16000)] ** 2)


def test_it_can_be_sent_to_another_process(aligner: SphinxAligner, say: Callable[..., Said]) -> None:
    samples, _ = say(TEXTS[0])
    copy = pickle.loads(pickle.dumps(aligner))
    assert copy.settings() == aligner.settings()
    assert copy.align(samples, split_words(TEXTS[0])) == aligner.align(samples, split_words(TEXTS[0]))


def test_without_pocketsphinx_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    with pytest.raises(MtserError, match=r"pocketsphinx, which is not installed: pip install mtser\[speech\]"):
        SphinxAligner().align(np.ones(16000, np.float32), ["hello"])
