"""The joint vector (eq. 12)."""

import numpy as np
import torch

from mtser.fusion import JointVector
from tests.helpers import slow


def test_as_the_slow_loop() -> None:
    joint, vectors = JointVector(6, 4).double(), torch.randn(5, 6, dtype=torch.float64)
    found = joint(vectors).detach().numpy()
    expected = [slow.joint(slow.weights(joint), vector) for vector in vectors.numpy()]
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)
    assert (found == 0).any() and (found > 0).any()


def test_the_papers_sizes_are_the_defaults() -> None:
    assert JointVector().linear.weight.shape == (100, 100) and JointVector(50).output_size == 100
