"""The classifier (eqs. 13 and 14)."""

import numpy as np
import pytest
import torch

from mtser.classifiers import MLPClassifier
from mtser.errors import ConfigError
from tests.helpers import slow


@pytest.mark.parametrize("dropout_at", ["hidden", "input"])
def test_as_the_slow_loop_when_it_is_used(dropout_at: str) -> None:
    classifier = MLPClassifier(3, input_size=6, hidden_size=4, dropout_at=dropout_at).double().eval()
    vectors = torch.randn(5, 6, dtype=torch.float64)
    expected = [slow.classifier(slow.weights(classifier), vector) for vector in vectors.numpy()]
    np.testing.assert_allclose(classifier(vectors).detach(), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("dropout_at", ["hidden", "input"])
def test_dropout_stands_where_it_says(dropout_at: str) -> None:
    classifier = MLPClassifier(3, input_size=6, hidden_size=4, dropout=0.5, dropout_at=dropout_at).double()
    vectors = torch.randn(200, 6, dtype=torch.float64)
    size = 6 if dropout_at == "input" else 4
    torch.manual_seed(3)
    found = classifier(vectors).detach().numpy()
    torch.manual_seed(3)
    kept = torch.nn.functional.dropout(torch.ones(200, size, dtype=torch.float64), 0.5).numpy()  # 0, or 2 where kept
    assert set(np.unique(kept)) == {0.0, 2.0}
    w = slow.weights(classifier)
    for vector, keep, logits in zip(vectors.numpy(), kept, found, strict=True):
        if dropout_at == "input":  # eq. 13: ReLU(w_1^T (r_1 p_c))
            hidden = np.maximum(slow.linear(slow.part(w, "hidden"), keep * vector), 0)
        else:  # the prose: linear, ReLU, dropout
            hidden = keep * np.maximum(slow.linear(slow.part(w, "hidden"), vector), 0)
        np.testing.assert_allclose(logits, slow.linear(slow.part(w, "logits"), hidden), rtol=1e-12, atol=1e-14)


def test_the_papers_sizes_are_the_defaults() -> None:
    classifier = MLPClassifier(4)
    assert classifier.hidden.weight.shape == (50, 100) and classifier.logits.weight.shape == (4, 50)
    assert classifier.dropout.p == 0.5 and classifier.dropout_at == "hidden"


def test_unknown_place() -> None:
    with pytest.raises(ConfigError, match="hidden or input"):
        MLPClassifier(4, dropout_at="output")
