"""What a model reads, computed for a whole corpus; utterances without it are left out and listed."""

from collections.abc import Iterable, Mapping

from mtser.audio import AudioInfo
from mtser.corpora.corpus import Corpus, Skipped
from mtser.errors import CorpusError
from mtser.features.input import Input
from mtser.features.source import FeatureSource

SHORTEST = 0.06
"""Seconds that the audio of an utterance lasts at least: the longest window of all features (eGeMAPS's, for pitch).

One bound for all systems: else those that read shorter audio were tested on other utterances than the rest, and could
not stand in one table with them."""


def prepare(corpus: Corpus, source: FeatureSource, inputs: Iterable[Input]) -> Corpus:
    """Compute all inputs of a corpus.

    Parameters
    ----------
    corpus
        With all its utterances.
    source
        Of its features, and what is known of its audio.
    inputs
        What the model reads.

    Returns
    -------
    Corpus
        Without the utterances of which an input cannot be had, and without audio shorter than :data:`SHORTEST`; both
        stand among its skipped ones.

    Raises
    ------
    CorpusError
        If none is left.
    """
    skipped = {one.utterance: one for one in _too_short(corpus, source.infos)}
    for input in inputs:
        for one in input.prepare(source):
            skipped.setdefault(one.utterance, one)
    corpus = corpus.without(skipped.values())
    if not corpus.utterances:
        reasons = ", ".join(f"{reason} {count}" for reason, count in corpus.skipped_reasons().items())
        raise CorpusError(f"{corpus.place}: no utterance is left that has features; left out: {reasons}.")
    return corpus


def _too_short(corpus: Corpus, infos: Mapping[str, AudioInfo]) -> list[Skipped]:
    paths = corpus.audio_paths()
    return [
        Skipped(id, "too short audio", f"{paths[id]}: {info.duration:.3f} s; at least {SHORTEST:.3f} s are needed")
        for id, info in infos.items()
        if id in paths and not info.problem and info.duration < SHORTEST
    ]
