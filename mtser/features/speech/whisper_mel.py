"""Whisper's log-mel spectrogram."""

from functools import lru_cache

import torch
from torch import Tensor
from torchaudio.functional import melscale_fbanks

from mtser.audio import SAMPLE_RATE

HOP = 160
SAMPLES = 30 * SAMPLE_RATE
_WINDOW = 400
_LEAST = 1e-10
_RANGE = 8.0  # powers of ten below the loudest


def whisper_mel(waveform: Tensor, n_mel: int, n_samples: int = SAMPLES) -> Tensor:
    """The log-mel spectrogram of up to 30 seconds, silence behind them.

    Hann window of 25 ms every 10 ms, centred on 0, 10, 20 ms ...; power spectrum; ``n_mel`` triangular filters on
    Slaney's scale; log10, cut 8 below the loudest; (x + 4) / 4. (Radford et al., "Robust Speech Recognition via
    Large-Scale Weak Supervision", 2022, and the published code.) Only the sound is computed, not the silence.

    Parameters
    ----------
    waveform
        float32 ``[samples]`` at 16 kHz, at most 30 s.
    n_mel
        Mel bands: 80, in the newest models 128.
    n_samples
        With the silence; a multiple of 320. Whisper was trained on 30 s.

    Returns
    -------
    Tensor
        float32 ``[n_mel, n_samples / 160]``, where the waveform is.

    Example
    -------
    >>> whisper_mel(torch.ones(16000), 80).shape
    torch.Size([80, 3000])
    """
    filters, window = (one.to(waveform.device) for one in _filters(n_mel))
    n_heard = min(-(-(len(waveform) + _WINDOW) // HOP) * HOP, n_samples)  # behind them every frame is silent
    padded = waveform.new_zeros(n_heard)
    padded[: len(waveform)] = waveform
    spectrum = torch.stft(padded, _WINDOW, HOP, window=window, return_complex=True)[:, :-1].contiguous()
    mel = waveform.new_full((n_mel, n_samples // HOP), _LEAST)
    mel[:, : spectrum.shape[1]] = (filters @ spectrum.abs() ** 2).clamp(min=_LEAST)
    logarithms = mel.log10_()
    return torch.maximum(logarithms, logarithms.max() - _RANGE).add_(4.0).div_(4.0)


@lru_cache
def _filters(n_mel: int) -> tuple[Tensor, Tensor]:
    scale = {"norm": "slaney", "mel_scale": "slaney"}
    filters = melscale_fbanks(_WINDOW // 2 + 1, 0.0, SAMPLE_RATE / 2, n_mel, SAMPLE_RATE, **scale)
    return filters.T.contiguous(), torch.hann_window(_WINDOW)
