import numpy as np
import pytest
import torch

from mtser.attention import attention_record, record_attention
from mtser.fusion import (
    AdditiveAttention,
    CoAttention,
    ContextPooling,
    DotProductAttention,
    LearnedAlignment,
    MultiHopAttention,
    MutualCorrelation,
    Pooling,
    QueryAttention,
    SharedTransformer,
)
from mtser.sequence import Sequence


def words(size: int, lengths: tuple[int, ...] = (4, 6), unit: str = "word", seed: int = 0) -> Sequence:
    torch.manual_seed(seed)
    return Sequence(torch.randn(len(lengths), max(lengths), size), torch.tensor(lengths), unit)


def softmax(scores: np.ndarray) -> np.ndarray:
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def number(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().double().numpy()


def test_nobody_looks_outside() -> None:
    assert attention_record() is None
    with record_attention() as record:
        assert attention_record() is record
    assert attention_record() is None


BLOCKS = {
    "transformer": (lambda: SharedTransformer({"text": 12, "audio": 10}, size=10, n_heads=2), 12, 10, "word"),
    "correlation": (
        lambda: MutualCorrelation({"audio": 10, "text": 12}, size=10, n_heads=2, n_layers=2),
        12,
        10,
        "word",
    ),
    "co_attention": (lambda: CoAttention(["audio", "text"], size=10, aggregate="attention"), 10, 10, "word"),
    "pooling": (lambda: Pooling(["audio", "text"], size=10, aggregate="attention"), 10, 10, "word"),
    "maximum": (lambda: ContextPooling(["audio", "text"], size=10), 10, 10, "word"),
    "hops": (lambda: MultiHopAttention(size=10, hops=3), 10, 10, "frame"),
    "dot": (lambda: LearnedAlignment(DotProductAttention(10, 2), size=10), 10, 10, "frame"),
    "additive": (lambda: LearnedAlignment(AdditiveAttention(10, 7), size=10), 10, 10, "frame"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_looking_changes_no_number(name: str) -> None:
    make, text, audio, unit = BLOCKS[name]
    torch.manual_seed(1)
    block = make().eval()
    lengths = (4, 6) if unit == "word" else (9, 11)
    sequences = {"text": words(text), "audio": words(audio, lengths, unit, 1)}
    plain = block(sequences)
    with record_attention() as record:
        looked = block(sequences)
    if isinstance(plain, torch.Tensor):
        assert torch.equal(plain, looked)
    else:
        assert all(torch.equal(plain[key].features, looked[key].features) for key in plain)
    for share in record.shares().values():
        assert share.sum().item() == pytest.approx(1)
        assert (share >= 0).all()
    for weights in record.maps().values():
        torch.testing.assert_close(weights.sum(1), torch.ones(len(weights), dtype=torch.float64))


def test_the_transformers_maps_and_shares_are_those_of_a_computation_by_hand() -> None:
    torch.manual_seed(0)
    block = SharedTransformer({"text": 10}, size=10, n_heads=2, n_blocks=2, positions="none").eval().double()
    pooling = Pooling(["text"], size=10, aggregate="attention").double()
    sequence = words(10)
    sequence = sequence.with_features(sequence.features.double())
    with record_attention() as record:
        pooling(block({"text": sequence}))

    features, maps = number(sequence.features)[0, :4], []
    for part in block.blocks:
        q, k, v = (
            features @ number(part.projections[one]["shared" if one in "qk" else "text"].weight).T
            + number(part.projections[one]["shared" if one in "qk" else "text"].bias)
            for one in "qkv"
        )
        heads = [softmax(q[:, h] @ k[:, h].T / np.sqrt(5)) for h in (slice(0, 5), slice(5, 10))]
        maps.append(np.mean(heads, axis=0))
        attended = np.concatenate([heads[0] @ v[:, :5], heads[1] @ v[:, 5:]], axis=1)
        added = torch.from_numpy(features + number(part.output["text"](torch.from_numpy(attended))))
        normed = part.attention_norm["text"](added)
        features = number(part.feed_forward_norm["text"](normed + part.feed_forward["text"](normed)))
    pooled = softmax(features @ number(pooling.aggregate["text"].query))
    identity = np.eye(4)
    expected = pooled @ ((identity + maps[1]) / 2) @ ((identity + maps[0]) / 2)

    np.testing.assert_allclose(number(record.maps()["text", "text"]), np.mean(maps, axis=0), atol=1e-12)
    np.testing.assert_allclose(number(record.shares()["text"]), expected, atol=1e-12)


def test_the_relation_of_co_attention_is_the_size_of_its_tanh() -> None:
    torch.manual_seed(0)
    block = CoAttention(["audio", "text"], size=10, aggregate="sum").double().eval()
    text, audio = words(10), words(10, seed=1)
    pair = {"text": text.with_features(text.features.double()), "audio": audio.with_features(audio.features.double())}
    with record_attention() as record:
        block(pair)
    t, a = number(pair["text"].features)[0, :4], number(pair["audio"].features)[0, :4]
    relation = np.abs(np.tanh(t @ number(block.relation["text"].weight).T @ a.T))
    looks_at_audio = relation / relation.sum(1, keepdims=True)
    relation = np.abs(np.tanh(a @ number(block.relation["audio"].weight).T @ t.T))
    looks_at_text = relation / relation.sum(1, keepdims=True)
    equal = np.full(4, 0.25)
    np.testing.assert_allclose(number(record.maps()["text", "audio"]), looks_at_audio, atol=1e-12)
    np.testing.assert_allclose(number(record.shares()["audio"]), (equal + equal @ looks_at_audio) / 2, atol=1e-12)
    np.testing.assert_allclose(number(record.shares()["text"]), (equal + equal @ looks_at_text) / 2, atol=1e-12)


def test_of_a_learned_alignment_frames_get_what_the_words_pass_on() -> None:
    torch.manual_seed(0)
    block = LearnedAlignment(AdditiveAttention(10, 7), size=10).eval().double()
    pooling = Pooling(["aligned"], size=20, aggregate="attention").double()
    text, audio = words(10), words(10, (9, 11), "frame", 1)
    pair = {"text": text.with_features(text.features.double()), "audio": audio.with_features(audio.features.double())}
    with record_attention() as record:
        pooling(aligned := block(pair))
    t, a, attention = number(pair["text"].features)[0, :4], number(pair["audio"].features)[0, :9], block.attention
    hidden = np.tanh(
        (t @ number(attention.query.weight).T + number(attention.query.bias))[:, None]
        + (a @ number(attention.key.weight).T)[None]
    )
    weights = softmax(hidden @ number(attention.score))
    pooled = softmax(number(aligned["aligned"].features)[0, :4] @ number(pooling.aggregate["aligned"].query))
    np.testing.assert_allclose(number(record.shares()["text"]), pooled, atol=1e-12)
    np.testing.assert_allclose(number(record.shares()["audio"]), pooled @ weights, atol=1e-12)
    assert record.units["audio"] == "frame"


def test_a_plain_mean_is_no_attention() -> None:
    with record_attention() as record:
        Pooling(["audio", "text"], size=10)({"text": words(10), "audio": words(10)})
    assert record.shares() == {}


def test_query_attention_is_the_softmax_over_the_words() -> None:
    torch.manual_seed(0)
    block = QueryAttention(query_size=5, size=10).double()
    text, audio = words(10), words(5, (1, 1), "utterance", 1)
    text, audio = (one.with_features(one.features.double()) for one in (text, audio))
    with record_attention() as record:
        block({"text": text, "audio": audio})
    query = number(block.project(audio.features[:, 0]))[0]
    np.testing.assert_allclose(
        number(record.shares()["text"]), softmax(number(text.features)[0, :4] @ query), atol=1e-12
    )
