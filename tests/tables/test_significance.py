import pytest

from mtser.tables.report import Contrast
from mtser.tables.significance import too_few_speakers


@pytest.mark.parametrize(
    ("value", "holm", "verdict"),
    [
        (0.1, 0.049, "better"),
        (-0.1, 0.049, "worse"),
        (0.1, 0.05, "no difference shown"),
        (0.0, 0.001, "no difference shown"),
    ],
)
def test_verdicts(value, holm, verdict):
    assert Contrast(value, None, holm, holm).verdict == verdict


def test_the_smallest_p_that_can_come_out():
    assert too_few_speakers(6, 1) is None  # 2/64 = 0.031
    assert "0.0625" in too_few_speakers(6, 2)
    assert "is 1:" in too_few_speakers(2, 3)
    assert too_few_speakers(2, 0) is None
