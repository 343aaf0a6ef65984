"""Recordings of any length through a model, all cores busy, few in memory."""

import dataclasses
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mtser.audio import SAMPLE_RATE, audio_duration, stream_audio
from mtser.errors import MtserError
from mtser.inference.listener import shifted
from mtser.inference.recognition import Recognition
from mtser.inference.recordings import FailedRecording, Recording
from mtser.prediction.failure import Failure, of_error, of_failed
from mtser.prediction.prediction import Prediction
from mtser.prediction.sources import Source
from mtser.prediction.times import in_recording, turns_of_words, words_of_turn
from mtser.prediction.turns import FindSpeech, Turn, cut_at_pauses

LONGEST = 20.0
"""Seconds: a longer recording is cut into turns. Utterances that models learn from last some seconds."""
LONGEST_WITH_TEXT = 600.0
"""Seconds: words that are given can be found in so much speech at once."""


class Recognizer(Protocol):
    """What a predictor needs of :class:`~mtser.inference.EmotionRecognizer`."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The emotions, in the order of the probabilities."""

    def recognize_many(
        self, recordings: Iterable[Recording], *, explain: bool = True, n_jobs: int | None = None
    ) -> Iterator[Recognition | FailedRecording]:
        """One result for each recording, in their order."""


@dataclass
class _Job:
    """A recording on its way."""

    source: Source
    duration: float = 0.0
    was_cut: bool = False
    turns: list[Recognition] = field(default_factory=list)
    left_out: list[tuple[float, float, str]] = field(default_factory=list)
    error: Failure | None = None
    aligned_by: str | None = None


@dataclass(frozen=True)
class _Awaited:
    """A turn that was handed to the model; without a turn, the end of a job."""

    job: _Job
    turn: Turn | None = None
    whole: bool = False


class Predictor:
    """Judges recordings; long ones turn by turn.

    Parameters
    ----------
    recognizer
        An :class:`~mtser.inference.EmotionRecognizer`.
    longest
        Longer recordings are cut into turns of at most so many seconds; 0 to cut none.
    find_speech
        Samples → stretches of speech; default: :func:`mtser.transcription.pauses.speech_segments`.
    n_jobs
        Recordings at once; default: as many as there are cores.
    explain
        Whether to find out how much each word counted.
    language
        Of the speech, an ISO 639-1 code; None for that of the corpus that the model learned from.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        *,
        longest: float = LONGEST,
        find_speech: FindSpeech | None = None,
        n_jobs: int | None = None,
        explain: bool = True,
        language: str | None = None,
    ) -> None:
        self.recognizer = recognizer
        self.longest = longest
        self.n_jobs = n_jobs
        self.explain = explain
        self.language = language
        self._find_speech = find_speech
        self.on_turn: Callable[[float], object] = lambda end: None
        """Called with the end of each turn that was judged, in seconds."""

    def predict(self, sources: Iterable[Source]) -> Iterator[Prediction | Failure]:
        """Judge recordings, one after the other.

        Parameters
        ----------
        sources
            Taken one by one, a few ahead of what is returned.

        Yields
        ------
        Prediction or Failure
            One for each source, in their order. A recording that cannot be judged is a failure with its reason; the
            others go on.
        """
        awaited: deque[_Awaited] = deque()
        results = self.recognizer.recognize_many(
            self._recordings(sources, awaited), explain=self.explain, n_jobs=self.n_jobs
        )
        for result in results:
            while awaited[0].turn is None and not awaited[0].whole:
                yield self._ended(awaited.popleft().job)
            one = awaited.popleft()
            self._take(one, result)
            if one.whole:
                yield self._ended(one.job)
        while awaited:
            yield self._ended(awaited.popleft().job)

    def predict_one(self, source: Source) -> Prediction:
        """Judge one recording.

        Raises
        ------
        MtserError
            If it cannot be judged.
        """
        (found,) = self.predict([source])
        if isinstance(found, Failure):
            raise MtserError(f"{found}.")
        return found

    def _recordings(self, sources: Iterable[Source], awaited: deque[_Awaited]) -> Iterator[Recording]:
        """What the model is given; what it stands for goes into ``awaited``."""
        for source in sources:
            job = _Job(source)
            try:
                audio = self._if_short(job)
                if audio is not None:
                    awaited.append(_Awaited(job, whole=True))
                    yield self._recording(audio, source.name, text=source.text)
                    continue
                job.was_cut = True
                for turn in self._turns(job):
                    awaited.append(_Awaited(job, turn))
                    yield self._recording(turn.samples, source.name, words=words_of_turn(turn))
                    job.duration = max(job.duration, turn.end)
            except MtserError as error:
                job.error = of_error(source.name, error)
            awaited.append(_Awaited(job))

    def _if_short(self, job: _Job) -> Path | bytes | np.ndarray | None:
        """What is judged as a whole; None for what has to be cut."""
        source = job.source
        job.duration = audio_duration(source.audio, source.name)
        if not self.longest or 0 < job.duration <= self.longest:
            return source.audio
        if job.duration:
            return None
        # No stated length: it is empty, or a browser recorded it. A piece that is shorter than asked for is all of it.
        pieces = stream_audio(source.audio, source.name, seconds=math.ceil(self.longest) + 1)
        first = next(pieces, np.zeros(0, np.float32))
        if not len(first):
            return source.audio
        return first if len(first) <= self.longest * SAMPLE_RATE else None

    def _turns(self, job: _Job) -> Iterator[Turn]:
        source = job.source
        if source.text is None:
            yield from cut_at_pauses(stream_audio(source.audio, source.name), self._speech(), self.longest)
            return
        if job.duration > LONGEST_WITH_TEXT:
            raise MtserError(
                f"text of a long recording (it lasts {job.duration / 60:.0f} minutes; words can be found in at most "
                f"{LONGEST_WITH_TEXT / 60:.0f}: cut it, or leave out the text to have it transcribed)"
            )
        samples = np.concatenate(list(stream_audio(source.audio, source.name)))
        whole = self._recording(samples, source.name, text=source.text)
        (found,) = self.recognizer.recognize_many([whole], explain=False, n_jobs=1)
        if isinstance(found, FailedRecording):
            job.error = of_failed(source.name, found)
            return
        job.aligned_by = found.aligned_by
        yield from turns_of_words([one.word for one in found.words], samples, 0.0, self.longest)

    def _take(self, awaited: _Awaited, result: Recognition | FailedRecording) -> None:
        job, turn = awaited.job, awaited.turn
        self.on_turn(turn.end if turn else 0.0)
        if turn is None:
            if isinstance(result, FailedRecording):
                job.error = of_failed(job.source.name, result)
            else:
                job.turns.append(result)
        elif isinstance(result, FailedRecording):
            job.left_out.append((turn.start, turn.end, of_failed(job.source.name, result).sentence))
        elif not result.words:
            job.left_out.append((turn.start, turn.end, "no words were found"))
        elif turn.words is None and turn.end - turn.start > self.longest and len(result.words) > 1:
            self._judge_parts(job, turn, result)
        else:
            found = in_recording(result, job.source.name, turn)
            job.turns.append(dataclasses.replace(found, aligned_by=found.aligned_by or job.aligned_by))

    def _judge_parts(self, job: _Job, turn: Turn, whole: Recognition) -> None:
        """Judge speech that has no pause anew, in parts that its words allow."""
        words = [shifted(one.word, turn.start) for one in whole.words]
        parts = list(turns_of_words(words, turn.samples, turn.start, self.longest))
        named = [self._recording(one.samples, job.source.name, words=words_of_turn(one)) for one in parts]
        results = self.recognizer.recognize_many(named, explain=self.explain, n_jobs=self.n_jobs)
        for part, result in zip(parts, results, strict=True):
            if isinstance(result, Recognition):
                found = (whole.transcribed_by, whole.aligned_by)
                result = dataclasses.replace(result, transcribed_by=found[0], aligned_by=found[1])
            self._take(_Awaited(job, part), result)

    def _ended(self, job: _Job) -> Prediction | Failure:
        name = job.source.name
        if job.error is not None and not job.turns:
            return job.error
        if job.error is not None:  # damaged somewhere: what is before that is not lost
            end = job.turns[-1].end
            job.left_out.append((end, max(end, job.duration), job.error.sentence))
        if not job.turns and not job.left_out:
            return Failure(name, "no speech", f"none was found in {job.duration:.1f} s")
        if not job.turns:
            return Failure(name, "no turn could be judged", job.left_out[0][2])
        duration = job.duration if job.was_cut else job.turns[0].end - job.turns[0].start
        return Prediction(name, duration, tuple(job.turns), job.was_cut, tuple(job.left_out))

    def _recording(self, audio: Path | bytes | np.ndarray, name: str, **said: Any) -> Recording:
        rate = SAMPLE_RATE if isinstance(audio, np.ndarray) else None
        return Recording(audio, name=name, rate=rate, language=self.language, **said)

    def _speech(self) -> FindSpeech:
        if self._find_speech is None:
            from mtser.transcription.pauses import speech_segments

            # Turns are made here, so all that counts is where somebody speaks.
            self._find_speech = partial(speech_segments, least_pause=0.2, longest=86400.0, margin=0.0)
        return self._find_speech
