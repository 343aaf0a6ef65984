"""What was said: utterances, words, and one reader a corpus."""

from mtser.alignment.word import Word
from mtser.corpora.corpus import Corpus, Skipped, read_manifest
from mtser.corpora.emodb import read_emodb
from mtser.corpora.iemocap import read_iemocap
from mtser.corpora.utterance import Utterance

__all__ = ["Corpus", "Skipped", "Utterance", "Word", "read_emodb", "read_iemocap", "read_manifest"]
