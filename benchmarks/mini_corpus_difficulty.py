"""How difficult the mini corpus is: classical models on it, under three protocols.

    python benchmarks/mini_corpus_difficulty.py [--data_folder DIR]

Text: TF-IDF of single words. Audio: openSMILE's eGeMAPSv02 functionals of the whole utterance. Both: the two side by
side ("early"), and the product of the two models' probabilities ("late"). Each is a logistic regression with balanced
classes, trained on the training and dev parts of a fold; nothing is tuned on any part.

The corpus is made such that text and audio alone reach a UA of about 0.5 to 0.65 and both together at least ten
points more, that a shared script helps the text (``loso`` against ``loso_script_disjoint``), and that about three in
four word-for-word twins in another session have the same label. The last line shows that.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
import opensmile
import soundfile
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.preprocessing import StandardScaler

from mtser.corpora import Corpus, Utterance, read_iemocap
from mtser.corpora.mini import make_mini_corpus
from mtser.training.protocols import make_folds

PROTOCOLS = ("loso", "loso_script_disjoint", "random_5fold")
SYSTEMS = ("text", "audio", "both, early", "both, late")


def functionals(corpus: Corpus) -> np.ndarray:
    """eGeMAPSv02 functionals ``[utterances, 88]``."""
    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
    rows = []
    for utterance in corpus.utterances:
        audio, sample_rate = soundfile.read(corpus.root / utterance.wav, dtype="float32")
        rows.append(smile.process_signal(audio, sample_rate).values[0])
    return np.stack(rows)


def predict(texts: np.ndarray, audio: np.ndarray, truth: np.ndarray, train: np.ndarray, test: np.ndarray) -> list:
    """What each of :data:`SYSTEMS` predicts for the test rows of one fold."""
    vectorizer = TfidfVectorizer(token_pattern=r"[\w']+").fit(texts[train])
    words = vectorizer.transform(texts)
    scaled = StandardScaler().fit(audio[train]).transform(audio)
    # a row of TF-IDF has length 1, one of functionals about sqrt(88): weighed so that neither drowns the other
    joint = hstack([5 * words, csr_matrix(scaled / 3)]).tocsr()

    def fit(features: np.ndarray, inverse_penalty: float) -> LogisticRegression:
        model = LogisticRegression(C=inverse_penalty, max_iter=3000, class_weight="balanced")
        return model.fit(features[train], truth[train])

    by_text, by_audio, by_both = fit(words, 3.0), fit(scaled, 0.03), fit(joint, 0.3)
    late = by_text.predict_proba(words[test]) * by_audio.predict_proba(scaled[test])
    return [
        by_text.predict(words[test]),
        by_audio.predict(scaled[test]),
        by_both.predict(joint[test]),
        by_text.classes_[late.argmax(axis=1)],
    ]


def twins(utterances: tuple[Utterance, ...]) -> tuple[float, float]:
    """Share of scripted turns with a word-for-word twin in another session, and how often its label is right."""
    by_text = defaultdict(list)
    for one in utterances:
        by_text[one.text].append(one)
    agreements = []
    scripted = [one for one in utterances if one.style == "scripted"]
    for one in scripted:
        others = [other.emotion == one.emotion for other in by_text[one.text] if other.session != one.session]
        if others:
            agreements.append(np.mean(others))
    return len(agreements) / len(scripted), float(np.mean(agreements))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data_folder", type=Path, help="a corpus in IEMOCAP's layout (default: the mini corpus)")
    folder = parser.parse_args().data_folder or make_mini_corpus()
    corpus = read_iemocap(folder)
    row = {one.id: number for number, one in enumerate(corpus.utterances)}
    truth = np.array([one.emotion for one in corpus.utterances])
    texts = np.array([" ".join(word.word for word in one.words) for one in corpus.utterances])
    audio = functionals(corpus)

    print(f"{folder}\n{len(truth)} utterances; UA / WA\n")
    print(f"{'':14}" + "".join(f"{protocol:>24}" for protocol in PROTOCOLS))
    table: dict[str, list[str]] = {system: [] for system in SYSTEMS}
    for protocol in PROTOCOLS:
        predicted = {system: np.empty_like(truth) for system in SYSTEMS}
        for fold in make_folds(corpus, protocol).folds:
            train, test = (np.array([row[id] for id in part]) for part in (fold.train + fold.dev, fold.test))
            for system, labels in zip(SYSTEMS, predict(texts, audio, truth, train, test), strict=True):
                predicted[system][test] = labels
        for system, labels in predicted.items():
            scores = balanced_accuracy_score(truth, labels), accuracy_score(truth, labels)
            table[system].append("{:.3f} / {:.3f}".format(*scores))
    for system, cells in table.items():
        print(f"{system:14}" + "".join(f"{cell:>24}" for cell in cells))
    share, right = twins(corpus.utterances)
    print(
        f"\n{share:.0%} of scripted turns have a twin in another session; its label is right {right:.0%} of the time."
    )


if __name__ == "__main__":
    main()
