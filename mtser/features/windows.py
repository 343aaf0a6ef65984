"""Reading what is longer than a model takes: in windows that overlap by half."""

from itertools import pairwise


def windows_of(n_tokens: int, longest: int) -> list[tuple[int, int, int, int]]:
    """Cut a text (or speech) into windows that a model can read.

    Parameters
    ----------
    n_tokens
        Of the text (or frames).
    longest
        Tokens (or frames) that a window can have, at least 2.

    Returns
    -------
    list of tuple
        Begin and end of each window, and begin and end of the tokens (or frames) whose states are taken from it.

    Example
    -------
    >>> windows_of(9, 4)
    [(0, 4, 0, 3), (2, 6, 3, 5), (4, 8, 5, 6), (5, 9, 6, 9)]
    """
    if n_tokens <= longest:
        return [(0, n_tokens, 0, n_tokens)] if n_tokens else []
    begins = [*range(0, n_tokens - longest, longest // 2), n_tokens - longest]
    middles = [0, *((before + longest + begin) // 2 for before, begin in pairwise(begins)), n_tokens]
    return [(begin, begin + longest, *kept) for begin, kept in zip(begins, pairwise(middles), strict=True)]
