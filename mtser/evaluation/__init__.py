"""How good a system is: measures, intervals over speakers, paired tests, pictures and the report."""

from mtser.evaluation.attributes import AttributePredictions, concordance_correlation, join_attributes
from mtser.evaluation.compare import Comparison, Difference, compare
from mtser.evaluation.ensemble import ensemble, ensemble_name, seeds_alike
from mtser.evaluation.intervals import Intervals, bootstrap_intervals, speaker_confusions
from mtser.evaluation.metrics import (
    confusion_matrix,
    macro_f1,
    recall_per_class,
    unweighted_accuracy,
    weighted_accuracy,
)
from mtser.evaluation.pictures import best_epoch, draw_confusion, draw_curves
from mtser.evaluation.predictions import Predictions, join
from mtser.evaluation.report import write_report, write_seeds_report
from mtser.evaluation.screen import screen_summary
from mtser.evaluation.summary import summarise, summarise_models, summarise_seeds

__all__ = [
    "AttributePredictions",
    "Comparison",
    "Difference",
    "Intervals",
    "Predictions",
    "best_epoch",
    "bootstrap_intervals",
    "compare",
    "concordance_correlation",
    "confusion_matrix",
    "draw_confusion",
    "draw_curves",
    "ensemble",
    "ensemble_name",
    "join",
    "join_attributes",
    "macro_f1",
    "recall_per_class",
    "screen_summary",
    "seeds_alike",
    "speaker_confusions",
    "summarise",
    "summarise_models",
    "summarise_seeds",
    "unweighted_accuracy",
    "weighted_accuracy",
    "write_report",
    "write_seeds_report",
]
