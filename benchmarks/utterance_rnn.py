"""Recurrent nets over all frames of utterances: ours, PyTorch's packed ones, and PyTorch's on a padded grid.

    python benchmarks/utterance_rnn.py [--threads 2] [--rounds 3] [--hidden 100]

Batches of 64 utterances of IEMOCAP-like lengths, drawn as training draws them from a pool of 8 batches, and each round
another one, from short ones to long ones; forward and backward, timed in turn, summed. All give the same states
(checked to 1e-4). The packed nets take most of the time (minutes).
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from iemocap_like import utterances, words_and_frames
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from mtser.encoders import RaggedGRU, RaggedRNN
from mtser.ragged import Ragged

BATCH = 64


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=4, help="1 to 8")
    parser.add_argument("--hidden", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)

    print(f"{BATCH} utterances, {options.hidden} units, one direction, {options.threads} threads")
    for cell, maker in (("gru", nn.GRU), ("lstm", nn.LSTM)):
        ours = RaggedRNN(39, options.hidden, cell=cell)
        torchs = ours.nets[0]
        ways: dict[str, Callable[[Ragged], Tensor]] = {
            "RaggedRNN": lambda rows, ours=ours: ours(rows).values,
            f"packed nn.{maker.__name__}": lambda rows, net=torchs: _packed(net, rows),
            f"padded nn.{maker.__name__}": lambda rows, net=torchs: _padded(net, rows),
        }
        if cell == "gru":
            words = RaggedGRU(39, options.hidden)
            words.load_state_dict(torchs.state_dict())
            ways["RaggedGRU"] = lambda rows, net=words: _in_order(*net(rows))
        times = in_turn(ways, options.rounds)
        for name, seconds in times.items():
            ratio = sum(seconds) / sum(times["RaggedRNN"])
            print(f"  {name:16} {sum(seconds):7.2f} s   {ratio:6.1f} times RaggedRNN's {cell}")


def in_turn(ways: dict[str, Callable[[Ragged], Tensor]], rounds: int) -> dict[str, list[float]]:
    """Seconds of forward and backward of each, one after the other, so that all see the same machine."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(rounds):
        rows = frames_of_a_batch(round_ * 8 // rounds)
        expected: Tensor | None = None
        for name, way in ways.items():
            begin = time.perf_counter()
            states = way(rows)
            states.sum().backward()
            times[name].append(time.perf_counter() - begin)
            expected = states.detach() if expected is None else expected
            assert (states.detach() - expected).abs().max().item() < 1e-4, name
    return times


def frames_of_a_batch(number: int) -> Ragged:
    """The frames of one batch of the 8 that a pool, sorted by length, is cut into."""
    spoken = utterances(*words_and_frames(8 * BATCH))
    lengths = np.sort([int(1 + (one.duration - 0.025) // 0.010) for one in spoken])
    chosen = lengths[number * BATCH :][:BATCH]
    return Ragged(torch.randn(int(chosen.sum()), 39), chosen)


def _packed(net: nn.Module, rows: Ragged) -> Tensor:
    packed: PackedSequence = pack_sequence(list(rows.values.split(rows.lengths.tolist())), enforce_sorted=False)
    states, _ = nn.utils.rnn.pad_packed_sequence(net(packed)[0], batch_first=True)
    return _real(states, rows)


def _padded(net: nn.Module, rows: Ragged) -> Tensor:
    return _real(net(rows.pad().transpose(0, 1))[0].transpose(0, 1), rows)


def _real(states: Tensor, rows: Ragged) -> Tensor:
    return states[torch.arange(states.shape[1]) < torch.from_numpy(rows.lengths).unsqueeze(1)]


def _in_order(states: Tensor, order: np.ndarray) -> Tensor:
    return states[torch.from_numpy(np.argsort(order))]


if __name__ == "__main__":
    main()
