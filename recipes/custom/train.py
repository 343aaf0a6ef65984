#!/usr/bin/env python3
"""Train and judge a system on a corpus of your own by cross-validation.

    python recipes/custom/train.py hparams/full.yaml --data_folder my_corpus.csv

``--help`` lists the options.
"""

import sys

from mtser.corpora.custom import read_custom
from mtser.training import run_recipe

if __name__ == "__main__":
    sys.exit(run_recipe(read_custom))
