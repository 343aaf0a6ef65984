"""The help of a reader's options comes from its docstring."""

import contextlib
import io

import pytest

from mtser.corpora import read_iemocap
from mtser.corpora.joined import read_cross_corpus
from mtser.training.option_help import argument_help
from mtser.training.options import parse_options


def documented(folder, *, one, two, three=1):
    """Does something.

    Parameters
    ----------
    folder
        Where.
    one, two
        Both of them, 5 %
        at most; see :func:`~my.module.function` and ``x``.

        More.

    Returns
    -------
    three
        Not an argument.
    """


def test_descriptions_are_found() -> None:
    told = argument_help(documented)
    both = "Both of them, 5 % at most; see my.module.function and x. More."
    assert told == {"folder": "Where.", "one": both, "two": both}
    assert argument_help(lambda folder, *, x=1: None) == {}


@pytest.mark.parametrize("reader", [documented, read_iemocap, read_cross_corpus])
def test_help_shows_them(reader) -> None:
    text = io.StringIO()
    with contextlib.redirect_stdout(text), pytest.raises(SystemExit):
        parse_options(reader, "", ["--help"])
    said = " ".join(text.getvalue().split())
    if reader is documented:
        assert "5 % at most" in said and "(has to be given)" in said and "(default: 1)" in said
    if reader is read_cross_corpus:
        assert "NAME:READER=FOLDER" in said and "--data_folder" not in said
    if reader is read_iemocap:
        assert '"even" shares its audio out evenly' in said and "--data_folder" in said
