"""Extraction through the feature store against openSMILE alone, on all cores, as ratios from one run.

    python benchmarks/extraction.py
    python benchmarks/extraction.py --folder /corpora/IEMOCAP_full_release --n_utterances 1000
    python benchmarks/extraction.py --feature_set eGeMAPSv02

The store does more: it hashes and checks the audio, checks the features and writes them with checksums. Compared is
the time from files to features, of the best of several rounds; nothing is in the store when a round begins, while the
audio is in the system's file cache for everyone.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import opensmile
import soundfile
from scipy.signal import lfilter

from mtser.audio import SAMPLE_RATE, read_audio
from mtser.cores import n_cores
from mtser.features import (
    Extractor,
    FeatureStore,
    LogMel,
    OpenSmileFunctionals,
    OpenSmileMFCC,
    ProsodyContours,
    TorchMFCC,
)
from mtser.features.opensmile_features import FEATURE_SETS, PROSODY
from mtser.features.opensmile_mfcc import CONFIGURATION

FORMATS = {".wav", ".flac"}
TARGET = 0.9


def write_speech_like(folder: Path, count: int) -> list[Path]:
    """Buzzes and noises through moving resonances, in syllables; IEMOCAP's mean length (4.5 s) and a long tail."""
    files = []
    for number in range(count):
        random = np.random.default_rng(number)
        seconds = float(np.clip(random.gamma(2.0, 2.25), 0.6, 30.0))
        pieces = []
        while sum(map(len, pieces)) < seconds * SAMPLE_RATE:
            length = int(random.uniform(0.1, 0.3) * SAMPLE_RATE)
            pitch = random.uniform(90, 300)
            voiced = (np.arange(length) * pitch / SAMPLE_RATE) % 1.0 < pitch / SAMPLE_RATE
            sound = voiced.astype(float) if random.random() < 0.7 else random.normal(0, 0.1, length)
            for formant in random.uniform([300, 900, 2200], [900, 2200, 3500]):
                pole = 0.97 * np.exp(2j * np.pi * formant / SAMPLE_RATE)
                sound = lfilter([1.0], [1.0, -2 * pole.real, abs(pole) ** 2], sound)
            pieces.append(sound / np.abs(sound).max() * np.hanning(length) * random.uniform(0.05, 0.9))
        files.append(folder / f"{number:05}.wav")
        soundfile.write(files[-1], np.concatenate(pieces)[: round(seconds * SAMPLE_RATE)], SAMPLE_RATE)
    return files


def smile(feature_set: str, num_workers: int = 1) -> opensmile.Smile:
    """OpenSMILE's own Python interface with our configurations or its own."""
    own = {"mfcc": (str(CONFIGURATION), "features"), "prosody": (str(PROSODY), "func")}
    configuration, level = own.get(feature_set) or (opensmile.FeatureSet[feature_set], "func")
    return opensmile.Smile(
        configuration,
        level,
        sampling_rate=SAMPLE_RATE,
        resample=True,
        mixdown=True,
        num_workers=num_workers,
    )


def smile_process_files(feature_set: str, files: list[Path], n_jobs: int) -> None:
    """Its own parallel processing of files."""
    smile(feature_set, n_jobs).process_files([str(path) for path in files])


_worker: dict[str, Any] = {}


def start_worker(feature_set: str) -> None:
    """One openSMILE interface a process."""
    _worker["smile"] = smile(feature_set)


def smile_on_file(path: Path) -> np.ndarray:
    """Read a file and call openSMILE's interface, without its tables."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return _worker["smile"](samples.T, rate)


def smile_in_processes(pool: ProcessPoolExecutor, files: list[Path]) -> None:
    """A plain pool of processes, started before."""
    list(pool.map(smile_on_file, files, chunksize=8))


def extractor_in_threads(extractor: Extractor, files: list[Path], n_jobs: int) -> None:
    """Our extractor without the store: read and extract, forget the result."""
    with ThreadPoolExecutor(n_jobs) as pool:
        list(pool.map(lambda path: extractor.extract(read_audio(path)), files))


def through_the_store(extractor: Extractor, files: list[Path], n_jobs: int) -> None:
    """What a recipe does, on an empty store: inspect, extract, write, open."""
    with tempfile.TemporaryDirectory() as folder:
        found = FeatureStore(Path(folder)).get(extractor, {str(path): path for path in files}, None, n_jobs, False)
        if found.failures:
            raise SystemExit(f"{len(found.failures)} files cannot be used: {found.skipped()[0]}")


def reopened(extractor: Extractor, files: list[Path], n_jobs: int) -> float:
    """Seconds to open a full store in a second run, with all checksums verified."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {str(path): path for path in files}
        FeatureStore(Path(folder)).get(extractor, paths, None, n_jobs, False)
        began = time.perf_counter()
        FeatureStore(Path(folder)).get(extractor, paths, None, n_jobs, False)
        return time.perf_counter() - began


def best_times(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The shortest time of each way in seconds; the ways take turns, so that all see the same machine."""
    times = {name: float("inf") for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            times[name] = min(times[name], time.perf_counter() - began)
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="audio to use (default: speech-like sounds are made)")
    sets = ["mfcc", *FEATURE_SETS]
    parser.add_argument("--feature_set", choices=sets, default="mfcc", help="what openSMILE computes (default: mfcc)")
    parser.add_argument("--n_utterances", type=int, default=300, help="at most so many files")
    parser.add_argument("--n_jobs", type=int, default=n_cores())
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    n_jobs, feature_set = options.n_jobs, options.feature_set
    extractor: Extractor = OpenSmileMFCC() if feature_set == "mfcc" else OpenSmileFunctionals(feature_set)
    ours = type(extractor).__name__
    without_opensmile = (TorchMFCC(), LogMel(), ProsodyContours()) if feature_set == "mfcc" else ()
    with tempfile.TemporaryDirectory() as made:
        if options.folder is None:
            files = write_speech_like(Path(made), options.n_utterances)
        else:
            found = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() in FORMATS)
            files = found[:: max(1, len(found) // options.n_utterances)][: options.n_utterances]
            if not files:
                raise SystemExit(f"{options.folder}: no {' or '.join(sorted(FORMATS))} files.")
        seconds = sum(soundfile.info(path).duration for path in files)
        print(f"{len(files)} files, {seconds / 60:.1f} minutes of audio, {n_jobs} threads or processes")

        with ProcessPoolExecutor(n_jobs, initializer=start_worker, initargs=(feature_set,)) as pool:
            smile_in_processes(pool, files[: 8 * n_jobs])
            ways: dict[str, Callable[[], object]] = {
                "openSMILE alone: Smile.process_files": lambda: smile_process_files(feature_set, files, n_jobs),
                "openSMILE alone: Smile in a pool of processes": lambda: smile_in_processes(pool, files),
                f"{ours} in threads, not stored": lambda: extractor_in_threads(extractor, files, n_jobs),
                f"{ours} through the store": lambda: through_the_store(extractor, files, n_jobs),
            }
            for other in without_opensmile:
                name = f"{type(other).__name__} through the store"
                ways[name] = partial(through_the_store, other, files, n_jobs)
            times = best_times(ways, options.rounds)
        second_run = reopened(extractor, files, n_jobs)
    stored = times[f"{ours} through the store"]
    for name, taken in times.items():
        print(f"{name:48} {taken:7.2f} s {seconds / taken:7.0f} x real time   store/this {taken / stored:5.2f}")
    print(f"opening the full store again, checksums verified: {second_run:.2f} s")
    ratio = min(taken for name, taken in times.items() if name.startswith("openSMILE alone")) / stored
    verdict = "reached" if ratio >= TARGET else "MISSED"
    print(f"throughput of the store relative to the faster openSMILE alone: {ratio:.2f} (target {TARGET}: {verdict})")


if __name__ == "__main__":
    main()
