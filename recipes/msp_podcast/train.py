#!/usr/bin/env python3
"""Train and judge a system on MSP-Podcast, on its official partitions.

    python recipes/msp_podcast/train.py hparams/full.yaml --data_folder /corpora/MSP-Podcast

``--help`` lists the options.
"""

import sys

from mtser.corpora.msp_podcast import read_msp_podcast
from mtser.training import run_recipe

if __name__ == "__main__":
    sys.exit(run_recipe(read_msp_podcast))
