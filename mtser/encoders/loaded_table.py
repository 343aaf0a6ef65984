"""What an input loads, looked at once."""

import numpy as np
import torch
from torch import Tensor

from mtser.corpora.utterance import Utterance
from mtser.errors import FeatureError
from mtser.features.input import Input
from mtser.ragged import Ragged


def check_loaded(input: Input, table: Ragged, utterances: list[Utterance]) -> None:
    """Refuse what is not one row of numbers a word, or an utterance.

    Parameters
    ----------
    input
        That made it.
    table
        What it made.
    utterances
        Of what, in their order.

    Raises
    ------
    FeatureError
        If it is no table, rows are missing, too many or empty, or numbers are none.
    """
    who = f"what {type(input).__name__}.load returns"
    if not isinstance(table, Ragged):
        raise FeatureError(f"{who} is a {type(table).__name__}; it has to be a Ragged(values, lengths).")
    values, lengths = table.values, table.lengths
    if not isinstance(values, Tensor):
        raise FeatureError(f"{who} has values of {type(values).__name__}; they are a tensor (torch.from_numpy).")
    if not isinstance(lengths, np.ndarray) or lengths.ndim != 1 or not np.issubdtype(lengths.dtype, np.integer):
        raise FeatureError(f"{who} has lengths of {type(lengths).__name__}; they are a numpy array [rows] of integers.")
    of_words = input.unit == "word"
    expected = sum(len(one.words) for one in utterances) if of_words else len(utterances)
    if len(lengths) != expected:
        raise FeatureError(
            f"{who} has {len(lengths)} rows for {expected} {'words' if of_words else 'utterances'}; it has one row "
            + ("a word (unit 'word'; one an utterance: unit = 'utterance')." if of_words else "an utterance.")
        )
    if len(values) != lengths.sum():
        raise FeatureError(f"{who} has {len(values)} items, but its lengths sum up to {lengths.sum()}.")
    if len(lengths) and lengths.min() < 1:
        raise FeatureError(f"{who} has nothing for {_whose(int(lengths.argmin()), input, utterances)}.")
    if type(input).__module__.startswith("mtser."):
        return  # its numbers were looked at when they were extracted
    if values.is_floating_point() and not (finite := torch.isfinite(values)).all():
        item = int((~finite.reshape(len(values), -1).all(1)).nonzero()[0])
        whose = _whose(int(table.row_of_item[item]), input, utterances)
        raise FeatureError(f"{who} holds NaN or infinity, first in {whose}.")


def _whose(row: int, input: Input, utterances: list[Utterance]) -> str:
    if input.unit != "word":
        return f"utterance {utterances[row].id}"
    for one in utterances:
        if row < len(one.words):
            return f"word {row + 1} ({one.words[row].word}) of utterance {one.id}"
        row -= len(one.words)
    raise IndexError(row)
