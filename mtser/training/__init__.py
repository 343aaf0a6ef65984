"""Folds, the Brain, and cross-validation from a command line to a report."""

from mtser.training.brain import EmotionBrain
from mtser.training.experiment import Experiment, run_recipe
from mtser.training.folds import Fold, Folds, read_folds
from mtser.training.losses import CrossEntropy
from mtser.training.penalty import Penalty
from mtser.training.plan import TrainingPlan
from mtser.training.protocols import make_folds, protocol

__all__ = [
    "CrossEntropy",
    "EmotionBrain",
    "Experiment",
    "Fold",
    "Folds",
    "Penalty",
    "TrainingPlan",
    "make_folds",
    "protocol",
    "read_folds",
    "run_recipe",
]
