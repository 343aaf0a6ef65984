"""Forced alignment by pocketsphinx, whose acoustic model of English is inside its package: no network is needed."""

import threading
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from mtser.alignment.aligner import Aligner
from mtser.alignment.spoken import readings
from mtser.alignment.spoken_numbers import Reading
from mtser.alignment.word import Phone, Word
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio.reading import SAMPLE_RATE
from mtser.errors import MtserError
from mtser.languages import main_language
from mtser.pronunciation import Pronouncer, english_pronouncer
from mtser.pronunciation.ipa import nearest_arpabet

_RATE = 100  # frames a second
# What pocketsphinx prunes by default lets the second pass, which finds the phones, fail on many files.
_SEARCH = {"bestpath": False, "beam": 1e-120, "pbeam": 1e-120, "wbeam": 1e-100, "maxhmmpf": -1}
# The mean of the whole file is subtracted: a running mean would depend on the files before.
_FEATURES = {"cmn": "batch"}
_NOT_INSTALLED = "Words are aligned by pocketsphinx, which is not installed: pip install mtser[speech]."
_NO_WORD = ("<", "[")  # "<sil>", "[NOISE]"


class SphinxAligner(Aligner):
    """Words and phones in frames of 10 ms, by the Viterbi path of hidden Markov models through the known words.

    A word that the CMU dictionary has is aligned with the best of its pronunciations there, another one by
    ``pronouncer``. Silence and noise may lie between words. Words of other languages are aligned with the English
    phones that are nearest to what espeak-ng says: they get times, and no phones.

    Parameters
    ----------
    pronouncer
        For words that are not in the dictionary; default: :func:`~mtser.pronunciation.english_pronouncer`.
    worst_score
        The lowest score of a text that counts as said: the acoustic log-likelihood of the words' frames against that
        of the best sound in each frame, mean over frames, in pocketsphinx's units.

    Example
    -------
    >>> SphinxAligner().align(np.zeros(16000, np.float32), ["hello"])  # doctest: +SKIP
    (Word(word='hello', start=0.1, end=0.6),)
    """

    name = "pocketsphinx en-us"
    in_processes: ClassVar[bool] = True

    def __init__(self, pronouncer: Pronouncer | None = None, worst_score: float = -43.0) -> None:
        self.pronouncer = pronouncer or english_pronouncer()
        self.worst_score = worst_score
        self._forget()

    def _forget(self) -> None:
        self._decoder: Any = None
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        """For other processes: each has a decoder of its own."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_decoder", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    def settings(self) -> dict[str, Any]:
        """The versions of pocketsphinx and of what pronounces, and the threshold."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            sphinx = version("pocketsphinx")
        except PackageNotFoundError as error:
            raise MtserError(_NOT_INSTALLED) from error
        return {
            "class": "SphinxAligner",
            "version": 1,
            "pocketsphinx": sphinx,
            "pronouncer": self.pronouncer.settings(),
            "worst_score": self.worst_score,
        }

    def align(self, samples: np.ndarray, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """Find the words and their phones.

        Raises
        ------
        UnusableAlignmentError
            "no pronunciation", "silent audio", "audio too short for its words", "words not in the audio" (the path
            through them does not reach the end) or "text does not match the audio" (it does, but sounds otherwise).
        MtserError
            If pocketsphinx is not installed.
        """
        sound = _sound(samples)
        with self._lock:
            decoder = self._started()
            ways = readings(words, language)
            tokens = [self._tokens(decoder, *pair, language) for pair in zip(words, ways, strict=True)]
            n_tokens = [len(some) for some in tokens]
            _check_length(decoder, [one for some in tokens for one in some], len(samples))
            decoder.set_align_text(" ".join(one for some in tokens for one in some))
            _decode(decoder, sound)
            spans, score = _spans(decoder)
            if decoder.hyp() is None or len(spans) < sum(n_tokens):
                reached = next((i for i in range(len(words)) if sum(n_tokens[: i + 1]) > len(spans)), 0)
                raise UnusableAlignmentError("words not in the audio", f"{words[reached]!r} and what follows it")
            if score < self.worst_score:
                raise UnusableAlignmentError(
                    "text does not match the audio", f"score {score:.1f}, below {self.worst_score:g}"
                )
            in_english = main_language(language) == "en"
            phones = _phones(decoder, sound, len(spans)) if in_english else [[] for _ in spans]
        return _words(words, n_tokens, spans, phones, len(samples) / SAMPLE_RATE)

    def _started(self) -> Any:
        if self._decoder is None:
            try:
                from pocketsphinx import Decoder
            except ImportError as error:
                raise MtserError(_NOT_INSTALLED) from error
            self._decoder = Decoder(lm=None, loglevel="FATAL", **_SEARCH, **_FEATURES)
        return self._decoder

    def _tokens(self, decoder: Any, word: str, ways: Sequence[Reading], language: str) -> list[str]:
        """Names in the decoder's dictionary: one for each spoken word, or one for all if there are several readings."""
        if len(ways) == 1:
            return [self._entry(decoder, word, [(token,)], language) for token in ways[0]]
        return [self._entry(decoder, word, ways, language)]

    def _entry(self, decoder: Any, word: str, ways: Sequence[Reading], language: str) -> str:
        """The name of the entry that has these readings as its pronunciations, made if need be.

        The name is made of the phones, so that an entry is the same whatever was aligned before.
        """
        in_english = main_language(language) == "en"
        if in_english and len(ways) == 1 and decoder.lookup_word(ways[0][0]) is not None:
            return ways[0][0]
        pronunciations = []
        for way in ways:
            if in_english:
                phones = [decoder.lookup_word(token) or " ".join(self.pronouncer.phones([token])[0]) for token in way]
            else:
                phones = [" ".join(nearest_arpabet(one)) for one in self.pronouncer.phones(way, language)]
            if all(phones):
                pronunciations.append(" ".join(phones))
        if not pronunciations:
            advice = "" if in_english else f" in {language!r} (other languages need pip install mtser[phones])"
            raise UnusableAlignmentError("no pronunciation", f"{word!r}{advice}")
        name = "=".join(pronunciations).replace(" ", "_")
        for number, phones_of_one in enumerate(pronunciations, start=1):
            entry = name if number == 1 else f"{name}({number})"
            if decoder.lookup_word(entry) is None:
                decoder.add_word(entry, phones_of_one, False)
        return name


def _sound(samples: np.ndarray) -> bytes:
    """16 bit samples, as loud as they may be: a quiet recording would lose what is below the least bit."""
    peak = float(np.abs(samples).max(initial=0.0))
    if not peak > 0.0:
        raise UnusableAlignmentError("silent audio", "every sample is 0")
    return (samples * (0.9 * 32767 / peak)).astype("<i2").tobytes()


def _check_length(decoder: Any, tokens: Sequence[str], n_samples: int) -> None:
    """Each phone takes at least three frames, one for each state of its model."""
    n_phones = sum(len(decoder.lookup_word(token).split()) for token in tokens)
    if n_samples / SAMPLE_RATE < n_phones * 3 / _RATE:
        found = f"{n_samples / SAMPLE_RATE:.2f} s for {n_phones} phones"
        raise UnusableAlignmentError("audio too short for its words", found)


def _decode(decoder: Any, sound: bytes) -> None:
    decoder.reinit_feat()  # else the estimate of the noise comes from the file before
    decoder.start_utt()
    decoder.process_raw(sound, full_utt=True)
    decoder.end_utt()


def _spans(decoder: Any) -> tuple[list[tuple[int, int]], float]:
    """First frame and end of each word on the path, and the mean score of their frames."""
    spans, scores = [], 0.0
    for segment in decoder.seg() or ():
        if not segment.word.startswith(_NO_WORD):
            spans.append((segment.start_frame, segment.end_frame + 1))
            scores += decoder.logmath.log(segment.ascore)
    n_frames = sum(end - start for start, end in spans)
    return spans, scores / n_frames if n_frames else 0.0


def _phones(decoder: Any, sound: bytes, n_words: int) -> list[list[tuple[str, int, int]]]:
    """The phones of each word on the path: a second pass along it. Empty lists if that fails."""
    decoder.set_alignment()
    _decode(decoder, sound)
    found = []
    for word in decoder.get_alignment() or ():
        if not word.name.startswith(_NO_WORD):
            # Read at once: an entry that is kept outlives the memory that it points into.
            found.append([(phone.name, phone.start, phone.start + phone.duration) for phone in word])
    return found if len(found) == n_words else [[] for _ in range(n_words)]


def _words(
    words: Sequence[str],
    n_tokens: Sequence[int],
    spans: Sequence[tuple[int, int]],
    phones: Sequence[Sequence[tuple[str, int, int]]],
    duration: float,
) -> tuple[Word, ...]:
    aligned, first = [], 0
    for word, count in zip(words, n_tokens, strict=True):
        start, end = spans[first][0] / _RATE, min(spans[first + count - 1][1] / _RATE, duration)
        inside = tuple(
            Phone(name, phone_start / _RATE, min(phone_end / _RATE, duration))
            for token in phones[first : first + count]
            for name, phone_start, phone_end in token
        )
        aligned.append(Word(word, start, end, inside))
        first += count
    return tuple(aligned)
