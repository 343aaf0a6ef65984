"""From what was heard to an answer with its explanation, in one step, so that a process of its own can take it."""

from dataclasses import replace

from mtser.inference.judging import Judge
from mtser.inference.listener import Heard
from mtser.inference.preparing import Preparer
from mtser.inference.recognition import Recognition


class Explainer:
    """Extracts features, judges, and takes out word by word; almost all of it holds Python's lock.

    Parameters
    ----------
    preparer, judge
        What does the two steps.
    """

    def __init__(self, preparer: Preparer, judge: Judge) -> None:
        self._preparer = preparer
        self._judge = judge

    def answer(self, heard: Heard) -> Recognition:
        """What the models say.

        Raises
        ------
        MtserError
            If there are no features.
        """
        return next(self._judge.recognitions([self._preparer.prepare(heard)], explain=True))


def easily_sent(heard: Heard) -> Heard:
    """The same for another process: without the file's bytes, or all samples of which it is a stretch."""
    return replace(heard, recording=replace(heard.recording, audio="", name=heard.recording.title, words=None))
