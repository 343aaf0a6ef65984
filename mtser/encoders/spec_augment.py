"""SpecAugment: spans of time and bands of features are hidden in training (Park et al. 2019)."""

import numpy as np
import torch
from torch import Tensor, nn

from mtser.checks import check_number, check_whole_number
from mtser.ragged import Ragged


class SpecAugment(nn.Module):
    """Sets spans of frames and bands of their numbers to zero, which is the mean of normalised frames.

    Source: Park et al., "SpecAugment: A Simple Data Augmentation Method for Automatic Speech Recognition", Interspeech
    2019, without its time warping. A span is at most ``time_share`` of an utterance, so that short ones are not wiped
    out. Of MFCC a band is of neighbouring coefficients, and goes through deltas and accelerations alike (``n_parts``).

    Parameters
    ----------
    time_masks
        Spans an utterance.
    time_width
        Frames of a span at most; its width is drawn from 0 to this, its place from all that it fits in.
    time_share
        Of an utterance's frames, for a span, at most.
    feature_masks
        Bands an utterance.
    feature_width
        Numbers of a band at most.
    n_parts
        Equal parts of a frame that are masked alike: 3 of coefficients, deltas and accelerations; 1 of a spectrogram.

    Notes
    -----
    Everything is drawn from PyTorch's CPU generator, whose state is a part of every checkpoint. Frames of an utterance
    are those of its words, one word behind the other.

    Example
    -------
    >>> _ = torch.manual_seed(0)
    >>> frames = Ragged(torch.ones(10, 39), np.array([4, 6]))
    >>> hidden = SpecAugment(time_masks=1, time_width=3, time_share=1.0)(frames, np.array([2]))
    >>> hidden.values.shape, bool((hidden.values == 0).any())
    (torch.Size([10, 39]), True)
    """

    def __init__(
        self,
        *,
        time_masks: int = 2,
        time_width: int = 20,
        time_share: float = 0.2,
        feature_masks: int = 1,
        feature_width: int = 2,
        n_parts: int = 3,
    ) -> None:
        super().__init__()
        for name in ("time_masks", "time_width", "feature_masks", "feature_width"):
            check_whole_number(f"{name} of SpecAugment", locals()[name], least=0)
        check_number("time_share of SpecAugment", time_share, most=1.0)
        check_whole_number("n_parts of SpecAugment", n_parts)
        self.time_masks, self.time_width, self.time_share = time_masks, time_width, time_share
        self.feature_masks, self.feature_width, self.n_parts = feature_masks, feature_width, n_parts

    def forward(self, frames: Ragged, n_rows: np.ndarray) -> Ragged:
        """Hide parts of a batch, in training only.

        Parameters
        ----------
        frames
            ``values [frames, dim]``, one row a word (or an utterance).
        n_rows
            ``[utterances]``: rows of each utterance.

        Returns
        -------
        Ragged
            The same frames, some numbers of them zero.
        """
        if not self.training:
            return frames
        owner = np.repeat(np.arange(len(n_rows)), n_rows)  # of a row
        lengths = np.bincount(owner, weights=frames.lengths, minlength=len(n_rows)).astype(np.int64)
        utterance = torch.from_numpy(np.repeat(np.arange(len(n_rows)), lengths))
        place = torch.from_numpy(np.arange(len(utterance)) - np.repeat(np.cumsum(lengths) - lengths, lengths))
        hidden = self._spans(torch.from_numpy(lengths))  # [utterances, masks, 2]
        in_time = ((place[:, None] >= hidden[utterance, :, 0]) & (place[:, None] < hidden[utterance, :, 1])).any(1)
        masked = in_time[:, None] | self._bands(len(n_rows), frames.values.shape[1])[utterance]
        return Ragged(frames.values.masked_fill(masked.to(frames.values.device), 0.0), frames.lengths)

    def _spans(self, lengths: Tensor) -> Tensor:
        """Where each span begins and ends: ``[utterances, time_masks, 2]``."""
        most = (lengths * self.time_share).floor().clamp(max=self.time_width)[:, None]
        return _drawn(most, lengths[:, None], self.time_masks)

    def _bands(self, n_utterances: int, dimension: int) -> Tensor:
        """``[utterances, dimension]``: which numbers of a frame are hidden."""
        size = dimension // self.n_parts if dimension % self.n_parts == 0 else dimension
        most = torch.full((n_utterances, 1), min(self.feature_width, size))
        bands = _drawn(most, torch.full((n_utterances, 1), size), self.feature_masks)
        number = torch.arange(size)[None, :, None]
        inside = ((number >= bands[:, None, :, 0]) & (number < bands[:, None, :, 1])).any(2)
        return inside.repeat(1, dimension // size)


def _drawn(most: Tensor, lengths: Tensor, n_masks: int) -> Tensor:
    """Spans of 0 to ``most`` items within ``lengths``: their begins and ends, ``[rows, n_masks, 2]``."""
    draws = torch.rand(2, len(lengths), n_masks)
    width = (draws[0] * (most + 1)).floor().minimum(most.float())
    begin = (draws[1] * (lengths - width + 1)).floor().minimum(lengths - width)
    return torch.stack([begin, begin + width], dim=2)
