"""Augmentation of sound in training: speed, noise, dropped frequencies and stretches, by SpeechBrain's augmenters."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mtser.audio import SAMPLE_RATE
from mtser.checks import check_number, check_whole_number
from mtser.errors import ConfigError

_SPEEDS = (50, 200)  # percent; speech outside of it is another thing


class WaveAugment:
    """Changes each utterance of a batch by itself; nothing of it is kept.

    Parameters
    ----------
    speeds
        In percent; one is drawn for each utterance (Ko et al., "Audio augmentation for speech recognition", Interspeech
        2015). [100] for none. The times of words go with it.
    noise
        Share of the utterances that get white noise.
    snr
        Its level: the ratio of signal to noise in decibels is drawn from these two on.
    drop_frequencies
        Share of the utterances that lose one to three narrow bands of frequencies.
    drop_chunks
        Share of the utterances of which one to three stretches of up to ``chunk_seconds`` become silent.
    chunk_seconds
        The longest.

    Raises
    ------
    ConfigError
        If a value makes no sense.

    Notes
    -----
    Everything is drawn from PyTorch's generator, whose state is a part of every checkpoint.

    Example
    -------
    >>> _ = torch.manual_seed(0)
    >>> (slower,), speeds = WaveAugment(speeds=[90], noise=0.0)([torch.ones(900)])
    >>> len(slower), speeds
    (1000, [0.9])
    """

    def __init__(
        self,
        *,
        speeds: Sequence[int] = (90, 100, 110),
        noise: float = 0.5,
        snr: Sequence[float] = (10.0, 30.0),
        drop_frequencies: float = 0.0,
        drop_chunks: float = 0.0,
        chunk_seconds: float = 0.1,
    ) -> None:
        from speechbrain.augment.time_domain import AddNoise, DropChunk, DropFreq, SpeedPerturb

        for name, share in (("noise", noise), ("drop_frequencies", drop_frequencies), ("drop_chunks", drop_chunks)):
            check_number(f"{name} of the augmentation of waves", share, most=1.0)
        check_number("chunk_seconds of the augmentation of waves", chunk_seconds, most=10.0)
        for speed in speeds:
            check_whole_number("a speed of the augmentation of waves", speed)
        if not speeds or not all(_SPEEDS[0] <= speed <= _SPEEDS[1] for speed in speeds):
            raise ConfigError(f"speeds are {list(speeds)}; they have to be percentages from 50 to 200, [100] for none.")
        if len(snr) != 2 or not -20 <= snr[0] <= snr[1] <= 100:
            raise ConfigError(f"snr is {list(snr)}; it has to be the lowest and the highest ratio in decibels.")
        longest = max(1, round(chunk_seconds * SAMPLE_RATE))
        self._shares = {"noise": noise, "frequencies": drop_frequencies, "chunks": drop_chunks}
        self._speeds = list(speeds)
        self._speed = {one: SpeedPerturb(SAMPLE_RATE, [one]) for one in self._speeds}
        self._noise = AddNoise(snr_low=snr[0], snr_high=snr[1])
        self._frequencies = DropFreq()
        self._chunks = DropChunk(drop_length_low=max(1, longest // 10), drop_length_high=longest)

    @torch.no_grad()
    def __call__(self, waveforms: list[Tensor]) -> tuple[list[Tensor], list[float]]:
        """Change some utterances.

        Parameters
        ----------
        waveforms
            float32 ``[samples]`` at 16 kHz each.

        Returns
        -------
        tuple
            The changed ones, and how fast each is: a word that began at ``t`` seconds now begins at ``t / speed``.
        """
        changed, speeds = [], []
        for waveform in waveforms:
            speed = self._speeds[int(torch.randint(len(self._speeds), (1,)))]
            changed.append(self._changed(waveform, speed))
            speeds.append(speed / 100)
        return changed, speeds

    def _changed(self, waveform: Tensor, speed: int) -> Tensor:
        with torch.autocast(waveform.device.type, enabled=False):
            one, whole = waveform[None], torch.ones(1, device=waveform.device)
            if speed != 100:
                perturb = self._speed[speed]
                perturb.device = waveform.device
                one = perturb(one)
            if self._drawn("noise"):
                one = self._noise(one, whole)
            if self._drawn("frequencies"):
                one = self._frequencies(one)
            if self._drawn("chunks"):
                one = self._chunks(one, whole)
        return one[0]

    def _drawn(self, kind: str) -> bool:
        share = self._shares[kind]
        return share > 0 and bool(torch.rand(1) < share)
