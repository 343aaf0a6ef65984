"""What pocketsphinx finds in other processes is what it finds here."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mtser.alignment import Spoken
from mtser.alignment.apart import AlignerApart
from mtser.alignment.sphinx import SphinxAligner
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.apart import Processes
from mtser.audio import read_audio

pytest.importorskip("pocketsphinx")

SENTENCES = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}


def spoken(shared_data: Path) -> dict[str, Spoken]:
    """Some of RAVDESS with their sentences, and one whose sentence is another."""
    files = sorted((shared_data / "ravdess").glob("Actor_0[12]/*"))[::6]
    texts = {file: SENTENCES[file.stem.split("-")[4]] for file in files} | {files[3]: "What is it good for? Nothing."}
    return {file.stem: Spoken(file, text) for file, text in texts.items()}


def test_words_and_errors_are_the_same(shared_data: Path) -> None:
    alone = SphinxAligner()
    apart = AlignerApart(SphinxAligner(), Processes(2))
    assert (apart.name, apart.settings()) == (alone.name, alone.settings())
    given = list(spoken(shared_data).values())

    def found(aligner: SphinxAligner | AlignerApart, one: Spoken) -> object:
        words = one.text.rstrip(".").split()
        try:
            assert aligner.align_file(one.path, words) == aligner.align(read_audio(one.path), words)
            return aligner.align_file(one.path, words)
        except UnusableAlignmentError as error:
            return error.reason, error.detail

    expected = [found(alone, one) for one in given]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda one: found(apart, one), given)) == expected
    assert apart._apart._processes._are_ready and any(isinstance(one[0], str) for one in expected)  # type: ignore[index]
