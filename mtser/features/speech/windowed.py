"""Whole utterances through an encoder of speech: what is longer than it reads at once goes in windows."""

from collections.abc import Iterator

from torch import Tensor

from mtser.audio import SAMPLE_RATE
from mtser.features.speech.model import SpeechModel
from mtser.features.windows import windows_of

Stretch = tuple[int, int, int, list[Tensor]]


def windowed_states(model: SpeechModel, waveforms: list[Tensor], batch_seconds: float) -> Iterator[Stretch]:
    """The states of some utterances, stretch by stretch, in their order.

    Parameters
    ----------
    model
        Loaded.
    waveforms
        float32 ``[samples]`` each, of at least one frame, prepared.
    batch_seconds
        Audio that is computed at once, padding included.

    Yields
    ------
    tuple
        Number of the utterance, its first frame, the one behind the last, and for each layer ``[frames, width]``.
    """
    longest = model.n_frames(model.longest)
    n_frames = [model.n_frames(len(one)) for one in waveforms]
    windows = [(row, *each) for row, n in enumerate(n_frames) for each in windows_of(n, longest)]
    for some in _portions(model, windows, waveforms, batch_seconds):
        states = model.states([stretch for _, stretch in some])
        for ((row, begin, first, last), _), layers in zip(some, states, strict=True):
            yield row, first, last, [one[first - begin : last - begin] for one in layers]


def _portions(
    model: SpeechModel, windows: list[tuple[int, int, int, int, int]], waveforms: list[Tensor], batch_seconds: float
) -> Iterator[list[tuple[tuple[int, int, int, int], Tensor]]]:
    """Windows and their samples, as many at once as ``batch_seconds`` allow."""
    portion: list[tuple[tuple[int, int, int, int], Tensor]] = []
    longest = 0
    for row, begin, end, first, last in windows:
        waveform = waveforms[row]
        whole = end - begin == model.n_frames(len(waveform))
        stretch = waveform if whole else waveform[begin * model.step : (end - 1) * model.step + model.window]
        longest = max(longest, model.n_computed(len(stretch)))
        if portion and longest * (len(portion) + 1) > batch_seconds * SAMPLE_RATE:
            yield portion
            portion, longest = [], model.n_computed(len(stretch))
        portion.append(((row, begin, first, last), stretch))
    if portion:
        yield portion
