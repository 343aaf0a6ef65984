"""What a system has to beat: eGeMAPS functionals and TF-IDF with logistic regression, on the folds of a run.

    python benchmarks/classical_reference.py results/full/emodb/lospo/seed_1 --data_folder /corpora/emodb

Reads the manifest and the folds of the run folder, so that it is judged on the same utterances. Scaling, vocabulary
and weights come from the training part of a fold; the strength of the regularisation, the class weighting and the
weights of the late fusion are chosen on its dev part. Prints WA and UA with intervals, by the same code as every other
figure.
Beside them stands what logistic regression makes of the model's own features, the mean and standard deviation of each
MFCC over the utterance, so that one sees what the features cost. Needs the extra ``opensmile``.
"""

import argparse
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from mtser.audio import SAMPLE_RATE
from mtser.corpora.corpus import read_manifest
from mtser.evaluation import Predictions, join, summarise
from mtser.features import FeatureStore, FrameExtractor, TorchMFCC
from mtser.training.folds import Fold, Folds

STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
SYSTEMS = ("audio", "mfcc", "text", "both")


class Functionals(FrameExtractor):
    """The 88 eGeMAPS functionals of a whole file, as one frame."""

    dimension, frame_length, frame_step = 88, 1.0, 1.0

    def __init__(self) -> None:
        self._smile = threading.local()

    def settings(self) -> dict[str, Any]:
        """The feature set."""
        return {"class": "Functionals", "set": "eGeMAPSv02"}

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """``[1, 88]``."""
        import opensmile

        if not hasattr(self._smile, "value"):
            self._smile.value = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
        return self._smile.value.process_signal(waveform, SAMPLE_RATE).to_numpy(np.float32)


def main() -> None:
    """Fit, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a run folder of any system")
    parser.add_argument("--data_folder", type=Path, required=True)
    options = parser.parse_args()

    utterances = {one.id: one for one in read_manifest(options.run / "manifest.json")}
    folds = Folds.from_dict(read_json(options.run / "folds.json"))
    classes = tuple(read_json(options.run / "metrics.json")["classes"])
    paths = {id: options.data_folder / one.wav for id, one in utterances.items()}
    store = FeatureStore()
    audio = {id: features[0] for id, features in store.get(Functionals(), paths).items()}
    mfcc = {id: np.concatenate([x.mean(0), x.std(0)]) for id, x in store.get(TorchMFCC(), paths).items()}
    text = {id: " ".join(word.word.lower() for word in one.words) for id, one in utterances.items()}
    label = {id: classes.index(one.emotion) for id, one in utterances.items()}

    found: dict[str, list[Predictions]] = {system: [] for system in SYSTEMS}
    for fold in folds.folds:
        for system, probabilities in judge(fold, audio, mfcc, text, label).items():
            truth = [label[id] for id in fold.test]
            names, seeds = [fold.name] * len(truth), [0] * len(truth)
            part = Predictions(fold.test, names, seeds, truth, probabilities.argmax(1), probabilities, classes)
            found[system].append(part)
    print(f"{'':8}{'WA':>7}{'UA':>7}   95 % interval of UA over speakers")
    for system, parts in found.items():
        speakers = {id: one.speaker for id, one in utterances.items()}
        pooled = summarise(join(parts), speakers, system=system, corpus="", protocol=folds.protocol)["pooled"]
        low, high = pooled["ua_ci95"]
        print(f"{system:8}{pooled['wa']:7.3f}{pooled['ua']:7.3f}   {low:.3f} to {high:.3f}")


def judge(
    fold: Fold,
    audio: dict[str, np.ndarray],
    mfcc: dict[str, np.ndarray],
    text: dict[str, str],
    label: dict[str, int],
) -> dict[str, np.ndarray]:
    """Probabilities ``[test, classes]`` of each system."""
    truth = {part: np.array([label[id] for id in getattr(fold, part)]) for part in ("train", "dev", "test")}
    results: dict[str, dict[str, np.ndarray]] = {}
    for name, features in (("audio", audio), ("mfcc", mfcc), ("text", text)):
        parts = {part: [features[id] for id in getattr(fold, part)] for part in truth}
        model = best(name, parts, truth)
        results[name] = {part: model.predict_proba(parts[part]) for part in ("dev", "test")}
    shares = np.linspace(0, 1, 21)
    mixed = [share * results["audio"]["dev"] + (1 - share) * results["text"]["dev"] for share in shares]
    share = shares[int(np.argmax([macro_recall(truth["dev"], one) for one in mixed]))]
    both = share * results["audio"]["test"] + (1 - share) * results["text"]["test"]
    return {name: result["test"] for name, result in results.items()} | {"both": both}


def best(name: str, parts: dict[str, list[Any]], truth: dict[str, np.ndarray]) -> Pipeline:
    """The logistic regression with the highest UA on dev."""
    models = []
    for strength in STRENGTHS:
        for weights in (None, "balanced"):
            regression = LogisticRegression(C=strength, class_weight=weights, max_iter=2000)
            first = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True) if name == "text" else StandardScaler()
            model = make_pipeline(first, regression).fit(parts["train"], truth["train"])
            models.append((macro_recall(truth["dev"], model.predict_proba(parts["dev"])), len(models), model))
    return max(models, key=lambda one: (one[0], -one[1]))[2]


def macro_recall(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """UA."""
    return recall_score(truth, probabilities.argmax(1), average="macro", zero_division=0)


def read_json(file: Path) -> Any:
    """A JSON file's value."""
    return json.loads(file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
