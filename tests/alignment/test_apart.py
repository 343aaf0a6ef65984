import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from mtser.alignment import Aligner, Word
from mtser.alignment.apart import _FEW, AlignerApart
from mtser.alignment.word_times import UnusableAlignmentError

SAMPLES = np.zeros(16000, np.float32)


class Slow(Aligner):
    """Tells by its words in which process it was at work."""

    name = "slow"

    def align(self, samples: np.ndarray, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        time.sleep(0.05)
        if words[0] == "unknown":
            raise UnusableAlignmentError("no pronunciation", "unknown")
        return (Word(f"{words[0]} {os.getpid()}", 0.0, len(samples) / 16000),)

    def settings(self) -> dict[str, Any]:
        return {"class": "Slow", "version": 1}


def test_many_at_once_are_aligned_in_several_processes_each_as_it_would_be_here() -> None:
    apart = AlignerApart(Slow(), 2)
    assert (apart.name, apart.settings()) == ("slow", Slow().settings())
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda n: apart.align(SAMPLES, [f"w{n}"]), range(60)))
    assert [one[0].word.split()[0] for one in found] == [f"w{n}" for n in range(60)]
    at_work = {int(one[0].word.split()[1]) for one in found}
    assert os.getpid() in at_work and len(at_work) > 1
    assert {one[0].end for one in found} == {1.0}


def test_a_few_need_no_other_process() -> None:
    apart = AlignerApart(Slow(), 2)
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda n: apart.align(SAMPLES, [f"w{n}"]), range(_FEW - 2)))
    assert {one[0].word.split()[1] for one in found} == {str(os.getpid())}


def test_errors_come_back_with_reason_and_detail() -> None:
    apart = AlignerApart(Slow(), 1)
    for _ in range(_FEW):
        apart.align(SAMPLES, ["oh"])
    with apart._here, pytest.raises(UnusableAlignmentError) as caught:  # as if another thread were at work here
        apart.align(SAMPLES, ["unknown"])
    assert (caught.value.reason, caught.value.detail) == ("no pronunciation", "unknown")
