"""What was said: utterances, words, and one reader a corpus."""

from mtser.alignment.word import Word
from mtser.corpora.cmu_mosei import read_cmu_mosei
from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.crema_d import read_crema_d
from mtser.corpora.custom import read_custom
from mtser.corpora.emodb import read_emodb
from mtser.corpora.esd import read_esd
from mtser.corpora.iemocap import read_iemocap
from mtser.corpora.manifest import read_manifest
from mtser.corpora.meld import read_meld
from mtser.corpora.msp_podcast import read_msp_podcast
from mtser.corpora.ravdess import read_ravdess
from mtser.corpora.utterance import Utterance

__all__ = [
    "Corpus",
    "Skipped",
    "Utterance",
    "Word",
    "read_cmu_mosei",
    "read_crema_d",
    "read_custom",
    "read_emodb",
    "read_esd",
    "read_iemocap",
    "read_manifest",
    "read_meld",
    "read_msp_podcast",
    "read_ravdess",
]
