"""Recordings of any number and length → emotions: turn by turn, as tables, tiers and pictures."""

from mtser.prediction.prediction import Prediction
from mtser.prediction.predictor import Failure, Predictor
from mtser.prediction.sources import Source

__all__ = ["Failure", "Prediction", "Predictor", "Source"]
