"""A spectrogram → one vector an utterance, by parallel filters of different shapes."""

from collections.abc import Sequence as Several

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mtser.encoders.audio import FrameEncoder
from mtser.encoders.batch import Batch
from mtser.errors import ConfigError
from mtser.features.utterance_input import UtteranceFrames
from mtser.sequence import Sequence, Sequences


class SpectrogramCNN(FrameEncoder):
    """Parallel convolutions over time and frequency, each pooled to two by two values a filter.

    Each shape of filter passes over the spectrogram alone; ReLU; the greatest value in each half of the bands and each
    half of the utterance; all of these, concatenated, through one linear map and ReLU.

    Parameters
    ----------
    features
        The frames of the utterance, as a spectrogram has them (:class:`~mtser.features.LogMel`).
    shapes
        Of the filters: bands × frames.
    n_filters
        Of each shape.
    stride
        By how many bands and frames a filter moves on.
    output_size
        Width of the utterance's vector.

    Notes
    -----
    Source: Yenigalla et al., "Speech Emotion Recognition Using Spectrogram & Phoneme Embedding", Interspeech 2018. The
    sizes are ours.

    Before and behind an utterance the filters see zeros (the mean of the training part), whatever else is in the batch,
    and places behind its end are not pooled; the halves are those of the utterance itself. So it gives the same alone
    and in a batch.

    Example
    -------
    >>> from mtser.features import LogMel
    >>> SpectrogramCNN(UtteranceFrames(LogMel(n_mel=64))).output_size
    100
    """

    reads, reads_frames = "utterance", True

    def __init__(
        self,
        features: UtteranceFrames,
        *,
        shapes: Several[Several[int]] = ((6, 8), (9, 12), (12, 16), (15, 20)),
        n_filters: int = 32,
        stride: tuple[int, int] = (4, 8),
        output_size: int = 100,
    ) -> None:
        super().__init__(features)
        if too_high := [bands for bands, _ in shapes if bands > self.frame_size]:
            raise ConfigError(
                f"a filter is {too_high[0]} bands high, but the spectrogram has {self.frame_size}; choose lower shapes."
            )
        self.filters = nn.ModuleList(
            nn.Conv2d(1, n_filters, (bands, frames), stride=(stride[0], stride[1])) for bands, frames in shapes
        )
        self.linear = nn.Linear(len(shapes) * n_filters * 4, output_size)
        self.output_size = output_size

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, 1, output_size]``."""
        frames = self.frames(batch)
        grid = Sequence.from_rows(frames, "frame")
        spectrogram = grid.features.transpose(1, 2).unsqueeze(1)  # [batch, 1, bands, frames]
        pooled = [_pooled(filters, spectrogram, grid.lengths) for filters in self.filters]  # type: ignore[arg-type]
        return batch.vectors(torch.relu(self.linear(torch.cat(pooled, dim=1))))


def _pooled(filters: nn.Conv2d, spectrogram: Tensor, n_frames: Tensor) -> Tensor:
    """The greatest values of one shape's filters: ``[batch, filters × 4]``."""
    (_, width), (_, step) = filters.kernel_size, filters.stride
    found = filters(F.pad(spectrogram, ((width - 1) // 2, width - 1 - (width - 1) // 2)))
    n_bands, n_places = found.shape[2:]
    low, high = found[:, :, : (n_bands + 1) // 2].amax(2), found[:, :, n_bands // 2 :].amax(2)
    by_band = torch.stack([low, high], dim=2)  # [batch, filters, 2, places]
    own = ((n_frames + step - 1) // step).unsqueeze(1)  # places of each utterance
    place = torch.arange(n_places, device=found.device)
    first, second = place < (own + 1) // 2, (place >= own // 2) & (place < own)  # they share the one in the middle
    halves = [by_band.masked_fill(~half[:, None, None], -torch.inf).amax(3) for half in (first, second)]
    # The greatest value behind a ReLU is the ReLU of the greatest value.
    return torch.relu(torch.stack(halves, dim=3)).flatten(1)
