"""One training epoch of a system at IEMOCAP's size, and where its time goes.

    python benchmarks/epoch.py [hparams/full.yaml] [--threads 2] [--epochs 3]

5530 utterances of IEMOCAP-like lengths with random features, trained by the same Brain as a recipe trains. Prints the
seconds of an epoch, the share outside the model's forward, backward and optimizer, the share of word positions that are
padding, and the peak memory of the process.
"""

import argparse
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
from iemocap_like import CLASSES, utterances, words_and_frames
from torch.utils.data import DataLoader

from mtser.configuration import Hyperparameters
from mtser.encoders import Tokenizer
from mtser.features.input import Input
from mtser.ragged import Ragged
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
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    n_words, n_frames = words_and_frames(N_UTTERANCES)
    spoken = utterances(n_words)
    hyperparameters = Hyperparameters(options.hparams, {"training.patience": "1000"})
    objects = hyperparameters.build()
    model, plan, batch_size = objects["model"], objects["training"], objects["batch_size"]
    data = ModelData(spoken, CLASSES, objects["max_words"], "cpu")
    features = {input: _random_frames(input, n_frames) for input in model.inputs if input.key() is not None}
    data._tables.update(features)
    model.fit(spoken, features)
    data._tables.update({input: input.load(spoken, None) for input in model.inputs if isinstance(input, Tokenizer)})

    everyone = np.arange(N_UTTERANCES)
    batches = TrainingBatches(data, everyone, batch_size=batch_size, bucketing=plan.bucketing, seed=1)
    dev = EvaluationBatches(data, everyone[: N_UTTERANCES // 5], batch_size=batch_size)
    progress = FoldProgress(options.epochs + 1, 1000)
    brain = EmotionBrain(model, plan, progress, len(CLASSES), {"device": "cpu", "noprogressbar": True})
    brain.train_sampler = batches
    clock = Clock()
    with clock.watching(brain, model):
        brain.fit(progress, DataLoader(batches, batch_size=None), DataLoader(dev, batch_size=None))

    epochs = clock.epochs[1:]  # the first warms up
    median = {name: statistics.median(epoch[name] for epoch in epochs) for name in epochs[0]}
    inside = median["forward"] + median["backward"] + median["optimizer"]
    print(
        f"{options.hparams}: {N_UTTERANCES} utterances, {n_words.sum()} words, {n_frames.sum()} frames, "
        f"{options.threads} threads, {len(batches)} batches of {batch_size}"
    )
    for name in ("forward", "backward", "optimizer"):
        print(f"  {name:10} {median[name]:6.2f} s")
    print(f"  {'the rest':10} {median['total'] - inside:6.2f} s   {1 - inside / median['total']:.1%} of the epoch")
    print(f"  {'an epoch':10} {median['total']:6.2f} s   (median of {len(epochs)}, training alone)")
    padded = sum(len(rows) * int(n_words[rows].max()) for rows in batches._plan)
    print(f"padding: {1 - n_words.sum() / padded:.1%} of the word positions, none of the frames")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"peak memory {peak / 2**30:.2f} GiB")


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


def _random_frames(input: Input, n_frames: np.ndarray) -> Ragged:
    return Ragged(torch.randn(int(n_frames.sum()), input.dimension), n_frames)


if __name__ == "__main__":
    main()
