"""Forced alignment and transcription against exact and hand-set word times, and their speed.

    python benchmarks/alignment.py
    python benchmarks/alignment.py --emodb ../shared/data/emodb --whisper faster-whisper:FOLDER

Corpora: the mini corpus (synthetic speech, exact times) and, if it is given, EmoDB (German, syllables labelled by
hand). Each boundary of each word counts: the median of the absolute errors and the shares within 20, 50 and 100 ms.
Times are CPU seconds of this process over seconds of audio, with everything loaded; aligned texts are those of the
corpus, and, to see what is told apart, those of other utterances.
"""

import argparse
import random
import time
from collections.abc import Sequence

import numpy as np

from mtser.alignment import Aligner, Word, find_aligner
from mtser.alignment.files import EvenAligner
from mtser.alignment.split import split_words
from mtser.alignment.spoken import readings
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio import read_audio
from mtser.corpora import read_emodb, read_iemocap
from mtser.corpora.corpus import Corpus
from mtser.corpora.mini import make_mini_corpus
from mtser.corpora.utterance import Utterance
from mtser.transcription import Transcriber, find_transcriber


def align(aligner: Aligner, corpus: Corpus, some: Sequence[Utterance]) -> None:
    """Print what an aligner finds of some utterances."""
    errors, reasons, seconds = [], [], 0.0
    for one in some:
        samples = read_audio(corpus.root / one.wav)
        began = time.process_time()
        try:
            found = aligner.align(samples, [word.word for word in one.words], one.language)
            errors += boundary_errors(found, one.words)
        except UnusableAlignmentError as error:
            reasons.append(error.reason)
        seconds += time.process_time() - began
    off = np.abs(errors)
    within = ", ".join(f"{np.mean(off <= limit / 1000 + 1e-9):.3f} within {limit} ms" for limit in (20, 50, 100))
    factor = seconds / sum(one.duration for one in some)
    print(f"  {aligner.name}: {len(off)} boundaries, median {np.median(off) * 1000:.1f} ms, {within};")
    print(f"    {len(reasons)} of {len(some)} refused {sorted(set(reasons))}; {factor:.3f} x real time")


def boundary_errors(found: Sequence[Word], exact: Sequence[Word]) -> list[float]:
    """Starts and ends, in seconds too late."""
    pairs = list(zip(found, exact, strict=True))
    return [one.start - other.start for one, other in pairs] + [one.end - other.end for one, other in pairs]


def refuse(aligner: Aligner, corpus: Corpus, some: Sequence[Utterance]) -> None:
    """Print how many texts of other utterances, as long as the right one, are refused."""
    refused = tried = 0
    for one in some:
        others = [other for other in corpus.utterances if other.text != one.text]
        other = min(others, key=lambda other: (abs(len(other.text) - len(one.text)), other.id))
        tried += 1
        try:
            aligner.align(read_audio(corpus.root / one.wav), [word.word for word in other.words], one.language)
        except UnusableAlignmentError:
            refused += 1
    print(f"  {aligner.name}: {refused} of {tried} texts of other utterances refused")


def transcribe(transcriber: Transcriber, corpus: Corpus, some: Sequence[Utterance]) -> None:
    """Print the word error rate of a transcriber."""
    wrong = total = 0
    seconds = 0.0
    for one in some:
        samples = read_audio(corpus.root / one.wav)
        began = time.process_time()
        heard = transcriber.transcribe(samples, one.language).text
        seconds += time.process_time() - began
        truth = plain(one.text)
        wrong += edits(plain(heard), truth)
        total += len(truth)
    factor = seconds / sum(one.duration for one in some)
    print(f"  {transcriber.name}: word error rate {wrong / total:.3f} ({total} words); {factor:.2f} x real time")


def plain(text: str) -> list[str]:
    """Spoken words, so that spelling makes no error."""
    return [token for ways in readings(split_words(text.lower())) for token in ways[0]]


def edits(found: Sequence[str], truth: Sequence[str]) -> int:
    """Levenshtein's distance."""
    above = list(range(len(truth) + 1))
    for row, word in enumerate(found, start=1):
        current = [row]
        for column, other in enumerate(truth, start=1):
            current.append(min(above[column] + 1, current[-1] + 1, above[column - 1] + (word != other)))
        above = current
    return above[-1]


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--emodb", help="the folder of EmoDB")
    parser.add_argument("--whisper", help="faster-whisper:FOLDER, to transcribe with it, too")
    parser.add_argument("--n_utterances", type=int, default=200, help="of each corpus (default: 200)")
    options = parser.parse_args()
    corpora = [read_iemocap(make_mini_corpus(), progress=False)]
    corpora += [read_emodb(options.emodb, progress=False)] if options.emodb else []
    aligner = find_aligner("pocketsphinx")
    first = corpora[0].utterances[0]
    aligner.align(read_audio(corpora[0].root / first.wav), split_words(first.text))  # loads everything
    for corpus in corpora:
        some = random.Random(0).sample(list(corpus.utterances), min(options.n_utterances, len(corpus.utterances)))
        print(f"{corpus.name}: {len(some)} utterances, {sum(one.duration for one in some):.0f} s")
        align(aligner, corpus, some)
        align(EvenAligner(), corpus, some)
        refuse(aligner, corpus, some[:100])
        if corpus is corpora[0]:
            for name in ("pocketsphinx", *([options.whisper] if options.whisper else [])):
                transcribe(find_transcriber(name), corpus, some[:100])


if __name__ == "__main__":
    main()
