"""One linear map as a classifier."""

import numpy as np
import torch

from mtser.classifiers import LinearClassifier
from tests.helpers import slow


def test_as_the_slow_loop() -> None:
    torch.manual_seed(0)
    classifier, vectors = LinearClassifier(n_classes=4, input_size=6).double(), torch.randn(3, 6, dtype=torch.float64)
    logits, w = classifier(vectors), slow.part(slow.weights(classifier), "logits")
    for row in range(3):
        np.testing.assert_allclose(logits[row].detach(), slow.linear(w, vectors[row].numpy()), atol=1e-15)
    assert (classifier.input_size, classifier.output_size) == (6, 4)
    logits.square().sum().backward()
    assert all(one.grad is not None and one.grad.all() for one in classifier.parameters())
