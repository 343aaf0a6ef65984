"""The model: encoders, fusion blocks and a classifier in a chain."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from mtser.checks import check_number
from mtser.classifiers.modality_heads import ModalityHeads
from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.encoders.encoder import Encoder
from mtser.errors import ModelError
from mtser.features.input import Input, notes_of
from mtser.fusion.modality_dropout import drop_modalities
from mtser.outputs import Outputs
from mtser.ragged import Ragged
from mtser.sequence import Sequences


class EmotionModel(nn.Module):
    """Encoders → fusion blocks → classifier.

    Parameters
    ----------
    encoders
        Modality name → encoder. Each sees what those before it returned.
    fusion
        Blocks one after the other: first any number that take and return sequences, then those that return and take
        one vector an utterance.
    classifier
        The vector of an utterance → logits, or :class:`~mtser.outputs.Outputs` that also hold attributes. If it has a
        ``fit``, that sees the utterances of the training part.
    modality_dropout
        In training an utterance loses one of its modalities with this probability
        (:func:`~mtser.fusion.modality_dropout.drop_modalities`), behind the encoders.
    auxiliary
        In training each modality tells the classes by itself, too, from what the last block that returns sequences made
        of it; this times the mean of those losses is added (:class:`~mtser.classifiers.modality_heads.ModalityHeads`).
        0 for none.

    Raises
    ------
    ModelError
        If the widths of two neighbours do not fit, as far as the blocks tell theirs (``input_sizes`` and
        ``output_sizes`` of sequences, ``input_size`` and ``output_size`` of vectors).

    Example
    -------
    >>> from mtser.classifiers import MLPClassifier
    >>> from mtser.encoders import WordEmbedding, WordTokenizer
    >>> from mtser.fusion import JointVector, Pooling, SharedTransformer
    >>> model = EmotionModel(
    ...     encoders={"text": WordEmbedding(WordTokenizer())},
    ...     fusion=[SharedTransformer({"text": 100}), Pooling(["text"]), JointVector(input_size=50)],
    ...     classifier=MLPClassifier(n_classes=4),
    ... )
    >>> EmotionModel({"text": WordEmbedding(WordTokenizer())}, [SharedTransformer({"text": 300})], nn.Identity())
    Traceback (most recent call last):
    mtser.errors.ModelError: SharedTransformer expects text vectors of size 300, but they have size 100.
    """

    def __init__(
        self,
        encoders: Mapping[str, Encoder],
        fusion: Iterable[nn.Module],
        classifier: nn.Module,
        modality_dropout: float = 0.0,
        auxiliary: float = 0.0,
    ) -> None:
        super().__init__()
        check_number("modality_dropout", modality_dropout, most=1.0)
        check_number("auxiliary", auxiliary)
        if modality_dropout and len(encoders) < 2:
            raise ModelError("modality_dropout needs two modalities, one of which is left; set it to 0.")
        self.modality_dropout = modality_dropout
        self.auxiliary = auxiliary
        self.encoders = nn.ModuleDict(dict(encoders))
        depths = {name: encoder.n_preceding for name, encoder in encoders.items()}
        if len(set(depths.values())) > 1:
            told = ", ".join(f"{name} at {n or 'none'}" for name, n in depths.items())
            raise ModelError(f"encoders look at different numbers of turns before an utterance ({told}); give all one.")
        blocks = [*fusion, classifier]
        for block in blocks:
            if not isinstance(block, nn.Module) or isinstance(block, Encoder):
                raise ModelError(f"{_name(block)} stands where a fusion block or the classifier should be.")
        self.fusion = nn.ModuleList(blocks[:-1])
        self.classifier = classifier
        sizes = self._check_sizes()
        self.heads = None
        if auxiliary and sizes is not None:
            self.heads = ModalityHeads(sizes, _n_classes(classifier))
        elif auxiliary:
            raise ModelError(
                "auxiliary needs to know how wide the vectors of each modality are, but a fusion block does not tell; "
                "give it output_sizes (or output_size, if it makes one vector), or set auxiliary to 0."
            )

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What the encoders read, each once."""
        return tuple(dict.fromkeys(input for _, encoder in self._encoders() for input in encoder.inputs))

    @property
    def n_preceding(self) -> int:
        """How many turns before an utterance its encoders look at."""
        return max(encoder.n_preceding for _, encoder in self._encoders())

    def check_corpus(self, corpus: Corpus) -> None:
        """Refuse a corpus that can never feed the model.

        Raises
        ------
        NotApplicableError
            With what the corpus lacks.
        """
        for input in self.inputs:
            input.check(corpus)
        for _, encoder in self._encoders():
            encoder.check(corpus)

    def fit(self, utterances: list[Utterance], data: Mapping[Input, Ragged]) -> None:
        """Let every encoder and the classifier learn vocabularies or statistics from the training part."""
        for _, encoder in self._encoders():
            encoder.fit(utterances, data)
        if callable(fit := getattr(self.classifier, "fit", None)):
            fit(utterances)

    def forward(self, batch: Batch) -> Tensor | Outputs:
        """A batch → logits ``[batch, classes]``, or what the classifier returns besides."""
        sequences: Sequences = {}
        for name, encoder in self._encoders():
            sequences[name] = encoder(batch, sequences)
        if self.training and self.modality_dropout:
            sequences = drop_modalities(sequences, self.modality_dropout)
        fused: Any = sequences
        for block in self.fusion:
            fused = block(fused)
            sequences = fused if isinstance(fused, dict) else sequences
        told = self.classifier(fused)
        if self.heads is None or not self.training:
            return told
        return replace(Outputs.of(told), auxiliary=self.heads(sequences))

    def save_assets(self, folder: Path) -> None:
        """Write what the encoders learned besides weights, one folder an encoder."""
        for name, encoder in self._encoders():
            if type(encoder).save_assets is not Encoder.save_assets:
                (folder / name).mkdir(parents=True, exist_ok=True)
            encoder.save_assets(folder / name)

    def load_assets(self, folder: Path) -> None:
        """Read what :meth:`save_assets` wrote."""
        for name, encoder in self._encoders():
            encoder.load_assets(folder / name)

    def summary(self, notes: Iterable[str] = ()) -> dict[str, Any]:
        """Number of trained parameters, what the encoders have to tell, what limits cut, notes, and pretrained models.

        JSON types.

        Parameters
        ----------
        notes
            That stand before those of the inputs.
        """
        trained = sum(parameter.numel() for parameter in self.parameters() if parameter.requires_grad)
        told: dict[str, Any] = {name: encoder.summary() for name, encoder in self._encoders()}
        told |= {"cut": self.cut(), **notes_of(self.inputs, notes)}
        return {"parameters": trained, **{name: some for name, some in told.items() if some}}

    def cut(self) -> dict[str, int]:
        """What the limits of the inputs cut from the data, modality by modality; what they left whole is not told."""
        return {
            f"{name}: {what}": n
            for name, encoder in self._encoders()
            for input in encoder.inputs
            for what, n in input.cut.items()
            if n
        }

    def _encoders(self) -> Iterator[tuple[str, Encoder]]:
        yield from self.encoders.items()  # type: ignore[misc]

    def _check_sizes(self) -> dict[str, int] | None:
        """Refuse neighbours that do not fit; returns the widths of the last sequences, None if a block hides them."""
        encoded: dict[str, int] = {}
        for name, encoder in self._encoders():
            _check(encoder, encoded)
            encoded[name] = encoder.output_size
        sizes: dict[str, int] | None = encoded
        vector: int | None = None
        pooled = False
        for block in (*self.fusion, self.classifier):
            if sizes is not None:
                _check(block, sizes)
                if block is self.classifier and not pooled:
                    _check_pooled(block, sizes)
            expected = getattr(block, "input_size", vector)
            if vector is not None and expected != vector:
                raise ModelError(f"{_name(block)} expects vectors of size {expected}, but they have size {vector}.")
            vector = getattr(block, "output_size", None)
            if hasattr(block, "output_sizes"):
                sizes = dict(block.output_sizes)
                continue
            pooled = pooled or vector is not None
            if not pooled and block is not self.classifier:
                sizes = None
        return sizes


def _check(block: nn.Module, sizes: Mapping[str, int]) -> None:
    for name, expected in getattr(block, "input_sizes", {}).items():
        if name not in sizes:
            raise ModelError(
                f"{_name(block)} expects the modality {name!r}, but "
                + (f"before it the model has only {', '.join(sizes)}." if sizes else "the model has none before it.")
            )
        if sizes[name] != expected:
            raise ModelError(
                f"{_name(block)} expects {name} vectors of size {expected}, but they have size {sizes[name]}."
            )


def _check_pooled(classifier: nn.Module, sizes: Mapping[str, int]) -> None:
    """Refuse a classifier of vectors that nothing makes."""
    if isinstance(getattr(classifier, "input_size", None), int):
        raise ModelError(
            f"{_name(classifier)} expects one vector an utterance, but what reaches it are sequences of "
            f"{', '.join(sizes)}; end the fusion with a block that makes a vector of them, as CoAttention does."
        )


def _n_classes(classifier: nn.Module) -> int:
    n_classes = getattr(classifier, "output_size", None)
    if not isinstance(n_classes, int):
        raise ModelError(
            f"auxiliary needs to know the number of classes, but {_name(classifier)} has no output_size; set it to 0."
        )
    return n_classes


def _name(block: nn.Module) -> str:
    return type(block).__name__
