"""The blocks of the rival systems as plain loops in float64, one utterance at a time and nothing padded.

Written from the equations in the blocks' docstrings, not from their code; see :mod:`tests.helpers.slow`, of which this
is the second half. What the weights do not tell (heads, shapes, strides) is given by who calls.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from tests.helpers import slow
from tests.helpers.slow import W, sigmoid


def asked(query: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Σ_j softmax_j(h_j^T q) h_j."""
    weights, found = slow.softmax(np.array([h @ query for h in items])), np.zeros(items.shape[1])
    for weight, h in zip(weights, items, strict=True):
        found += weight * h
    return found


def dot_product(w: W, words: np.ndarray, frames: np.ndarray, n_heads: int) -> np.ndarray:
    """Every word's scaled dot products with all frames, in heads: ``[words, size]``."""
    q = np.array([slow.linear(slow.part(w, "query"), one) for one in words])
    k, v = (np.array([slow.linear(slow.part(w, name), one) for one in frames]) for name in ("key", "value"))
    result, width = np.zeros(q.shape), q.shape[1] // n_heads
    for head in range(n_heads):
        own = slice(width * head, width * head + width)
        for i in range(len(words)):
            weights = slow.softmax(np.array([q[i, own] @ k[j, own] / np.sqrt(width) for j in range(len(frames))]))
            for j in range(len(frames)):
                result[i, own] += weights[j] * v[j, own]
    return np.array([slow.linear(slow.part(w, "output"), one) for one in result])


def additive(w: W, words: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """v^T tanh(W_q w + b + W_h h) scores every frame for every word: ``[words, size]``."""
    result = np.zeros((len(words), frames.shape[1]))
    keys = [slow.linear(slow.part(w, "key"), frame) for frame in frames]
    for i, word in enumerate(words):
        here = slow.linear(slow.part(w, "query"), word)
        scores = [w["score"] @ np.tanh(here + key) for key in keys]
        for weight, frame in zip(slow.softmax(np.array(scores)), frames, strict=True):
            result[i] += weight * frame
    return result


def interaction(w: W, items: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Two LSTMs that interact, word after word; the gates in the order i, f, o, g."""
    size = w["recurrent.audio.weight"].shape[1]
    other = {"audio": "text", "text": "audio"}
    state, cell = ({name: np.zeros(size) for name in items} for _ in range(2))
    found: dict[str, list[np.ndarray]] = {name: [] for name in items}
    for i in range(len(items["audio"])):
        own = {}
        for name in items:
            gates = slow.linear(slow.part(w, f"input.{name}"), items[name][i])
            gates = gates + w[f"recurrent.{name}.weight"] @ state[name]
            enter, forget, leave, new = gates.reshape(4, size)
            cell[name] = sigmoid(forget) * cell[name] + sigmoid(enter) * np.tanh(new)
            own[name] = sigmoid(leave) * np.tanh(cell[name])
        for name in items:
            both = np.concatenate([own[name], own[other[name]]])
            weight, bias = w[f"exchange.{name}.weight"], w[f"exchange.{name}.bias"]
            gate = sigmoid(weight[:size] @ both + bias[:size])
            heard = np.tanh(weight[size:] @ both + bias[size:])
            state[name] = (1 - gate) * own[name] + gate * heard
            found[name].append(state[name])
    return {name: np.array(vectors) for name, vectors in found.items()}


def correlated(w: W, x: Mapping[str, np.ndarray], n_heads: int) -> dict[str, np.ndarray]:
    """One layer of attention with corrected keys: the four equations of the docstring, an item after the other."""
    n, size = x["audio"].shape
    d = size // n_heads

    def each(kind: str) -> dict[str, np.ndarray]:
        """``[items, heads, width of a head]``."""
        made = {name: np.array([w[f"{kind}.{name}.weight"] @ one for one in x[name]]) for name in x}
        return {name: vectors.reshape(n, n_heads, d) for name, vectors in made.items()}

    query, key, value = each("query"), each("key"), each("value")
    fused = {}
    for name, other in (("audio", "text"), ("text", "audio")):
        factor, result = w[f"factor.{name}.weight"], []
        for i in range(n):
            heads = []
            for head in range(n_heads):
                corrected = [key[name][j, head] + factor @ key[other][j, head] for j in range(n)]
                weights = slow.softmax(np.array([query[name][i, head] @ one / np.sqrt(d) for one in corrected]))
                heads.append(sum(weights[j] * value[name][j, head] for j in range(n)))
            added = slow.linear(slow.part(w, f"output.{name}"), np.concatenate(heads))
            result.append(slow.layer_norm(slow.part(w, f"norm.{name}"), x[name][i] + added))
        fused[name] = np.array(result)
    return fused


def self_attended(w: W, states: np.ndarray) -> np.ndarray:
    """Eq. 7 with a learned query in the place of the word's embedding, which has to be there: ``[hidden]``."""
    return asked(w["query"], states)


def word_of_phones(w: W, frames: np.ndarray, of_phones: Sequence[int]) -> np.ndarray:
    """A word's vector from its frames, a phone after the other; those without frames are left out."""
    vectors, begin = [], 0
    for n in of_phones:
        if n:
            states = slow.gru(slow.part(w, "frame_gru"), frames[begin : begin + n])
            vectors.append(self_attended(slow.part(w, "frame_attention"), states))
        begin += n
    states = slow.gru(slow.part(w, "phone_gru"), np.array(vectors))
    return self_attended(slow.part(w, "phone_attention"), states)


def phone_filters(w: W, phones: Sequence[int], widths: Sequence[int]) -> np.ndarray:
    """One place of one filter at a time along the phones of an utterance: ``[output]``."""
    vectors, pooled = np.array([w["embedding.weight"][phone] for phone in phones]), []
    for number, width in enumerate(widths):
        size = vectors.shape[1]
        padded = np.concatenate([np.zeros(((width - 1) // 2, size)), vectors, np.zeros((width, size))])
        for weight, bias in zip(w[f"filters.{number}.weight"], w[f"filters.{number}.bias"], strict=True):
            found = [(weight * padded[at : at + width].T).sum() + bias for at in range(len(phones))]
            pooled.append(max(0.0, *found))
    return np.maximum(slow.linear(slow.part(w, "linear"), np.array(pooled)), 0)


def spectrogram_filters(w: W, frames: np.ndarray, shapes: Sequence[Sequence[int]], stride: Sequence[int]) -> np.ndarray:
    """One place of one filter at a time over the spectrogram ``[frames, bands]`` of an utterance: ``[output]``."""
    pooled, n_bands = [], frames.shape[1]
    for number, (height, width) in enumerate(shapes):
        before = (width - 1) // 2
        padded = np.concatenate([np.zeros((before, n_bands)), frames, np.zeros((width, n_bands))])
        for weight, bias in zip(w[f"filters.{number}.weight"], w[f"filters.{number}.bias"], strict=True):
            found = np.array(
                [
                    [
                        max(0.0, (weight[0] * padded[t : t + width, b : b + height].T).sum() + bias)
                        for t in range(0, len(frames), stride[1])
                    ]
                    for b in range(0, n_bands - height + 1, stride[0])
                ]
            )
            for rows in _halves(len(found)):
                for columns in _halves(found.shape[1]):
                    pooled.append(found[rows][:, columns].max())
    return np.maximum(slow.linear(slow.part(w, "linear"), np.array(pooled)), 0)


def _halves(n: int) -> list[slice]:
    """Both have the one in the middle, if there is one."""
    return [slice(0, (n + 1) // 2), slice(n // 2, n)]


def co_attention(w: W, items: Mapping[str, np.ndarray]) -> np.ndarray:
    """MI of any number of modalities in the order of ``items``, summed over words: each gathers from every other."""
    vectors = []
    for name, here in items.items():
        others = [other for other in items if other != name]
        size = here.shape[1]
        relations = w[f"relation.{name}.weight"].reshape(len(others), size, size)  # one for each of the others
        vector = np.zeros(size)
        for h in here:
            gathered = w[f"own.{name}.weight"] @ h
            for matrix, other in zip(relations, others, strict=True):
                for h_other in items[other]:
                    gathered = gathered + np.tanh((matrix @ h) @ h_other) * h_other
            vector += np.tanh(gathered)
        vectors.append(vector)
    return np.concatenate(vectors)


def attributes(w: W, vector: np.ndarray) -> np.ndarray:
    """Two linear maps with a ReLU between, about the mean of the ratings in units of their standard deviation."""
    values = slow.linear(slow.part(w, "attributes"), np.maximum(slow.linear(slow.part(w, "hidden"), vector), 0))
    return w["mean"] + w["std"] * values
