#!/usr/bin/env python3
"""Train and judge a system on ESD by cross-validation.

    python recipes/esd/train.py hparams/full.yaml --data_folder /corpora/ESD

``--help`` lists the options.
"""

import sys

from mtser.corpora.esd import read_esd
from mtser.training import run_recipe

if __name__ == "__main__":
    sys.exit(run_recipe(read_esd))
