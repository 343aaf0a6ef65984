"""One training epoch of a system at IEMOCAP's size, and where its time goes.

    python benchmarks/epoch.py [hparams/full.yaml] [--threads 2] [--epochs 3] [--json FILE] [--NAME VALUE ...]

5530 utterances of IEMOCAP-like lengths with random features, trained by the same Brain as a recipe trains; other
options override the YAML as they do in a recipe. Prints the seconds of an epoch, the share outside the model's forward,
backward and optimizer, the shares of word and frame positions that are padding, and the peak memory of the process.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from iemocap_like import CLASSES, NoiseSource, utterances, words_and_frames
from torch.utils.data import DataLoader

from mtser.configuration import Hyperparameters
from mtser.ragged import Ragged
from mtser.sequence import Sequence
from mtser.training.batches import EvaluationBatches, TrainingBatches
from mtser.training.brain import EmotionBrain
from mtser.training.data import ModelData
from mtser.training.progress import FoldProgress

N_UTTERANCES = 5530


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hparams", nargs="?", default=str(Path(__file__).parents[1] / "hparams" / "full.yaml"))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures into this file, too")
    options, rest = parser.parse_known_args()
    overrides = {name.removeprefix("--"): value for name, value in zip(rest[::2], rest[1::2], strict=True)}
    torch.set_num_threads(options.threads)
    figures = measure(options.hparams, overrides, options.epochs)

    print(f"{options.hparams}: {N_UTTERANCES} utterances, {options.threads} threads, {figures['batches']} batches")
    for name in ("forward", "backward", "optimizer"):
        print(f"  {name:10} {figures[name]:6.2f} s")
    rest_of_it = figures["total"] - sum(figures[name] for name in ("forward", "backward", "optimizer"))
    print(f"  {'the rest':10} {rest_of_it:6.2f} s   {rest_of_it / figures['total']:.1%} of the epoch")
    print(f"  {'an epoch':10} {figures['total']:6.2f} s   (median of {options.epochs}, training alone)")
    print(f"  {figures['parameters']} parameters")
    for unit, share in figures["padding"].items():
        print(f"padding: {share:.1%} of the {unit} positions of padded grids")
    print(f"peak memory {figures['peak_gib']:.2f} GiB")
    if options.json:
        options.json.write_text(json.dumps(figures), encoding="utf-8")


def measure(hparams: str, overrides: dict[str, str], epochs: int) -> dict[str, Any]:
    """Train some epochs; the medians of their parts in seconds, and the other figures."""
    n_words, n_frames = words_and_frames(N_UTTERANCES)
    spoken = utterances(n_words, n_frames)
    hyperparameters = Hyperparameters(hparams, {"training.patience": "1000", **overrides})
    objects = hyperparameters.build()
    model, plan, batch_size = objects["model"], objects["training"], objects["batch_size"]
    data = ModelData(spoken, CLASSES, objects["max_words"], "cpu", n_preceding=model.n_preceding)
    source: Any = NoiseSource(spoken)
    everyone = np.arange(N_UTTERANCES)
    data.load([input for input in model.inputs if input.key() is not None], source)
    model.fit(data.utterances, data.tables(everyone))
    data.load([input for input in model.inputs if input.key() is None], source)

    batches = TrainingBatches(data, everyone, batch_size=batch_size, bucketing=plan.bucketing, seed=1)
    dev = EvaluationBatches(data, everyone[: N_UTTERANCES // 5], batch_size=batch_size)
    progress = FoldProgress(epochs + 1, 1000)
    brain = EmotionBrain(model, plan, progress, len(CLASSES), {"device": "cpu", "noprogressbar": True})
    brain.train_sampler = batches
    clock, padding = Clock(), Padding()
    with clock.watching(brain, model), padding.watching():
        brain.fit(progress, DataLoader(batches, batch_size=None), DataLoader(dev, batch_size=None))

    timed = clock.epochs[1:]  # the first warms up
    return {
        **{name: statistics.median(epoch[name] for epoch in timed) for name in timed[0]},
        "batches": len(batches),
        "parameters": model.summary()["parameters"],
        "padding": padding.shares(),
        "peak_gib": peak_gib(),
    }


def peak_gib() -> float:
    """The most memory that this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return peak / 2**30


class Padding:
    """Counts what is real and what is padding wherever rows become a grid, by the unit of their items."""

    def __init__(self) -> None:
        self._real: dict[str, int] = defaultdict(int)
        self._all: dict[str, int] = defaultdict(int)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count until the block ends."""
        from_rows, pad = Sequence.from_rows, Ragged.pad
        unit_now: list[str] = []

        def counting_from_rows(rows: Ragged, unit: str) -> Sequence:
            unit_now.append(unit)
            try:
                return from_rows(rows, unit)
            finally:
                unit_now.pop()

        def counting_pad(rows: Ragged) -> torch.Tensor:
            unit = unit_now[-1] if unit_now else "other"
            self._real[unit] += int(rows.lengths.sum())
            self._all[unit] += len(rows) * int(rows.lengths.max(initial=0))
            return pad(rows)

        Sequence.from_rows, Ragged.pad = staticmethod(counting_from_rows), counting_pad
        try:
            yield
        finally:
            Sequence.from_rows, Ragged.pad = from_rows, pad

    def shares(self) -> dict[str, float]:
        """The share of padding of each unit."""
        return {unit: 1 - self._real[unit] / every for unit, every in self._all.items()}


class Clock:
    """Adds up the seconds inside some functions, epoch by epoch."""

    def __init__(self) -> None:
        self.epochs: list[dict[str, float]] = []
        self._now: dict[str, float] = defaultdict(float)

    @contextmanager
    def watching(self, brain: EmotionBrain, model: torch.nn.Module) -> Iterator[None]:
        """Watch the parts of an epoch until the block ends."""
        backward = torch.Tensor.backward
        model.forward = self._timed("forward", model.forward)
        brain.compute_objectives = self._timed("forward", brain.compute_objectives)
        brain.optimizers_step = self._timed("optimizer", brain.optimizers_step)
        brain._fit_train = self._epoch(brain._fit_train)
        torch.Tensor.backward = self._timed("backward", backward)
        try:
            yield
        finally:
            torch.Tensor.backward = backward

    def _timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            begin = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self._now[name] += time.perf_counter() - begin

        return timed

    def _epoch(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def epoch(*args: Any, **kwargs: Any) -> Any:
            self._now.clear()
            self._timed("total", function)(*args, **kwargs)
            self.epochs.append(dict(self._now))

        return epoch


if __name__ == "__main__":
    main()
