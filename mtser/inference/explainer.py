"""From what was heard to an answer with its explanation, in one step, so that a process of its own can take it."""

from dataclasses import replace

from mtser.inference.ensemble import Ensemble
from mtser.inference.judging import Judge
from mtser.inference.listener import Heard
from mtser.inference.preparing import Preparer, failure
from mtser.inference.recognition import Recognition
from mtser.inference.recordings import FailedRecording


class Explainer:
    """Extracts features, judges, and takes out word by word; almost all of it holds Python's lock.

    Parameters
    ----------
    ensemble
        The models.
    """

    def __init__(self, ensemble: Ensemble) -> None:
        self._preparer = Preparer(ensemble)
        self._judge = Judge(ensemble)

    def answer(self, heard: Heard) -> Recognition | FailedRecording:
        """What the models say, or why they cannot."""
        try:
            return next(self._judge.recognitions([self._preparer.prepare(heard)], explain=True))
        except Exception as error:  # one strange recording must not stop the others
            return failure(heard.recording, error)


def easily_sent(heard: Heard) -> Heard:
    """The same for another process: without the file's bytes, or all samples of which it is a stretch."""
    return replace(heard, recording=replace(heard.recording, audio="", name=heard.recording.title, words=None))
