"""Energies of mel bands, as HTK and openSMILE compute them."""

import torch

from mtser.audio import SAMPLE_RATE

_HIGHEST = 8000.0  # hertz, the upper edge of the last band


class MelBands:
    """Frames of samples → energies of mel bands from 0 to 8000 Hz, in float64.

    A symmetric Hamming window, the power spectrum (zero-padded to the next power of two), triangular filters that are
    equidistant on ``mel = 1127 ln(1 + f/700)``, linear in mel, without the bins at 0 and 8000 Hz.

    Parameters
    ----------
    n_mel
        How many bands.
    frame_length
        In samples at 16 kHz.
    device
        Where to compute.

    Example
    -------
    >>> MelBands(26, 400, torch.device("cpu")).energies(torch.ones(3, 400, dtype=torch.float64)).shape
    torch.Size([3, 26])
    """

    def __init__(self, n_mel: int, frame_length: int, device: torch.device) -> None:
        self._n_fft = _n_fft(frame_length)
        self._window = torch.hamming_window(frame_length, periodic=False, dtype=torch.float64, device=device)
        self._filters = mel_filters(n_mel, self._n_fft).to(device)

    def energies(self, frames: torch.Tensor) -> torch.Tensor:
        """``[frames, frame_length]`` → ``[frames, n_mel]``."""
        spectrum = torch.fft.rfft(frames * self._window, self._n_fft)
        return (spectrum.abs() ** 2) @ self._filters


def n_bins(frame_length: int) -> int:
    """Bins of the spectrum of a frame; there may be no more bands than that.

    Example
    -------
    >>> n_bins(400)
    257
    """
    return 1 + _n_fft(frame_length) // 2


def mel_filters(n_mel: int, n_fft: int) -> torch.Tensor:
    """Triangular mel filters over a power spectrum at 16 kHz: float64 ``[n_fft // 2 + 1, n_mel]``.

    Example
    -------
    >>> mel_filters(26, 512).shape
    torch.Size([257, 26])
    """
    bins = _mel(torch.arange(n_fft // 2 + 1, dtype=torch.float64) * SAMPLE_RATE / n_fft)[:, None]
    edges = torch.linspace(0.0, float(_mel(torch.tensor(_HIGHEST, dtype=torch.float64))), n_mel + 2).double()
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    filters = torch.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)).clamp(min=0.0)
    filters[0] = filters[-1] = 0.0
    return filters


def _mel(hertz: torch.Tensor) -> torch.Tensor:
    return 1127.0 * torch.log1p(hertz / 700.0)


def _n_fft(frame_length: int) -> int:
    """The next power of two."""
    return 1 << (frame_length - 1).bit_length()
