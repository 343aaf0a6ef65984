"""Dialogs: how many turns of one a system looks at, and whose turns are in several parts of a fold."""

from collections.abc import Mapping, Sequence
from typing import Any

from mtser.corpora.utterance import Utterance
from mtser.errors import ConfigError
from mtser.training.folds import Folds


def dialogs_across_parts(folds: Folds, utterances: Sequence[Utterance]) -> tuple[str, ...]:
    """Warnings for models that look at dialogs: of what they know of turns that they are judged on or shall not know.

    Example
    -------
    >>> from mtser.training.folds import Fold
    >>> spoken = [Utterance(id, "", 1.0, "A", "sad", "", (), dialog="d") for id in "abc"]
    >>> dialogs_across_parts(Folds("mine", (Fold("1", ("a",), ("b",), ("c",)),)), spoken)[0][:51]
    'In 1 of 1 folds dialogs are shared by the training '
    """
    dialog = {one.id: one.dialog for one in utterances if one.dialog is not None}
    shared = heard = 0
    for fold in folds.folds:
        train, judged = ({dialog.get(id) for id in ids} - {None} for ids in (fold.train, fold.dev + fold.test))
        shared += not train.isdisjoint(judged)
        left_out = dialog.keys() - {*fold.train, *fold.dev, *fold.test}
        heard += any(dialog[id] in train for id in left_out)
    warnings = []
    if shared:
        warnings.append(
            f"In {shared} of {len(folds.folds)} folds dialogs are shared by the training part and the dev or test "
            "part: the model is trained with sound and words of turns that it is judged on (never with their labels)."
        )
    if heard and folds.removed:
        warnings.append(
            f"In {heard} of {len(folds.folds)} folds turns that the protocol takes out of the training part are still "
            "heard and read there, as what was said before other turns (never with their labels)."
        )
    return tuple(warnings)


def turns_before(objects: Mapping[str, Any]) -> tuple[int, int]:
    """How many turns before an utterance a system looks at: its encoders, and its inputs (in words alone).

    Example
    -------
    >>> from mtser.configuration import Hyperparameters
    >>> turns_before(Hyperparameters("hparams/mcaf.yaml", {"context": "blocks/context/dialog.yaml"}).build())
    (8, 0)
    """
    model = objects.get("model")
    return getattr(model, "n_preceding", 0), max((one.n_preceding for one in getattr(model, "inputs", ())), default=0)


def check_turns(objects: Mapping[str, Any], turns: tuple[int, int]) -> None:
    """Refuse a system that looks at other turns than those that are read for all folds.

    Raises
    ------
    ConfigError
        If it does.
    """
    if (own := turns_before(objects)) != turns:
        raise ConfigError(
            f"it would look at {max(own)} turns before an utterance, but the corpus is read once, for {max(turns)} "
            "turns; that has to be the same in all folds."
        )
