"""Emotions of new recordings, by a trained model."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from mtser.alignment.aligner import Aligner
from mtser.alignment.word import Word
from mtser.apart import Apart, Processes
from mtser.cores import n_cores
from mtser.errors import ConfigError
from mtser.inference.ensemble import Ensemble
from mtser.inference.explainer import Explainer, easily_sent
from mtser.inference.hub import find_folder
from mtser.inference.judging import Judge
from mtser.inference.listener import Listener
from mtser.inference.members import load_run
from mtser.inference.preparing import Prepared, Preparer, failure
from mtser.inference.pretrained_folder import read_pretrained
from mtser.inference.recognition import Recognition
from mtser.inference.recordings import FailedRecording, Recording
from mtser.parallel import parallel_map
from mtser.progress_bar import progress_bar
from mtser.transcription.transcriber import Transcriber

Answer = TypeVar("Answer")

_BATCH = 16  # recordings; explained ones, each a batch of its own, one by one: threads would wait for all of them
_AHEAD = 4  # recordings a thread: their samples are in memory
_LITTLE = 5.0  # seconds of work before processes are started; each imports PyTorch and loads the models


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
        self._preparer = Preparer(ensemble)
        self._judge = Judge(ensemble)
        self._processes: Processes | None = None
        self._explainer: Apart | None = None

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
        prepared = self.prepare(Recording(audio, text, words, name, rate=rate, language=language))
        return next(self._judge.recognitions([prepared], explain))

    def prepare(self, recording: Recording) -> Prepared:
        """Read a recording, find its words, extract features: all but judging.

        Raises
        ------
        AudioError, AlignmentError, FeatureError
            As :meth:`recognize`.
        """
        return self._preparer.prepare(self.listener.hear(recording))

    def recognize_many(
        self,
        recordings: Iterable[Recording | str | Path],
        *,
        explain: bool = True,
        n_jobs: int | None = None,
        progress: bool = False,
    ) -> Iterator[Recognition | FailedRecording]:
        """Recognise many recordings, one by one as they are asked for: memory does not grow with their number.

        Parameters
        ----------
        recordings
            Any number, or paths of files; they are read as they are needed.
        explain
            As for :meth:`recognize`.
        n_jobs
            Threads that read, transcribe, align and extract features; None for one a core. What holds Python's lock
            (pocketsphinx, and with ``explain`` the models, if they are small and no GPU is used) gets as many
            processes, once there are some seconds of it.
        progress
            Show a progress bar.

        Yields
        ------
        Recognition or FailedRecording
            In the order of ``recordings``.
        """
        n_jobs = n_jobs or n_cores()
        if n_jobs > 1:
            self._spread(n_jobs)
        total = len(recordings) if isinstance(recordings, Sequence) else None
        with progress_bar(show=progress, total=total, desc="Recognising", unit="recording") as bar:
            for answer in self._answers(map(_as_recording, recordings), explain, n_jobs):
                bar.update(1)
                yield answer

    def _spread(self, n_jobs: int) -> None:
        """Have so many processes, which start when they are needed."""
        if self._processes is None:
            self._processes = Processes(n_jobs, _LITTLE)
            self._explainer = Apart(Explainer(self._preparer, self._judge), self._processes)
            self.listener.spread(self._processes)
        self._processes.resize(n_jobs)

    def _answers(
        self, recordings: Iterable[Recording], explain: bool, n_jobs: int
    ) -> Iterator[Recognition | FailedRecording]:
        if explain and n_jobs > 1 and self.ensemble.may_be_copied:
            yield from parallel_map(partial(_or_failure, self._explained_apart), recordings, n_jobs, _AHEAD)
            return
        found = parallel_map(partial(_or_failure, self.prepare), recordings, n_jobs, _AHEAD)
        while some := list(islice(found, 1 if explain else _BATCH)):
            yield from self._judge.answers(some, explain)

    def _explained_apart(self, recording: Recording) -> Recognition:
        assert self._explainer is not None
        answer: Recognition = self._explainer.call("answer", easily_sent(self.listener.hear(recording)))
        return answer


def _or_failure(function: Callable[[Recording], Answer], recording: Recording) -> Answer | FailedRecording:
    """What a function makes of a recording; one strange recording must not stop the others."""
    try:
        return function(recording)
    except Exception as error:
        return failure(recording, error)


def _as_recording(given: Recording | str | Path) -> Recording:
    if isinstance(given, str | Path):
        return Recording(given)
    if not isinstance(given, Recording):
        raise ConfigError(f"a {type(given).__name__} is no recording: give Recording(...), or the path of a file.")
    return given
