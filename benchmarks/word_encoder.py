"""WR on ragged words against WR on the literal grid of 128 words × 64 frames, forward and backward.

    python benchmarks/word_encoder.py [--threads 2] [--rounds 5]

One batch of 64 utterances of IEMOCAP-like lengths, the same weights, the same query vectors. Both give the same word
vectors (checked to 1e-5). They are timed in turn; the figure is the ratio of the medians.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from iemocap_like import words_and_frames
from torch import Tensor, nn

from mtser.encoders import Batch, FrameAttention, WordSpeech
from mtser.features import TorchMFCC, WordFrames
from mtser.ragged import Ragged
from mtser.sequence import Sequence

WORDS, FRAMES = 128, 64


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)

    n_words, n_frames = words_and_frames(64)
    encoder = WordSpeech(WordFrames(TorchMFCC()), FrameAttention())
    frames = Ragged(torch.randn(int(n_frames.sum()), 39), n_frames)
    batch = Batch(n_words, {encoder.features: frames})
    queries = batch.sequence(torch.randn(int(n_words.sum()), 100))
    grid = pad_to_grid(frames, n_words)

    ragged_words, grid_words = encoder(batch, {"text": queries}), on_grid(encoder, *grid, queries)
    longest = int(n_words.max())
    mask = queries.mask
    difference = (ragged_words.features - grid_words[:, :longest])[mask].abs().max().item()
    print(
        f"{n_words.sum()} words, {n_frames.sum()} frames; the grid has {64 * WORDS * FRAMES}: "
        f"{64 * WORDS * FRAMES / n_frames.sum():.1f} times as many"
    )
    print(f"largest difference of the word vectors: {difference:.1e}")
    assert difference < 1e-5

    def ragged() -> Tensor:
        return encoder(batch, {"text": queries}).features.sum()

    def literal() -> Tensor:
        return on_grid(encoder, *grid, queries).sum()

    times = in_turn(ragged, literal, options.rounds)
    fast, slow = (statistics.median(seconds) for seconds in times)
    print(
        f"ragged {fast * 1e3:.0f} ms, grid {slow * 1e3:.0f} ms (medians of {options.rounds}, {options.threads} threads)"
    )
    print(f"ratio {slow / fast:.1f}")


def pad_to_grid(frames: Ragged, n_words: np.ndarray) -> tuple[Tensor, Tensor]:
    """``[64, 128, 64, 39]`` frames with zeros as padding, and the mask ``[64, 128, 64]``."""
    padded = frames.pad()
    real = torch.arange(padded.shape[1]) < torch.from_numpy(frames.lengths).unsqueeze(1)
    grid = padded.new_zeros(len(n_words), WORDS, FRAMES, padded.shape[2])
    mask = torch.zeros(len(n_words), WORDS, FRAMES, dtype=torch.bool)
    rows = np.repeat(np.arange(len(n_words)), n_words)
    columns = np.concatenate([np.arange(n) for n in n_words])
    grid[rows, columns, : padded.shape[1]] = padded
    mask[rows, columns, : padded.shape[1]] = real
    return grid, mask


def on_grid(encoder: WordSpeech, grid: Tensor, mask: Tensor, queries: Sequence) -> Tensor:
    """Eqs. 5-7 as a padded batch computes them: ``[64, 128, 50]``."""
    utterances, words, frames, dimension = grid.shape
    states, _ = nn.GRU.forward(encoder.gru, grid.view(-1, frames, dimension))
    states = states.view(utterances, words, frames, -1)
    query = encoder.attention.weight(queries.features)
    query = nn.functional.pad(query, (0, 0, 0, words - query.shape[1]))
    scores = (states @ query.unsqueeze(-1)).squeeze(-1)
    weights = scores.masked_fill(~mask, -1e9).softmax(-1) * mask
    return (weights.unsqueeze(-2) @ states).squeeze(-2)


def in_turn(first: Callable[[], Tensor], second: Callable[[], Tensor], rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of forward and backward, one after the other, so that both see the same machine."""
    times: tuple[list[float], list[float]] = ([], [])
    for round_ in range(rounds + 1):
        for function, seconds in zip((first, second), times, strict=True):
            begin = time.perf_counter()
            function().backward()
            if round_:  # the first warms up
                seconds.append(time.perf_counter() - begin)
    return times


if __name__ == "__main__":
    main()
