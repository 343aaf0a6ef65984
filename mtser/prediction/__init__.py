"""Recordings of any number and length → emotions: turn by turn, as tables, tiers and pictures.

:class:`mtser.prediction.predictor.Predictor` judges; the rest reads, writes and draws. Nothing is imported here:
``mtser --help`` has to be quick.
"""
