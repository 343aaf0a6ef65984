#!/usr/bin/env python3
"""Train and judge a system on CREMA-D by cross-validation.

    python recipes/crema_d/train.py hparams/full.yaml --data_folder /corpora/CREMA-D

``--help`` lists the options.
"""

import sys

from mtser.corpora.crema_d import read_crema_d
from mtser.training import run_recipe

if __name__ == "__main__":
    sys.exit(run_recipe(read_crema_d))
