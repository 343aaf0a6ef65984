"""A recording on its way through the aligner: the stretches of speech in it, and what comes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtser.aligning.outcome import Outcome
from mtser.aligning.recordings import Recording
from mtser.alignment import Spoken, Word
from mtser.alignment.split import split_words
from mtser.alignment.word_times import UnusableAlignmentError, share_evenly
from mtser.audio.index import AudioInfo
from mtser.audio.reading import UnusableAudioError
from mtser.transcription import Segment, Transcript


@dataclass(frozen=True, slots=True)
class Task:
    """A recording that shall be aligned.

    Parameters
    ----------
    recording
        Which.
    info
        What is known of its audio.
    parts
        What is aligned by itself: the whole recording, or each stretch of speech that was transcribed.
    segments
        What was transcribed; empty if nothing was.
    failure
        Why nobody knows what is said in it; None if somebody does.
    """

    recording: Recording
    info: AudioInfo
    parts: tuple[Spoken, ...]
    segments: tuple[Segment, ...] = ()
    failure: UnusableAlignmentError | None = None

    def judged(
        self, results: Sequence[tuple[Word, ...] | UnusableAlignmentError], even: bool, seconds: float | None
    ) -> tuple[Outcome, tuple[Word, ...]]:
        """What came of it, and its words.

        Parameters
        ----------
        results
            One for each of ``parts``.
        even
            Whether parts that failed have their time shared out.
        seconds
            How long it took; None if it was known from before.
        """
        errors = [found for found in results if isinstance(found, UnusableAlignmentError)]
        words: list[Word] = []
        for part, found in zip(self.parts, results, strict=True):
            if not isinstance(found, UnusableAlignmentError):
                words += found
            elif even and not self.info.problem:
                words += _shared(part, self.info.duration)
        if self.failure is not None:
            errors.append(self.failure)
        elif not self.parts:
            errors.append(UnusableAlignmentError("no speech", f"{self.recording.path}: nobody was heard"))
        if not errors:
            status = "aligned"
        elif not words:
            status = "failed"
        else:
            status = "even" if even else "partly"
        reason, detail = (errors[0].reason, errors[0].detail) if errors else ("", "")
        return Outcome(self.recording, status, reason, detail, self.info.duration, len(words), seconds), tuple(words)


def task_of(
    recording: Recording, info: AudioInfo, heard: Transcript | UnusableAudioError | None, language: str
) -> Task:
    """Divide a recording into what is aligned by itself.

    Parameters
    ----------
    recording, info
        As of :class:`Task`.
    heard
        What was transcribed, or why it cannot be; None if its text is known, or nobody had to tell.
    language
        Of a text that is known.
    """
    if recording.problem:
        return Task(recording, info, (), failure=UnusableAlignmentError("unreadable transcript", recording.problem))
    if isinstance(heard, UnusableAudioError):
        detail = f"{recording.path}: {heard.detail}"
        return Task(recording, info, (), failure=UnusableAlignmentError(heard.problem, detail))
    if heard is None:
        return Task(recording, info, (Spoken(recording.path, recording.text or "", language),))
    parts = tuple(Spoken(recording.path, one.text, heard.language, one.start, one.end) for one in heard.segments)
    return Task(replace(recording, source=heard.recogniser), info, parts, heard.segments)


def _shared(part: Spoken, duration: float) -> list[Word]:
    end = duration if part.end is None else min(part.end, duration)
    shared = share_evenly(split_words(part.text, part.language), end - part.start)
    return [Word(word.word, word.start + part.start, word.end + part.start) for word in shared]
