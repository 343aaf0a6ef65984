import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.tables.holm import holm


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([], []),
        ([0.2], [0.2]),
        # Holm's paper style: 4 × 0.005, 3 × 0.01, 2 × 0.03, then 0.04 may not be below 0.06
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.5, 0.6, 0.9], [1.0, 1.0, 1.0]),
        ([0.02, 0.02], [0.04, 0.04]),
    ],
)
def test_against_values_by_hand(p, expected):
    np.testing.assert_allclose(holm(p), expected, atol=1e-12)


@given(st.lists(st.floats(0, 1), max_size=8), st.floats(0.001, 0.999))
def test_rejects_what_the_step_down_procedure_rejects(p, level):
    """The definition, slowly: go up from the smallest p and stop at the first that is too large."""
    rejected = set()
    for k, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        if p[i] > level / (len(p) - k):
            break
        rejected.add(i)
    near = any(abs(one - level / m) < 1e-9 for one in p for m in range(1, len(p) + 1))
    assert near or rejected == {i for i, one in enumerate(holm(p)) if one <= level}
