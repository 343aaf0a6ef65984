#!/usr/bin/env python3
"""Train and judge a system on EmoDB by cross-validation.

    python recipes/emodb/train.py hparams/full.yaml --data_folder /corpora/emodb

``--help`` lists the options.
"""

import sys

from mtser.corpora.emodb import read_emodb
from mtser.training import run_recipe

if __name__ == "__main__":
    sys.exit(run_recipe(read_emodb))
