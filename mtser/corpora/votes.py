"""Soft labels: the shares of the annotators' votes."""

from collections.abc import Iterable, Mapping, Sequence

LABELS: Mapping[str, str] = {
    "ang": "anger",
    "dis": "disgust",
    "exc": "excited",
    "fea": "fear",
    "fru": "frustration",
    "hap": "happiness",
    "neu": "neutral",
    "oth": "other",
    "sad": "sadness",
    "sur": "surprise",
    "xxx": "no agreement",
}
"""IEMOCAP's labels and what they mean."""

_LABEL_OF_CATEGORY = {meaning: label for label, meaning in LABELS.items()} | {
    "neutral state": "neu",
    "excitement": "exc",
    "surprised": "sur",
}


def label_of(category: str) -> str | None:
    """The label of a category that an annotator ticked, None if it is unknown.

    Example
    -------
    >>> label_of("Neutral state")
    'neu'
    """
    return _LABEL_OF_CATEGORY.get(" ".join(category.lower().split()))


def vote_shares(
    ballots: Iterable[Sequence[str]], label_map: Mapping[str, str], classes: Sequence[str]
) -> dict[str, float] | None:
    """Share the votes out among the classes.

    Every annotator has one vote; who ticked several categories shares it out equally among them. Votes for categories
    outside the classes are left out, then the rest is scaled to sum to 1.

    Parameters
    ----------
    ballots
        What each annotator ticked.
    label_map
        The class of each label.
    classes
        All classes, in order.

    Returns
    -------
    dict or None
        The share of each class; None if no vote falls on any.

    Example
    -------
    >>> ballots = [("Anger",), ("Anger", "Frustration"), ("Neutral state",)]
    >>> vote_shares(ballots, {"ang": "angry", "neu": "neutral"}, ("angry", "neutral"))
    {'angry': 0.6, 'neutral': 0.4}
    """
    shares = dict.fromkeys(classes, 0.0)
    for ballot in ballots:
        ticked = list(dict.fromkeys(ballot))
        for category in ticked:
            label = label_of(category)
            if label is not None and label in label_map:
                shares[label_map[label]] += 1 / len(ticked)
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()} if total else None


def shares_of_counts(
    counts: Mapping[str, float], label_map: Mapping[str, str], classes: Sequence[str]
) -> dict[str, float] | None:
    """Share counted votes (or weights) of labels out among the classes, as :func:`vote_shares` does.

    Parameters
    ----------
    counts
        Label → how many votes; labels outside the classes are left out.
    label_map, classes
        As for :func:`vote_shares`.

    Example
    -------
    >>> shares_of_counts({"A": 3, "N": 1, "D": 6}, {"A": "angry", "N": "neutral"}, ("angry", "neutral"))
    {'angry': 0.75, 'neutral': 0.25}
    """
    shares = dict.fromkeys(classes, 0.0)
    for label, count in counts.items():
        if label in label_map:
            shares[label_map[label]] += count
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()} if total > 0 else None
