"""What models say about recordings that were prepared, as answers for people."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mtser.features.waveform_source import WaveformSource
from mtser.inference.ensemble import Ensemble
from mtser.inference.explanation import explain as explain_utterance
from mtser.inference.listener import Heard, shifted
from mtser.inference.preparing import Prepared, failure
from mtser.inference.recognition import Recognition, WordEvidence
from mtser.inference.recordings import FailedRecording


class Judge:
    """Lets models judge.

    Parameters
    ----------
    ensemble
        The models.
    """

    def __init__(self, ensemble: Ensemble) -> None:
        self.ensemble = ensemble

    def answers(
        self, some: Sequence[Prepared | FailedRecording], explain: bool
    ) -> Iterator[Recognition | FailedRecording]:
        """Those of one batch; if it fails, each alone."""
        good = [one for one in some if not isinstance(one, FailedRecording)]
        try:
            judged: Iterator[Recognition | FailedRecording] = iter(list(self.recognitions(good, explain)))
        except Exception as error:
            if len(good) > 1:
                for one in some:
                    yield from [one] if isinstance(one, FailedRecording) else self.answers([one], explain)
                return
            judged = iter([failure(good[0].heard.recording, error)])
        for one in some:
            yield one if isinstance(one, FailedRecording) else next(judged)

    def recognitions(self, some: Sequence[Prepared], explain: bool) -> Iterator[Recognition]:
        """One for each, in their order."""
        spoken = [one for one in some if one.heard.words]
        told = iter(self._told(spoken, explain))
        for one in some:
            yield next(told) if one.heard.words else self._nothing_said(one.heard)

    def _told(self, some: Sequence[Prepared], explain: bool) -> list[Recognition]:
        if not some:
            return []
        if explain:
            return [self._explained(one.heard, one.source) for one in some]
        source = WaveformSource.joined([one.source for one in some])
        utterances = [self.ensemble.utterance(one.heard, id) for one, id in zip(some, source.ids, strict=True)]
        found = self.ensemble.probabilities(self.ensemble.batches(utterances, source))
        return [
            self._recognition(
                one.heard, row, [WordEvidence(shifted(word, one.heard.start)) for word in one.heard.words]
            )
            for one, row in zip(some, found, strict=True)
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
        if len(heard.words) == 1 and self.ensemble.normalises_words:
            warnings.append("The model hears words relative to the mean of all; of a single word it hears nothing.")
        return Recognition(
            heard.recording.title,
            heard.start,
            heard.start + heard.seconds,
            dict(zip(self.ensemble.classes, row.tolist(), strict=True)),
            tuple(words),
            heard.text,
            heard.transcribed_by,
            heard.aligned_by,
            warnings=tuple(warnings),
            **more,
        )

    def _nothing_said(self, heard: Heard) -> Recognition:
        n = len(self.ensemble.classes)
        return self._recognition(
            heard,
            np.full(n, 1 / n),
            (),
            ("No words were found, so the model has nothing to judge by: all emotions are told as equally probable.",),
        )
