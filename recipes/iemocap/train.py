#!/usr/bin/env python3
"""Train and judge a system on IEMOCAP, or on any corpus in its layout, by cross-validation.

Without a corpus, on the mini corpus (synthetic speech that is made on the spot)::

    python recipes/iemocap/train.py hparams/full.yaml

With one::

    python recipes/iemocap/train.py hparams/full.yaml --data_folder /corpora/IEMOCAP_full_release

``--help`` lists the options.
"""

import sys

from mtser.corpora.iemocap import read_iemocap
from mtser.corpora.mini import make_mini_corpus
from mtser.training import run_recipe

if __name__ == "__main__":
    sys.exit(run_recipe(read_iemocap, mini_corpus=make_mini_corpus))
