"""Frames → phones → words, with attention at each step: the hierarchy of WISE."""

import numpy as np
import torch
from torch import Tensor

from mtser.encoders.audio import FrameEncoder
from mtser.encoders.batch import Batch
from mtser.encoders.frame_attention import FrameAttention
from mtser.encoders.ragged_gru import RaggedGRU
from mtser.features.word_input import WordFrames
from mtser.features.word_phones import PhoneFrames
from mtser.pronunciation import Pronouncer
from mtser.ragged import Ragged
from mtser.sequence import Sequence, Sequences


class PhoneSpeech(FrameEncoder):
    """One acoustic vector a word, from vectors of its phones, from its frames.

    A GRU runs over the frames of each phone, and attention with a learned query makes the phone's vector of its states;
    a second GRU runs over the phones of each word, and attention likewise makes the word's. Both GRUs start anew in
    every row.

    Parameters
    ----------
    features
        The frames of the words.
    pronouncer
        For words without phones in the corpus; None for espeak-ng if it is installed (see
        :class:`~mtser.features.word_phones.PhoneFrames`).
    hidden_size
        Of both GRUs, and so of the word's vector.

    Notes
    -----
    Source: Shen et al., "WISE: Word-Level Interaction-Based Multimodal Fusion for Speech Emotion Recognition",
    Interspeech 2020. Its abstract says "a hierarchical representation of audio information from the frame, phoneme and
    word levels"; what each level is made of is our reading. A phone without frames adds nothing to its word.
    """

    reads = "word"

    def __init__(self, features: WordFrames, pronouncer: Pronouncer | None = None, hidden_size: int = 50) -> None:
        super().__init__(features)
        self.phones = PhoneFrames(features, pronouncer)
        self.inputs = (features, self.phones)
        self.frame_gru = RaggedGRU(self.frame_size, hidden_size)
        self.frame_attention = FrameAttention(hidden_size, query_size=None)
        self.phone_gru = RaggedGRU(hidden_size, hidden_size)
        self.phone_attention = FrameAttention(hidden_size, query_size=None)
        self.output_size = hidden_size

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, words, hidden_size]``."""
        frames, phones = self.frames(batch), batch[self.phones]
        n_frames = phones.values.cpu().numpy()
        heard = n_frames > 0
        n_phones = np.bincount(phones.row_of_item[heard], minlength=len(phones))
        vectors = _one_vector_a_row(self.frame_gru, self.frame_attention, Ragged(frames.values, n_frames[heard]))
        words = _one_vector_a_row(self.phone_gru, self.phone_attention, Ragged(vectors, n_phones))
        return batch.sequence(words)


def _one_vector_a_row(gru: RaggedGRU, attention: FrameAttention, rows: Ragged) -> Tensor:
    """``[rows, hidden_size]``."""
    states, order = gru(rows)
    row_of_state = torch.from_numpy(rows.row_of_item[order]).to(states.device, non_blocking=True)
    return attention(states, row_of_state, len(rows))
