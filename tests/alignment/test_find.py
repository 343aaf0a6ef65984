"""Aligners by name."""

from pathlib import Path

import pytest

from mtser.alignment import find_aligner
from mtser.alignment.files import EvenAligner, FileAligner
from mtser.errors import ConfigError


def test_names_lead_to_aligners(tmp_path: Path) -> None:
    assert isinstance(find_aligner("even"), EvenAligner)
    assert isinstance(find_aligner(str(tmp_path)), FileAligner)
    assert find_aligner("ctc:some/model").name == "ctc some/model"
    assert isinstance(find_aligner("mtser.alignment.files.EvenAligner"), EvenAligner)
    pytest.importorskip("pocketsphinx")
    assert find_aligner("pocketsphinx").name == "pocketsphinx en-us"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mfa", "there is no aligner 'mfa'; there are pocketsphinx, ctc:MODEL, even, a folder"),
        (
            "./no/folder",
            "there is no aligner './no/folder': there is no such folder; there are pocketsphinx",
        ),
        ("~/no/folder", "there is no such folder; there are"),
        (__file__, "it is no folder; there are"),
        ("ctc", "there is no aligner 'ctc'"),
        ("mtser.alignment.files.Oddly", "leads nowhere"),
        ("mtser.alignment.word.Word", "is no class derived from mtser.alignment.aligner.Aligner"),
    ],
)
def test_unknown_names_are_told_what_there_is(name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        find_aligner(name)
