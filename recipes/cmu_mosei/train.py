#!/usr/bin/env python3
"""Train and judge a system on CMU-MOSEI.

    python recipes/cmu_mosei/train.py hparams/full.yaml --data_folder /corpora/CMU-MOSEI

``--help`` lists the options.
"""

import sys

from mtser.corpora.cmu_mosei import read_cmu_mosei
from mtser.training import run_recipe

if __name__ == "__main__":
    sys.exit(run_recipe(read_cmu_mosei))
