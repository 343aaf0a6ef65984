"""A pretrained encoder of speech that is trained with the model."""

import numpy as np
import torch
from torch import Tensor

from mtser.encoders.batch import Batch
from mtser.encoders.fine_tuning import FineTuning
from mtser.encoders.tuned import TunedEncoder, apart
from mtser.features.live_inputs import Sound, WordTimes
from mtser.features.means import UtteranceMeans, WordMeans
from mtser.features.pretrained_speech import PretrainedSpeech
from mtser.features.speech import windowed_states
from mtser.features.waveforms import FULL_SCALE
from mtser.features.word_input import WordFrames
from mtser.ragged import Ragged


class TunedSpeech(TunedEncoder):
    """Sound → frames → what ``features`` makes of them, by the same rules as from the store.

    Parameters
    ----------
    features
        In whose place it is.
    extractor
        Of these features: which model, and which layers.
    how
        What is trained.
    """

    def __init__(
        self, features: WordFrames | WordMeans | UtteranceMeans, extractor: PretrainedSpeech, how: FineTuning
    ) -> None:
        speech, choice = apart(extractor.to_be_trained)
        super().__init__(speech.network, speech.layers, max(choice.numbers), speech.untrained, how)
        self._speech, self._choice = speech, choice
        self._features = features
        self._batch_seconds = how.batch_seconds
        self._augment = how.augment
        self.sound, self.times = Sound(extractor), WordTimes()
        self.inputs = (self.sound, self.times)

    def forward(self, batch: Batch) -> Ragged:
        """The rows of a batch."""
        sound = batch[self.sound]
        times = batch[self.times].values.cpu().numpy()
        waveforms = [_as_float(one) for one in sound.values.split(sound.lengths.tolist())]
        if self._augment is not None and self.training:
            waveforms, speeds = self._augment(waveforms)
            times = times / np.repeat(speeds, batch.n_words)[:, None]
        prepared = [self._speech.prepared_tensor(one) for one in waveforms]
        frames, n_frames = [], np.zeros(len(prepared), np.int64)
        for row, first, last, layers in windowed_states(self._speech, prepared, self._batch_seconds):
            frames.append(self._choice.kept(layers).flatten(1).float())
            n_frames[row] += last - first
        return self._features.of_frames(Ragged(torch.cat(frames), n_frames), batch.n_words, times)


def _as_float(samples: Tensor) -> Tensor:
    return samples if samples.is_floating_point() else samples.float() / FULL_SCALE
