"""What a model returns."""

import torch

from mtser.outputs import Outputs


def test_logits_alone_are_outputs_and_outputs_stay_as_they_are() -> None:
    logits = torch.randn(2, 4)
    assert Outputs.of(logits).logits is logits and Outputs.of(logits).attributes is None
    both = Outputs(logits, torch.randn(2, 3))
    assert Outputs.of(both) is both


def test_joining_batches_and_changing_all_tensors() -> None:
    def batch(n: int) -> Outputs:
        return Outputs(None, torch.randn(n, 3), {"audio": torch.randn(n, 3), "text": torch.randn(n, 3)})

    parts = [batch(3), batch(1)]
    whole = Outputs.join(parts)
    assert whole.logits is None and whole.attributes is not None
    assert torch.equal(whole.attributes[3:], parts[1].attributes)  # type: ignore[arg-type]
    assert list(whole.branches) == ["audio", "text"]
    assert torch.equal(whole.branches["text"][:3], parts[0].branches["text"])
    twice = whole.map(lambda one: 2 * one)
    assert twice.logits is None and torch.equal(twice.attributes, 2 * whole.attributes)  # type: ignore[arg-type]
    assert torch.equal(twice.branches["audio"], 2 * whole.branches["audio"])
