"""The paper's equations as plain loops in float64, one utterance at a time and nothing padded.

Written from the equations, not from mtser: what the blocks compute at once is held against these. Arrays of words are
``[words, size]``, of frames ``[frames, size]``. ``W`` is a mapping of names of weights to float64 arrays.
"""

from collections.abc import Mapping

import numpy as np
from torch import nn

W = Mapping[str, np.ndarray]


def weights(module: nn.Module, prefix: str = "") -> dict[str, np.ndarray]:
    """The weights whose names start with ``prefix``, without it, in float64."""
    found = module.state_dict().items()
    return {name[len(prefix) :]: value.double().numpy() for name, value in found if name.startswith(prefix)}


def part(w: W, prefix: str) -> W:
    """Those whose names start with ``prefix.``, without it."""
    return {name[len(prefix) + 1 :]: value for name, value in w.items() if name.startswith(f"{prefix}.")}


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def linear(w: W, x: np.ndarray) -> np.ndarray:
    return w["weight"] @ x + w.get("bias", 0.0)


def layer_norm(w: W, x: np.ndarray) -> np.ndarray:
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5) * w["weight"] + w["bias"]


def gru(w: W, frames: np.ndarray) -> np.ndarray:
    """Eq. 5, from a state of zeros: ``[frames, hidden]``."""
    hidden = w["weight_hh_l0"].shape[1]
    w_r, w_z, w_n = w["weight_ih_l0"].reshape(3, hidden, -1)
    u_r, u_z, u_n = w["weight_hh_l0"].reshape(3, hidden, hidden)
    b_r, b_z, b_n = w["bias_ih_l0"].reshape(3, hidden)
    c_r, c_z, c_n = w["bias_hh_l0"].reshape(3, hidden)
    state, states = np.zeros(hidden), []
    for x in frames:
        r = sigmoid(w_r @ x + b_r + u_r @ state + c_r)
        z = sigmoid(w_z @ x + b_z + u_z @ state + c_z)
        n = np.tanh(w_n @ x + b_n + r * (u_n @ state + c_n))
        state = (1 - z) * n + z * state
        states.append(state)
    return np.array(states)


def lstm(w: W, items: np.ndarray) -> np.ndarray:
    """PyTorch's LSTM, from states of zeros: ``[items, hidden]``."""
    hidden = w["weight_hh_l0"].shape[1]
    w_i, w_f, w_g, w_o = w["weight_ih_l0"].reshape(4, hidden, -1)
    u_i, u_f, u_g, u_o = w["weight_hh_l0"].reshape(4, hidden, hidden)
    b_i, b_f, b_g, b_o = (w["bias_ih_l0"] + w["bias_hh_l0"]).reshape(4, hidden)
    state, cell, states = np.zeros(hidden), np.zeros(hidden), []
    for x in items:
        i, f = sigmoid(w_i @ x + u_i @ state + b_i), sigmoid(w_f @ x + u_f @ state + b_f)
        g, o = np.tanh(w_g @ x + u_g @ state + b_g), sigmoid(w_o @ x + u_o @ state + b_o)
        cell = f * cell + i * g
        state = o * np.tanh(cell)
        states.append(state)
    return np.array(states)


def directions(w: W, items: np.ndarray, cell: str) -> np.ndarray:
    """States of a net in one direction, or in two side by side (``nets.0``, ``nets.1``): ``[items, output]``."""
    run = {"gru": gru, "lstm": lstm}[cell]
    states = [run(part(w, "nets.0"), items)]
    if part(w, "nets.1"):
        states.append(run(part(w, "nets.1"), items[::-1])[::-1])
    return np.concatenate(states, axis=1)


def last_state(w: W, states: np.ndarray) -> np.ndarray:
    """What each direction ends with."""
    if not part(w, "nets.1"):
        return states[-1]
    half = states.shape[1] // 2
    return np.concatenate([states[-1, :half], states[0, half:]])


def frame_weights(w: W, states: np.ndarray, query: np.ndarray | None, norm: str) -> np.ndarray:
    """Eq. 6 as we read it, for one word: ``[frames]``; without a query and without a learned one equal weights."""
    if query is not None:
        scores = np.array([h @ w["weight.weight"] @ query for h in states])
    elif "query" in w:
        scores = np.array([h @ w["query"] for h in states])
    else:
        return np.full(len(states), 1 / len(states))
    return softmax(scores) if norm == "softmax" else sigmoid(scores) / sigmoid(scores).sum()


def word_vector(w: W, states: np.ndarray, query: np.ndarray | None, norm: str = "softmax") -> np.ndarray:
    """Eq. 7, for one word: ``[hidden]``."""
    alpha, vector = frame_weights(w, states, query, norm), np.zeros(states.shape[1])
    for j, h in enumerate(states):
        vector += alpha[j] * h
    return vector


def sinusoid(position: int, size: int) -> np.ndarray:
    """Vaswani et al. 2017, section 3.5."""
    angle = [position / 10000 ** (2 * (column // 2) / size) for column in range(size)]
    return np.array([np.sin(a) if column % 2 == 0 else np.cos(a) for column, a in enumerate(angle)])


def attend(q: np.ndarray, k: np.ndarray, v: np.ndarray, n_heads: int) -> np.ndarray:
    """Eq. 4, in heads: ``[words, size]``."""
    width = q.shape[1] // n_heads
    result = np.zeros_like(v)
    for head in range(n_heads):
        own = slice(head * width, (head + 1) * width)
        for i in range(len(q)):
            scores = np.array([q[i, own] @ k[j, own] / np.sqrt(width) for j in range(len(k))])
            result[i, own] = sum(weight * v[j, own] for j, weight in enumerate(softmax(scores)))
    return result


def transformer(
    w: W, words: np.ndarray, name: str, *, n_heads: int, share: tuple[str, ...], positions: str, norm: str
) -> np.ndarray:
    """MT of one modality, eqs. 1-4 and what Vaswani et al. put around them: ``[words, size]``."""
    project = part(w, f"project.{name}")
    x = np.array([linear(project, word) for word in words]) if project else words
    size = x.shape[1]
    if positions == "sinusoidal":
        x = np.array([word + sinusoid(i, size) for i, word in enumerate(x)])
    elif positions == "learned":
        x = x + w[f"positions.{name}.table"][: len(x)]
    number = 0
    while block := part(w, f"blocks.{number}"):
        number += 1

        def attention(words: np.ndarray, block: W = block) -> np.ndarray:
            q, k, v = (
                np.array([linear(part(block, f"projections.{kind}.{'shared' if kind in share else name}"), word)
                          for word in words])
                for kind in "qkv"
            )  # fmt: skip
            return np.array([linear(part(block, f"output.{name}"), one) for one in attend(q, k, v, n_heads)])

        def forward(words: np.ndarray, block: W = block) -> np.ndarray:
            into, out = part(block, f"feed_forward.{name}.0"), part(block, f"feed_forward.{name}.2")
            return np.array([linear(out, np.maximum(linear(into, word), 0)) for word in words])

        def normed(words: np.ndarray, which: str, block: W = block) -> np.ndarray:
            return np.array([layer_norm(part(block, f"{which}.{name}"), word) for word in words])

        if norm == "post":
            x = normed(x + attention(x), "attention_norm")
            x = normed(x + forward(x), "feed_forward_norm")
        else:
            x = x + attention(normed(x, "attention_norm"))
            x = x + forward(normed(x, "feed_forward_norm"))
    if norm == "pre":
        x = np.array([layer_norm(part(w, f"last_norm.{name}"), word) for word in x])
    return x


def aggregate(words: np.ndarray, kind: str, query: np.ndarray | None = None) -> np.ndarray:
    """Over the words: ``[size]``."""
    if kind == "attention":
        scores = np.array([word @ query for word in words])
        return sum(weight * word for weight, word in zip(softmax(scores), words, strict=True))
    total = sum(words, np.zeros(words.shape[1]))
    return total / {"sum": 1, "mean": len(words), "scaled_sum": len(words) ** 0.5}[kind]


def co_attention(w: W, audio: np.ndarray, text: np.ndarray, kind: str = "sum") -> np.ndarray:
    """MI, eqs. 8-11: ``[h_a; h_t]``."""
    vectors = []
    for name, here, there in (("audio", audio, text), ("text", text, audio)):
        words = []
        for h in here:
            # The map is stored as nn.Linear stores it: h^T W^h is (W_linear h)^T.
            relation = [np.tanh((w[f"relation.{name}.weight"] @ h) @ other) for other in there]  # eqs. 8, 10
            gathered = sum(c * other for c, other in zip(relation, there, strict=True))
            words.append(np.tanh(w[f"own.{name}.weight"] @ h + gathered))  # eqs. 9, 11
        vectors.append(aggregate(np.array(words), kind, w.get(f"aggregate.{name}.query")))
    return np.concatenate(vectors)


def joint(w: W, vector: np.ndarray) -> np.ndarray:
    """Eq. 12."""
    return np.maximum(linear(part(w, "linear"), vector), 0)


def classifier(w: W, vector: np.ndarray) -> np.ndarray:
    """Eqs. 13 and 14 without dropout and softmax: the logits."""
    return linear(part(w, "logits"), np.maximum(linear(part(w, "hidden"), vector), 0))
