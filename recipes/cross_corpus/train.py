#!/usr/bin/env python3
"""Train a system on some corpora and judge it on another.

    python recipes/cross_corpus/train.py hparams/full.yaml --train_corpus emodb=/corpora/emodb \
        --test_corpus iemocap=/corpora/IEMOCAP_full_release

``--help`` lists the options; docs/cross_corpus.md explains them.
"""

import sys

from mtser.corpora.joined import read_cross_corpus
from mtser.training import run_recipe

if __name__ == "__main__":
    sys.exit(run_recipe(read_cross_corpus))
