"""What the permutation test over speakers does not know: the luck of training, which speakers of one model share."""

from collections.abc import Sequence

SAME_MODELS = (
    "The same models tested all speakers, so that their luck of training moves all of them alike: p is too small, "
    "whatever the number of seeds."
)
"""A sentence to show beside a comparison."""


def one_seed(whose: str = "") -> str:
    """A sentence to show beside comparisons of systems that were trained once.

    Example
    -------
    >>> one_seed("wise, mdre")
    'One seed (wise, mdre): a difference depends on that one training; another seed may turn it.'
    """
    names = f" ({whose})" if whose else ""
    return f"One seed{names}: a difference depends on that one training; another seed may turn it."


def groups_without_a_common_model(folds: Sequence[str], speakers: Sequence[str]) -> int:
    """Into how many groups the speakers fall so that no model has tested speakers of two groups.

    The signs of these groups could be flipped independently of each other: 5 under loso on IEMOCAP, 10 under lospo, 1
    under random_5fold.

    Parameters
    ----------
    folds, speakers
        Of each tested utterance; all seeds of a fold count as one model.

    Example
    -------
    >>> groups_without_a_common_model(["1", "1", "2"], ["F01", "M01", "F02"])
    2
    >>> groups_without_a_common_model(["1", "1", "2", "2"], ["F01", "M01", "M01", "F02"])
    1
    """
    of_fold: dict[str, set[str]] = {}
    for fold, speaker in set(zip(folds, speakers, strict=True)):
        of_fold.setdefault(fold, set()).add(speaker)
    groups: list[set[str]] = []
    for mine in of_fold.values():
        joined = [group for group in groups if group & mine]
        groups = [group for group in groups if not group & mine] + [mine.union(*joined)]
    return len(groups)


def same_models(folds: Sequence[str], speakers: Sequence[str]) -> bool:
    """Whether there are several speakers, but no group of them that others share no model with."""
    return len(set(speakers)) > 1 and groups_without_a_common_model(folds, speakers) == 1
