#!/usr/bin/env python3
"""Train and judge a system on RAVDESS by cross-validation.

    python recipes/ravdess/train.py hparams/full.yaml --data_folder /corpora/RAVDESS

``--help`` lists the options.
"""

import sys

from mtser.corpora.ravdess import read_ravdess
from mtser.training import run_recipe

if __name__ == "__main__":
    sys.exit(run_recipe(read_ravdess))
