#!/usr/bin/env python3
"""Train and judge a system on MELD, on its official partitions.

    python recipes/meld/train.py hparams/full.yaml --data_folder /corpora/MELD.Raw

``--help`` lists the options.
"""

import sys

from mtser.corpora.meld import read_meld
from mtser.training import run_recipe

if __name__ == "__main__":
    sys.exit(run_recipe(read_meld))
