"""Emotions of new recordings, by a trained model."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mtser.alignment.aligner import Aligner
from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio.reading import UnusableAudioError
from mtser.cores import n_cores
from mtser.errors import FeatureError, MtserError
from mtser.features.extractor import UnusableFeaturesError
from mtser.features.text_extractor import TextExtractor
from mtser.features.waveform_source import WaveformSource
from mtser.inference.ensemble import Ensemble
from mtser.inference.explanation import explain as explain_utterance
from mtser.inference.hub import find_folder
from mtser.inference.listener import Heard, Listener, shifted
from mtser.inference.members import load_run
from mtser.inference.pretrained_folder import read_pretrained
from mtser.inference.recognition import Recognition, WordEvidence
from mtser.inference.recordings import FailedRecording, Recording
from mtser.parallel import parallel_map
from mtser.progress_bar import progress_bar
from mtser.transcription.transcriber import Transcriber

_BATCH = 16
_AHEAD = 4  # recordings a thread: their samples are in memory

Prepared = tuple[Heard, WaveformSource]


class EmotionRecognizer:
    """A trained model, and what it takes to bring a recording before it.

    It is made by :meth:`from_run` (your own run) or :meth:`from_pretrained` (a folder that ``mtser export`` wrote).

    Parameters
    ----------
    ensemble
        The models.
    listener
        Reads recordings, transcribes and aligns.

    Example
    -------
    >>> recognizer = EmotionRecognizer.from_run("results/full/mini/loso/seed_1")  # doctest: +SKIP
    >>> recognizer.recognize("call.wav", "I am so glad.").emotion  # doctest: +SKIP
    'happy'
    """

    def __init__(self, ensemble: Ensemble, listener: Listener | None = None) -> None:
        self.ensemble = ensemble
        self.listener = listener or Listener()
        self._language_models: dict[str, TextExtractor] = {}
        self._numbers = count()

    @property
    def classes(self) -> tuple[str, ...]:
        """The emotions, in their fixed order."""
        return self.ensemble.classes

    @classmethod
    def from_run(
        cls,
        folder: str | Path,
        *,
        fold: str | None = None,
        device: torch.device | str | None = None,
        transcriber: str | Transcriber | None = None,
        aligner: str | Aligner | None = None,
    ) -> "EmotionRecognizer":
        """From a run folder.

        Parameters
        ----------
        folder
            ``results/<system>/<corpus>/<protocol>/seed_<n>``.
        fold
            The model of one fold; None for all finished ones, whose probabilities are averaged. Each utterance of the
            corpus was training data of most of them: measure on others, or with the fold that was tested on it.
        device
            Where to compute; None for a GPU if there is one.
        transcriber, aligner
            What finds words and times, or its name; None for the usual ones.

        Raises
        ------
        ModelError
            See :func:`~mtser.inference.members.load_run`.
        """
        run = load_run(folder, fold)
        return cls(
            Ensemble(run.models, run.classes, run.max_words, device), Listener(transcriber, aligner, run.language)
        )

    @classmethod
    def from_pretrained(
        cls,
        name_or_folder: str | Path,
        *,
        allow: Sequence[str] = (),
        revision: str | None = None,
        device: torch.device | str | None = None,
        transcriber: str | Transcriber | None = None,
        aligner: str | Aligner | None = None,
    ) -> "EmotionRecognizer":
        """From a folder that ``mtser export`` wrote, or a name on the Hugging Face hub; nothing in it is run.

        Parameters
        ----------
        name_or_folder
            The folder, or the name on the hub ("someone/model").
        allow
            Dotted names of classes of yours (or of a package that you trust) that the model may be built of, and names
            of language models on the hub that it may ask for.
        revision
            On the hub: a branch, tag or commit.
        device, transcriber, aligner
            As for :meth:`from_run`.

        Raises
        ------
        ModelError
            If there is no such model, it is not whole, or its description asks for what is not allowed.
        """
        found = read_pretrained(find_folder(name_or_folder, revision), allow)
        return cls(
            Ensemble(found.models, found.classes, found.max_words, device),
            Listener(transcriber, aligner, found.language),
        )

    def recognize(
        self,
        audio: str | Path | bytes | np.ndarray,
        text: str | None = None,
        words: Sequence[Word] | None = None,
        *,
        rate: int | None = None,
        language: str | None = None,
        explain: bool = True,
        name: str | None = None,
    ) -> Recognition:
        """Recognise the emotion of one recording.

        Parameters
        ----------
        audio
            A file, the bytes of one, or samples (see :class:`~mtser.inference.recordings.Recording`).
        text
            What is said; None to have it transcribed.
        words
            What is said when, in seconds; None to have the times found.
        rate
            Of samples, in hertz.
        language
            Of the speech, an ISO 639-1 code; None for that of the corpus that the model learned from.
        explain
            Also tell how much each word counted, which takes one more pass of a larger batch.
        name
            Of the recording; default: its path.

        Raises
        ------
        AudioError
            If the audio cannot be used.
        AlignmentError
            If the words cannot be found in it.
        FeatureError
            If the model's features cannot be made of it.
        """
        prepared = self._prepare(Recording(audio, text, words, name, rate=rate, language=language))
        return next(self._judged([prepared], explain))

    def recognize_many(
        self,
        recordings: Iterable[Recording],
        *,
        explain: bool = True,
        n_jobs: int | None = None,
        progress: bool = False,
    ) -> Iterator[Recognition | FailedRecording]:
        """Recognise many recordings, one by one as they are asked for: memory does not grow with their number.

        Parameters
        ----------
        recordings
            Any number; they are read as they are needed.
        explain
            As for :meth:`recognize`.
        n_jobs
            Threads that read, transcribe, align and extract features; None for one a core. Transcription and alignment
            that hold Python's lock (pocketsphinx) get as many processes, once there are more than a few recordings.
        progress
            Show a progress bar.

        Yields
        ------
        Recognition or FailedRecording
            In the order of ``recordings``.
        """
        n_jobs = n_jobs or n_cores()
        self.listener.spread(n_jobs)
        found = parallel_map(self._prepare_or_fail, recordings, n_jobs, _AHEAD)
        total = len(recordings) if isinstance(recordings, Sequence) else None
        with progress_bar(show=progress, total=total, desc="Recognising", unit="recording") as bar:
            while some := list(islice(found, _BATCH)):
                for answer in self._answers(some, explain):
                    bar.update(1)
                    yield answer

    def _answers(
        self, some: Sequence[Prepared | FailedRecording], explain: bool
    ) -> Iterator[Recognition | FailedRecording]:
        """Those of one batch; if it fails, each alone."""
        good = [one for one in some if not isinstance(one, FailedRecording)]
        try:
            judged: Iterator[Recognition | FailedRecording] = iter(list(self._judged(good, explain)))
        except Exception as error:
            if len(good) > 1:
                for one in some:
                    yield from [one] if isinstance(one, FailedRecording) else self._answers([one], explain)
                return
            judged = iter([failure(good[0][0].recording, error)])
        for one in some:
            yield one if isinstance(one, FailedRecording) else next(judged)

    def _prepare(self, recording: Recording) -> Prepared:
        """What threads do: read, find the words, extract features."""
        heard = self.listener.hear(recording)
        id = str(next(self._numbers))
        words = [word.word for word in heard.words[: self.ensemble.max_words]]
        source = WaveformSource({id: heard.samples}, {id: words}, self._language_models)
        try:
            for extractor in self.ensemble.extractors if words else ():
                source.features(extractor)
        except UnusableFeaturesError as error:
            raise UnusableAudioError(recording.title, error.problem, error.detail, heard.seconds) from error
        except FeatureError as error:
            raise FeatureError(f"{recording.title}: {error}") from error
        return heard, source

    def _prepare_or_fail(self, recording: Recording) -> Prepared | FailedRecording:
        try:
            return self._prepare(recording)
        except Exception as error:  # one strange recording must not stop the others
            return failure(recording, error)

    def _judged(self, some: Sequence[Prepared], explain: bool) -> Iterator[Recognition]:
        spoken = [one for one in some if one[0].words]
        told = iter(self._told(spoken, explain))
        for heard, _ in some:
            yield next(told) if heard.words else self._nothing_said(heard)

    def _told(self, some: Sequence[Prepared], explain: bool) -> list[Recognition]:
        if not some:
            return []
        if explain:
            return [self._explained(heard, source) for heard, source in some]
        source = WaveformSource.joined([source for _, source in some])
        utterances = [self.ensemble.utterance(heard, id) for (heard, _), id in zip(some, source.ids, strict=True)]
        found = self.ensemble.probabilities(self.ensemble.batches(utterances, source))
        return [
            self._recognition(heard, row, [WordEvidence(shifted(word, heard.start)) for word in heard.words])
            for (heard, _), row in zip(some, found, strict=True)
        ]

    def _explained(self, heard: Heard, source: WaveformSource) -> Recognition:
        utterance = self.ensemble.utterance(heard, source.ids[0])
        found = explain_utterance(self.ensemble, utterance, source)
        words = [
            WordEvidence(
                shifted(word, heard.start),
                {name: float(shares[number]) for name, shares in found.attention.items() if number < len(shares)},
                {name: float(changes[number]) for name, changes in found.occlusion.items() if number < len(changes)},
            )
            for number, word in enumerate(heard.words)
        ]
        return self._recognition(
            heard, found.probabilities, words, found.warnings, between_words=dict(found.between_words)
        )

    def _recognition(
        self, heard: Heard, row: np.ndarray, words: Sequence[WordEvidence], warnings: Sequence[str] = (), **more: Any
    ) -> Recognition:
        warnings = [*heard.warnings, *warnings]
        if len(heard.words) > self.ensemble.max_words:
            warnings.append(
                f"The recording has {len(heard.words)} words; the model judged the first {self.ensemble.max_words}."
            )
        return Recognition(
            heard.recording.title,
            heard.start,
            heard.start + heard.seconds,
            dict(zip(self.classes, row.tolist(), strict=True)),
            tuple(words),
            heard.text,
            heard.transcribed_by,
            heard.aligned_by,
            warnings=tuple(warnings),
            **more,
        )

    def _nothing_said(self, heard: Heard) -> Recognition:
        n = len(self.classes)
        return self._recognition(
            heard,
            np.full(n, 1 / n),
            (),
            ("No words were found, so the model has nothing to judge by: all emotions are told as equally probable.",),
        )


def failure(recording: Recording, error: Exception) -> FailedRecording:
    """What an exception says about one recording."""
    if isinstance(error, UnusableAlignmentError):
        return FailedRecording(recording.title, error.reason, str(error))
    if isinstance(error, UnusableAudioError | UnusableFeaturesError):
        return FailedRecording(recording.title, error.problem, str(error))
    if isinstance(error, MtserError):
        return FailedRecording(recording.title, "cannot be recognised", str(error))
    return FailedRecording(recording.title, "cannot be recognised", f"{recording.title}: {error!r}")
