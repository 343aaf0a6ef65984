"""What each system of hparams/ is to be, said once more without mtser: its equations and its number of parameters."""

from dataclasses import dataclass

import numpy as np

from mtser.encoders import Batch
from mtser.model import EmotionModel
from tests.helpers import slow


@dataclass(frozen=True)
class Reading:
    """What the paper's tables (and our reading of them) say of a system."""

    audio: str | None = "textual attention"
    text: bool = True
    share: tuple[str, ...] = ("q", "k")
    interaction: str = "co-attention"

    @property
    def modalities(self) -> list[str]:
        """In the order of concatenation."""
        return [name for name, there in (("audio", self.audio), ("text", self.text)) if there]


READINGS = {
    "full": Reading(),
    "mt_wr": Reading(interaction="mean"),
    "mt_mi": Reading(audio="mean of frames"),
    "mi_wr": Reading(share=()),
    "mi_mt_wr_star": Reading(audio="mean of states"),
    "audio_only": Reading(audio="self-attention", text=False, share=(), interaction="attention"),
    "text_only": Reading(audio=None, share=(), interaction="attention"),
}


def slow_logits(reading: Reading, model: EmotionModel, one: Batch) -> np.ndarray:
    """The logits of a batch of one utterance, from the model's weights and the paper's equations alone."""
    w, words = slow.weights(model), {}
    tables = dict(zip((encoder for encoder in model.encoders), (one[input] for input in model.inputs), strict=True))
    if reading.text:
        embedding = w["encoders.text.embedding.weight"]
        words["text"] = np.array([embedding[token] for token in tables["text"].values.tolist()])
    if reading.audio:
        audio = slow.part(w, "encoders.audio")
        vectors = []
        for i, raw in enumerate(tables["audio"].values.split(tables["audio"].lengths.tolist())):
            frames = (raw.numpy() - audio["mean"]) / audio["std"]
            if reading.audio == "mean of frames":
                vectors.append(slow.linear(slow.part(audio, "linear"), frames.mean(axis=0)))
                continue
            query = words["text"][i] if reading.audio == "textual attention" else None
            states = slow.gru(slow.part(audio, "gru"), frames)
            vectors.append(slow.word_vector(slow.part(audio, "attention"), states, query))
        words["audio"] = np.array(vectors)
    options = {"n_heads": 5, "share": reading.share, "positions": "sinusoidal", "norm": "post"}
    mt = slow.part(w, "fusion.0")
    hidden = {name: slow.transformer(mt, words[name], name, **options) for name in words}  # type: ignore[arg-type]
    mi = slow.part(w, "fusion.1")
    if reading.interaction == "co-attention":
        vector = slow.co_attention(mi, hidden["audio"], hidden["text"])
    else:
        queries = {name: mi.get(f"aggregate.{name}.query") for name in hidden}
        pooled = [slow.aggregate(hidden[name], reading.interaction, queries[name]) for name in reading.modalities]
        vector = np.concatenate(pooled)
    return slow.classifier(slow.part(w, "classifier"), slow.joint(slow.part(w, "fusion.2"), vector))


def n_parameters(reading: Reading, vocabulary: int) -> int:
    """By hand, from the sizes of section 4.2 and of our reading: 39 MFCC, embedding 100, GRU 50, d = 50, 4 classes."""
    linear = {size: 50 * size + 50 for size in (39, 50, 100)}  # to 50, with a bias
    gru = 3 * (50 * 39 + 50 * 50 + 2 * 50)
    n = {
        None: 0,
        "textual attention": gru + 50 * 100,  # W_a
        "self-attention": gru + 50,  # a learned query
        "mean of states": gru,
        "mean of frames": linear[39],
    }[reading.audio]
    n_modalities = len(reading.modalities)
    if reading.text:
        n += 100 * vocabulary + linear[100]  # the embedding, and the map to d before the transformer
    for kind in "qkv":
        n += 2 * linear[50] * (1 if kind in reading.share else n_modalities)  # two blocks
    feed_forward = (200 * 50 + 200) + (50 * 200 + 50)
    n += 2 * n_modalities * (linear[50] + feed_forward + 2 * (50 + 50))  # W_O, and two norms' gains and biases
    n += {"co-attention": 2 * (50 * 50 + 50 * 50), "mean": 0, "attention": 50 * n_modalities}[reading.interaction]
    n += (50 * n_modalities) * 100 + 100  # W_u, b_u
    return n + (100 * 50 + 50) + (50 * 4 + 4)
