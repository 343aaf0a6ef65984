"""MT (eqs. 1-4): against plain loops, with every option."""

import numpy as np
import pytest
import torch
from torch import nn

from mtser.errors import ConfigError
from mtser.fusion import SharedTransformer
from mtser.sequence import Sequences
from tests.helpers import slow
from tests.helpers.synthetic import random_words

N_WORDS = [4, 1, 3]
SIZES = {"text": 6, "audio": 4}
NAN = float("nan")
OPTIONS = {
    "the paper's": {},
    "share none": {"share": []},
    "share q": {"share": ["q"]},
    "share k": {"share": ["k"]},
    "share v": {"share": ["v"]},
    "share q v": {"share": ["q", "v"]},
    "share all": {"share": ["q", "k", "v"]},
    "pre-norm": {"norm": "pre"},
    "learned positions": {"positions": "learned", "longest": 4},
    "no positions": {"positions": "none"},
    "one head": {"n_heads": 1},
    "four heads": {"n_heads": 4},
    "three blocks": {"n_blocks": 3},
    "no block": {"n_blocks": 0},
    "narrow feed-forward": {"feed_forward": 1},
    "everything else": {"share": ["v"], "norm": "pre", "positions": "none", "n_heads": 4, "n_blocks": 1},
}


def made(sizes: dict[str, int] = SIZES, **options: object) -> SharedTransformer:
    torch.manual_seed(0)
    transformer = SharedTransformer(sizes, **{"size": 4, "n_heads": 2, **options}).double().eval()  # type: ignore[arg-type]
    for parameter in transformer.parameters():  # norms and biases away from one and zero
        nn.init.normal_(parameter, std=0.5)
    return transformer


def words(sizes: dict[str, int] = SIZES, on_padding: float = 0.0) -> Sequences:
    return {name: random_words(N_WORDS, size, seed, on_padding) for seed, (name, size) in enumerate(sizes.items())}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_as_the_slow_loop(options: dict) -> None:
    transformer = made(**options)
    fused = transformer(words(on_padding=NAN))
    reading = {"n_heads": 2, "share": ["q", "k"], "positions": "sinusoidal", "norm": "post", **options}
    reading = {name: reading[name] for name in ("n_heads", "share", "positions", "norm")}
    for name, sequence in words().items():
        for row, length in enumerate(N_WORDS):
            alone = sequence.features[row, :length].numpy()
            expected = slow.transformer(slow.weights(transformer), alone, name, **reading)
            np.testing.assert_allclose(fused[name].features[row, :length].detach(), expected, rtol=1e-6, atol=1e-6)
        assert fused[name].lengths.tolist() == N_WORDS and fused[name].unit == "word"


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_alone_as_in_a_batch_whatever_stands_on_padding(options: dict) -> None:
    transformer = made(**options)
    together = transformer(words(on_padding=NAN))
    for row, length in enumerate(N_WORDS):
        one = {name: one_of(sequence, row, length) for name, sequence in words().items()}
        alone = transformer(one)
        for name in SIZES:
            torch.testing.assert_close(
                together[name].features[row, :length], alone[name].features[0], rtol=0, atol=1e-13
            )


def one_of(sequence, row: int, length: int):  # type: ignore[no-untyped-def]
    """One utterance of a sequence, without its padding."""
    return type(sequence)(sequence.features[row : row + 1, :length], sequence.lengths[row : row + 1], sequence.unit)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_gradients_reach_every_parameter_and_no_padding(options: dict) -> None:
    transformer, sequences = made(**options), words(on_padding=NAN)
    for sequence in sequences.values():
        sequence.features.requires_grad_()
    fused = transformer(sequences)
    draw = torch.Generator().manual_seed(5)
    each = {name: torch.randn(3, 4, 4, generator=draw, dtype=torch.float64) for name in fused}
    sum((one.masked().features * each[name]).sum() for name, one in fused.items()).backward()
    for name, parameter in transformer.named_parameters():
        # A bias of the keys adds the same to all scores of a query, which the softmax does not see.
        zero = ".projections.k." in name and name.endswith("bias")
        grad = parameter.grad
        assert grad is not None and grad.isfinite().all(), name
        assert bool(grad.abs().max() > 1e-12) is not zero, name
    for sequence in sequences.values():
        grad = sequence.features.grad
        assert grad is not None and grad[sequence.mask].all() and not grad[~sequence.mask].any()


@pytest.mark.parametrize("share", [[], ["q"], ["q", "k"], ["q", "k", "v"], ["v"]])
def test_what_is_shared_is_one_tensor_that_both_modalities_move(share: list[str]) -> None:
    transformer = made(share=share)
    for block in transformer.blocks:
        for kind in "qkv":
            names = {"shared"} if kind in share else {"text", "audio"}
            assert set(block.projections[kind]) == names
            for name in ("text", "audio"):
                transformer.zero_grad()
                transformer(words())[name].masked().features.square().sum().backward()
                moved = {key: block.projections[kind][key].weight.grad for key in names}
                for key, grad in moved.items():
                    assert (grad is not None and bool(grad.any())) is (key in ("shared", name))


def test_modalities_do_not_see_each_other() -> None:
    transformer, sequences = made(), words()
    before = transformer(sequences)["text"].features
    sequences["audio"] = sequences["audio"].with_features(sequences["audio"].features * -2)
    assert torch.equal(transformer(sequences)["text"].features, before)


@pytest.mark.parametrize("n_modalities", [1, 2, 3, 4])
def test_any_number_of_modalities(n_modalities: int) -> None:
    sizes = dict(list({"video": 9, "text": 6, "audio": 4, "pose": 2}.items())[:n_modalities])
    transformer = made(sizes)
    fused = transformer(words(sizes, on_padding=NAN))
    assert list(fused) == list(sizes) == list(transformer.output_sizes)
    for name, sequence in words(sizes).items():
        expected = slow.transformer(
            slow.weights(transformer),
            sequence.features[0].numpy(),
            name,
            n_heads=2,
            share=("q", "k"),
            positions="sinusoidal",
            norm="post",
        )
        np.testing.assert_allclose(fused[name].features[0].detach(), expected, rtol=1e-6, atol=1e-6)
    queries = [name for name, _ in transformer.named_parameters() if ".q." in name]
    assert len(queries) == 2 * 2  # a weight and a bias a block, however many modalities


@pytest.mark.parametrize("words_of_audio", [[4, 1, 3], [2, 5, 1]])
def test_modalities_may_differ_in_length(words_of_audio: list[int]) -> None:
    sequences = {"text": random_words(N_WORDS, 6), "audio": random_words(words_of_audio, 4)}
    assert made()(sequences)["audio"].features.shape[1] == max(words_of_audio)


def test_dropout_works_in_training_alone() -> None:
    transformer = made(dropout=0.5)
    once = transformer(words())["text"].features
    assert torch.equal(transformer(words())["text"].features, once)
    transformer.train()
    assert not torch.equal(transformer(words())["text"].features, transformer(words())["text"].features)


def test_the_papers_sizes_are_the_defaults() -> None:
    transformer = SharedTransformer({"text": 100, "audio": 50})
    assert len(transformer.blocks) == 2 and transformer.share == ("q", "k") and transformer.blocks[0].n_heads == 5
    assert transformer.output_sizes == {"text": 50, "audio": 50}


@pytest.mark.parametrize("nothing", ["none", None, [], ()])
def test_spellings_of_sharing_nothing(nothing: object) -> None:
    assert made(share=nothing).share == ()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"share": ["q", "w"]}, "'w'; it can name q, k and v"),
        ({"n_heads": 3}, "size 4 is not divisible by its 3 heads"),
        ({"n_heads": 0}, "0 heads"),
        ({"norm": "both"}, "post or pre"),
        ({"positions": "rotary"}, "sinusoidal, learned or none"),
    ],
)
def test_options_that_cannot_be(options: dict, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        made(**options)
