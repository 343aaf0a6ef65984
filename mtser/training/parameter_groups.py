"""Pretrained encoders learn at a rate of their own, and are not drawn to zero."""

from collections.abc import Iterable
from typing import Any

from torch import nn

from mtser.encoders.tuned import tuned_encoders


def parameter_groups(model: nn.Module, parameters: Iterable[Any], encoder_lr: float) -> Iterable[Any]:
    """What an optimizer is given.

    Parameters
    ----------
    model
        That is trained.
    parameters
        All of it, or groups of them (SpeechBrain's ``--remove_vector_weight_decay``).
    encoder_lr
        Learning rate of the pretrained encoders in it.

    Returns
    -------
    Iterable
        The parameters as they came, if no pretrained encoder is trained; else groups, that of the encoders last, which
        an optimizer's own weight decay leaves alone, too.

    Example
    -------
    >>> layer = nn.Linear(2, 1)
    >>> len(list(parameter_groups(layer, layer.parameters(), 1e-4)))
    2
    """
    pretrained = {id(weight) for tuned in tuned_encoders(model) for weight in tuned.parameters()}
    if not pretrained:
        return parameters
    every = [one if isinstance(one, dict) else {"params": [one]} for one in parameters]
    if not any("weight_decay" in one for one in every):
        every = [{"params": [weight for one in every for weight in one["params"]]}]
    others = [{**one, "params": [each for each in one["params"] if id(each) not in pretrained]} for one in every]
    trained = [each for one in every for each in one["params"] if id(each) in pretrained and each.requires_grad]
    return [*others, {"params": trained, "lr": encoder_lr, "weight_decay": 0.0}]
