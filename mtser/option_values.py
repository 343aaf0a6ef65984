"""Values on the command line, as argparse reads them: counts, numbers, seeds."""

import argparse

LARGEST_SEED = 2**32 - 1
"""Of numpy."""


def positive(text: str) -> int:
    """A whole number from 1 on.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is none.

    Example
    -------
    >>> positive("2")
    2
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def number_list(text: str) -> tuple[int, ...]:
    """Whole numbers with commas between them, each once.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is no such list.

    Example
    -------
    >>> number_list("1, 3")
    (1, 3)
    """
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers such as 1,3") from error
    if len(set(numbers)) < len(numbers):
        raise argparse.ArgumentTypeError(f"{text!r} names a number twice")
    return numbers


def seed_list(text: str) -> tuple[int, ...]:
    """Seeds with commas between them, each once.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is no such list.

    Example
    -------
    >>> seed_list("1,2,3")
    (1, 2, 3)
    """
    seeds = number_list(text)
    if not all(0 <= seed <= LARGEST_SEED for seed in seeds):
        raise argparse.ArgumentTypeError(f"{text!r} holds a number that is no seed (0 to {LARGEST_SEED})")
    return seeds
