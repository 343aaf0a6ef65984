"""From a recording to an utterance with words and times: transcribed and aligned, if that is needed."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mtser.alignment.aligner import Aligner
from mtser.alignment.apart import AlignerApart
from mtser.alignment.files import FileAligner
from mtser.alignment.word import Word
from mtser.alignment.word_times import END_TOLERANCE, UnusableAlignmentError
from mtser.apart import Processes
from mtser.audio.reading import SAMPLE_RATE
from mtser.errors import ConfigError
from mtser.inference.recordings import Recording
from mtser.inference.sound import is_clipped, samples_of
from mtser.languages import main_language
from mtser.transcription.apart import TranscriberApart
from mtser.transcription.transcriber import Transcriber

_UNSURE = 0.5  # of a transcriber's confidence
_SLACK = 0.05  # seconds that a stretch may end behind its recording


@dataclass(frozen=True)
class Heard:
    """A recording that was read, and what is said in it.

    Parameters
    ----------
    recording
        As it was given.
    samples
        float32 ``[samples]`` at 16 kHz, of the stretch.
    start
        Of the stretch, in seconds from the start of the recording.
    words
        With times in seconds from the start of the stretch; none if nothing was said.
    text, language
        What was said; the language of it.
    transcribed_by, aligned_by
        What found that and the words' times; None if they were given.
    warnings
        Sentences that qualify what was heard.
    """

    recording: Recording
    samples: np.ndarray
    start: float
    words: tuple[Word, ...]
    text: str
    language: str
    transcribed_by: str | None = None
    aligned_by: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Length of the stretch."""
        return len(self.samples) / SAMPLE_RATE


class Listener:
    """Reads recordings, and has words and times found where they are missing.

    Parameters
    ----------
    transcriber, aligner
        Ready-made, or the name of one; None for the usual ones. They are looked for when the first recording needs
        them.
    language
        Of speech that tells none of its own.
    """

    def __init__(
        self, transcriber: str | Transcriber | None = None, aligner: str | Aligner | None = None, language: str = "en"
    ) -> None:
        self._transcriber = transcriber
        self._aligner = aligner
        self._processes: Processes | None = None
        self._one_at_a_time = threading.Lock()
        self.language = language

    def hear(self, recording: Recording) -> Heard:
        """Read a recording.

        Raises
        ------
        MtserError
            If the audio cannot be used, the words cannot be found in it, or what would find them is not installed.
        """
        samples = samples_of(recording)
        start = recording.start or 0.0
        duration = len(samples) / SAMPLE_RATE
        language = recording.language or self.language
        warnings: tuple[str, ...] = ()
        if is_clipped(samples):
            warnings = ("The recording is clipped: it was too loud for its format.",)
        if recording.end is not None and start + duration < recording.end - _SLACK:
            warnings += (
                f"The recording ends at {start + duration:.2f} s, before the stretch does ({recording.end:g} s).",
            )
        if recording.text is not None or recording.words is not None:
            warnings += self._of_language(language)
        if recording.words is not None:
            words = _placed(recording, start, duration)
            text = recording.text if recording.text is not None else " ".join(word.word for word in words)
            return Heard(recording, samples, start, words, text, language, warnings=warnings)
        if recording.text is not None:
            spoken = split_text(recording.text, language)
            if not spoken:
                return Heard(recording, samples, start, (), recording.text, language, warnings=warnings)
            found = self._aligned(recording, samples, spoken, language)
            name = self.aligner.name
            return Heard(recording, samples, start, found, recording.text, language, None, name, warnings)
        return self._transcribed(recording, samples, start, warnings)

    @property
    def aligner(self) -> Aligner:
        """What finds the times of words."""
        with self._one_at_a_time:
            if not isinstance(self._aligner, Aligner):
                from mtser.alignment.find import find_aligner

                self._aligner = find_aligner(self._aligner or "pocketsphinx")
            if isinstance(self._aligner, FileAligner):
                raise ConfigError(
                    f"{self._aligner.name} know the words of whole audio files, not of new recordings; choose another "
                    "aligner, or give the words with their times (Recording's words)."
                )
            if self._processes and self._aligner.in_processes:
                self._aligner = AlignerApart(self._aligner, self._processes)
            return self._aligner

    def find_named(self) -> None:
        """Find now what was named, so that a wrong name is told before work begins.

        Raises
        ------
        ConfigError
            If there is none of that name.
        """
        if self._aligner is not None:
            _ = self.aligner
        if self._transcriber is not None:
            _ = self.transcriber

    def spread(self, processes: Processes) -> None:
        """Let threads listen at once: what holds Python's lock gets these processes to work in."""
        self._processes = processes

    @property
    def transcriber(self) -> Transcriber:
        """What finds the words."""
        with self._one_at_a_time:
            if not isinstance(self._transcriber, Transcriber):
                from mtser.transcription.find import find_transcriber

                self._transcriber = find_transcriber(self._transcriber)
            if self._processes and self._transcriber.in_processes:
                self._transcriber = TranscriberApart(self._transcriber, self._processes)
            return self._transcriber

    def _of_language(self, language: str) -> tuple[str, ...]:
        if main_language(language) == main_language(self.language):
            return ()
        return (f"The language is {language}, but the model learned from {self.language}: take the answer as a guess.",)

    def _aligned(
        self, recording: Recording, samples: np.ndarray, words: Sequence[str], language: str
    ) -> tuple[Word, ...]:
        try:
            return self.aligner.align(samples, words, language)
        except UnusableAlignmentError as error:
            detail = f"{recording.title}: {error.detail}" if error.detail else recording.title
            raise UnusableAlignmentError(error.reason, detail) from error

    def _transcribed(self, recording: Recording, samples: np.ndarray, start: float, warnings: tuple[str, ...]) -> Heard:
        transcriber = self.transcriber
        transcript = transcriber.transcribe(samples, recording.language or self.language)
        words: list[Word] = []
        aligned_by = None
        for segment in transcript.segments:
            spoken = split_text(segment.text, transcript.language)
            if not spoken:
                continue
            first, behind = round(segment.start * SAMPLE_RATE), round(segment.end * SAMPLE_RATE)
            aligned_by = self.aligner.name
            found = self._aligned(recording, samples[first:behind], spoken, transcript.language)
            words += (shifted(word, segment.start) for word in found)
        told = [one.confidence for one in transcript.segments if one.confidence is not None]
        if told and min(told) < _UNSURE:
            warnings = (*warnings, "The recogniser is unsure of some of the words.")
        warnings += self._of_language(transcript.language)
        return Heard(
            recording,
            samples,
            start,
            tuple(words),
            transcript.text,
            transcript.language,
            transcript.recogniser,
            aligned_by,
            warnings,
        )


def split_text(text: str, language: str) -> tuple[str, ...]:
    """The spoken words of a text."""
    from mtser.alignment.split import split_words

    return tuple(split_words(text, language))


def shifted(word: Word, seconds: float) -> Word:
    """The same word later.

    Example
    -------
    >>> shifted(Word("no", 0.5, 1.0), 2.0)
    Word(word='no', start=2.5, end=3.0)
    """
    phones = tuple(replace(one, start=one.start + seconds, end=one.end + seconds) for one in word.phones)
    return replace(word, start=word.start + seconds, end=word.end + seconds, phones=phones)


def _placed(recording: Recording, start: float, duration: float) -> tuple[Word, ...]:
    """Words that were given, in seconds from the start of the stretch."""
    given: Sequence[Word] = recording.words or ()
    words = [shifted(word, -start) for word in given] if start else list(given)
    before = 0.0
    for number, word in enumerate(words):
        where = f"{recording.title}: word {number + 1} ({word.word!r}, {word.start:.3f}-{word.end:.3f} s)"
        if not word.end > word.start or word.start < before - 1e-9:
            raise UnusableAlignmentError("words overlap or run backwards", where)
        if word.start < -1e-9 or word.start >= duration or word.end > duration + END_TOLERANCE:
            raise UnusableAlignmentError("words outside of the audio", f"{where}, which lasts {duration:.3f} s")
        before = word.end
    return tuple(words)
