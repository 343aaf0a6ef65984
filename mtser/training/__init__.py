"""Folds, the Brain, and cross-validation from a command line to a report."""

from mtser.training.averaging import WeightAverage
from mtser.training.brain import EmotionBrain
from mtser.training.checked_folds import read_folds
from mtser.training.concordance import ConcordanceLoss, MultitaskLoss
from mtser.training.cross_corpus import cross_corpus
from mtser.training.dialog_groups import dialogs_5fold
from mtser.training.experiment import Experiment
from mtser.training.folds import Fold, Folds
from mtser.training.losses import CrossEntropy, SigmoidCrossEntropy
from mtser.training.official_partitions import official
from mtser.training.penalty import Penalty
from mtser.training.plan import TrainingPlan
from mtser.training.protocols import make_folds, protocol
from mtser.training.recipe import run_recipe
from mtser.training.speaker_groups import speakers_5fold
from mtser.training.stacking import LateStacking
from mtser.training.vote_regression import VoteRegression

__all__ = [
    "ConcordanceLoss",
    "CrossEntropy",
    "EmotionBrain",
    "Experiment",
    "Fold",
    "Folds",
    "LateStacking",
    "MultitaskLoss",
    "Penalty",
    "SigmoidCrossEntropy",
    "TrainingPlan",
    "VoteRegression",
    "WeightAverage",
    "cross_corpus",
    "dialogs_5fold",
    "make_folds",
    "official",
    "protocol",
    "read_folds",
    "run_recipe",
    "speakers_5fold",
]
