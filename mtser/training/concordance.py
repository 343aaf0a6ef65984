"""What training makes small where attributes are learned: the concordance correlation's distance from 1."""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from mtser.checks import check_number
from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import ATTRIBUTES
from mtser.errors import ConfigError, NotApplicableError
from mtser.outputs import Outputs
from mtser.training.losses import CrossEntropy


def concordance(prediction: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    """The concordance correlation coefficient of each column (Lin 1989).

    CCC = 2 s_xy / (s_x² + s_y² + (x̄ - ȳ)²) with the covariance and the variances divided by n, over the rows that are
    rated. It is 1 only where all predictions are right: unlike Pearson's, it sees a wrong mean or a wrong spread.

    Parameters
    ----------
    prediction
        ``[utterances, attributes]``.
    truth
        The same shape, on the same scale; NaN where an utterance is not rated.

    Returns
    -------
    ccc
        ``[attributes]``, from -1 to 1; 0 where it is not defined.
    defined
        ``[attributes]``: where at least two ratings differ. With fewer, no prediction covaries with them, so there is
        nothing to learn.

    Example
    -------
    >>> truth = torch.tensor([[1.0, 3.0], [2.0, 3.0], [3.0, float("nan")]])
    >>> concordance(torch.tensor([[2.0, 1.0], [3.0, 2.0], [4.0, 3.0]]), truth)
    (tensor([0.5714, 0.0000]), tensor([ True, False]))
    """
    prediction = prediction.to(torch.promote_types(prediction.dtype, torch.float32))
    rated = ~truth.isnan()
    highest, lowest = truth.masked_fill(~rated, -torch.inf).amax(0), truth.masked_fill(~rated, torch.inf).amin(0)
    defined = highest > lowest
    n = rated.sum(0).clamp(min=1)
    x, y = (values.to(prediction).masked_fill(~rated, 0.0) for values in (prediction, truth))
    mean_x, mean_y = x.sum(0) / n, y.sum(0) / n
    from_x, from_y = ((values - mean).masked_fill(~rated, 0.0) for values, mean in ((x, mean_x), (y, mean_y)))
    apart = from_x.square().sum(0) / n + from_y.square().sum(0) / n + (mean_x - mean_y).square()
    together = 2 * (from_x * from_y).sum(0) / n
    return torch.where(defined, together / apart.where(defined, torch.ones_like(apart)), 0.0), defined


class ConcordanceLoss(nn.Module):
    """α (1 - CCC_V) + β (1 - CCC_A) + γ (1 - CCC_D) over the utterances of a batch, for attributes alone.

    Source: Atmaja and Akagi, "Multitask learning and multistage fusion for dimensional audiovisual emotion
    recognition", ICASSP 2020: one concordance loss an attribute, weighed by three parameters.

    Parameters
    ----------
    weights
        α, β, γ of valence, activation and dominance. 1 and two zeros is the learning of one attribute alone.
    branches
        Modality → the three weights of its branch, where they are not those of the whole.

    Attributes
    ----------
    needs_attributes
        The Brain calls ``loss(outputs, targets, attributes)``.
    learns_classes
        Not this one: a model that also tells classes is refused, since they would never be trained.
    over_batch
        The loss is none of single utterances: under ``torchrun`` it has to see the whole batch, not each process's
        share of it, and what it is on dev has to be computed over the whole part, not batch by batch.

    Notes
    -----
    Unrated utterances are left out, attribute by attribute; so is an attribute of which a batch has no two different
    ratings (a last batch of one utterance). The mean over batches is not the concordance of all utterances: batches
    that are not much smaller than the others and that mix all kinds of utterances come closest.

    The branches of :class:`~mtser.classifiers.MultitaskHead` learn by the same loss, each for itself; it is added, with
    weights of its own if there are some.

    Example
    -------
    >>> truth = torch.tensor([[1.0, 1.0, 2.0], [2.0, 5.0, 2.0], [3.0, 3.0, 4.0]])
    >>> loss = ConcordanceLoss(weights=(0.7, 0.2, 0.1))
    >>> float(loss(Outputs(attributes=truth), None, truth))
    0.0
    >>> float(loss(Outputs(attributes=truth + torch.tensor([1.0, 0.0, 0.0])), None, truth))  # CCC 4/7 of valence
    0.3
    """

    needs_attributes = True
    learns_classes = False
    over_batch = True

    def __init__(
        self, weights: Sequence[float] = (1.0, 1.0, 1.0), branches: Mapping[str, Sequence[float]] | None = None
    ) -> None:
        super().__init__()
        if branches is not None and not isinstance(branches, Mapping):
            raise ConfigError(f"branches is {branches!r}; it has to map modalities to three weights: {{audio: [...]}}.")
        self.attribute_weights = _three("weights", weights)
        self.branch_weights = {name: _three(f"branches: {name}", some) for name, some in (branches or {}).items()}

    def check_model(self, model: nn.Module) -> None:
        """Refuse a model that lacks a branch that has weights.

        Raises
        ------
        ConfigError
            That says which.
        """
        branches = getattr(getattr(model, "classifier", None), "branches", {})
        if unknown := self.branch_weights.keys() - branches.keys():
            raise ConfigError(
                f"the loss has weights of the branch {min(unknown)}, but the model's head has "
                f"{'only ' + ', '.join(branches) if branches else 'no branches'}; give the head branches "
                "(--classifier.branches blocks/classifier/branches.yaml), or the loss no weights of them (branches: "
                "null)."
            )

    def check_corpus(self, corpus: Corpus) -> None:
        """Refuse a corpus that does not rate what has a weight.

        Raises
        ------
        NotApplicableError
            That names the attributes that are missing.
        """
        missing = []
        for number, name in enumerate(ATTRIBUTES):
            given = (one.vad[number] for one in corpus.utterances if one.vad is not None)
            ratings = {rating for rating in given if rating is not None and not math.isnan(rating)}
            of_all = (self.attribute_weights, *self.branch_weights.values())
            if any(weights[number] for weights in of_all) and len(ratings) < 2:
                missing.append(name)
        if missing:
            names = " and ".join([", ".join(missing[:-1]), missing[-1]] if len(missing) > 1 else missing)
            raise NotApplicableError(
                f"The corpus {corpus.name} does not rate {names} (no two utterances differ), but the loss learns them. "
                "Ratings of your own stand in columns of these names; what has none can have the weight 0 in the loss."
            )

    def forward(self, outputs: Outputs, targets: Tensor | None, attributes: Tensor) -> Tensor:
        """The loss of a batch.

        Parameters
        ----------
        outputs
            Of the model, with attributes.
        targets
            The classes, which it does not look at.
        attributes
            ``[batch, 3]``: the ratings, NaN where there is none.
        """
        learned = [] if outputs.attributes is None else [(outputs.attributes, self.attribute_weights)]
        for name, prediction in outputs.branches.items():
            learned.append((prediction, self.branch_weights.get(name, self.attribute_weights)))
        total = attributes.new_zeros(())
        for prediction, weights in learned:
            ccc, defined = concordance(prediction, attributes)
            total = total + (ccc.new_tensor(weights) * defined * (1 - ccc)).sum()
        return total


def _three(what: str, weights: Sequence[float]) -> tuple[float, ...]:
    """Check three weights."""
    if not isinstance(weights, Sequence) or isinstance(weights, str) or len(weights) != len(ATTRIBUTES):
        raise ConfigError(f"{what} is {weights!r}; it has to be three numbers, of {', '.join(ATTRIBUTES)}.")
    for name, weight in zip(ATTRIBUTES, weights, strict=True):
        check_number(f"{what}: that of {name}", weight)
    if not any(weights):
        raise ConfigError(f"{what} are all 0, so nothing would be learned; give one of them another weight.")
    return tuple(float(weight) for weight in weights)


class MultitaskLoss(nn.Module):
    """Classes and attributes together: (1 - share) · loss of the classes + share · loss of the attributes.

    Parameters
    ----------
    classes, attributes
        The two losses.
    share
        Of the attributes, from 0 to 1.

    Example
    -------
    >>> loss = MultitaskLoss(CrossEntropy(), ConcordanceLoss(), share=0.5)
    >>> outputs = Outputs(torch.zeros(2, 2), torch.tensor([[1.0, 2.0, 3.0], [2.0, 3.0, 1.0]]))
    >>> float(loss(outputs, torch.eye(2), outputs.attributes))  # log(2) / 2 and nothing for the attributes
    0.34657
    """

    needs_attributes = True
    over_batch = True

    def __init__(self, classes: CrossEntropy, attributes: ConcordanceLoss, share: float = 0.5) -> None:
        super().__init__()
        check_number("share", share, most=1.0)
        self.classes = classes
        self.attributes = attributes
        self.share = share

    @property
    def learns_classes(self) -> bool:
        """Whether the classes have a share of the loss."""
        return self.share < 1

    @property
    def soft_labels(self) -> bool:
        """Whether the classes' loss learns the annotators' votes."""
        return getattr(self.classes, "soft_labels", False)

    @property
    def attribute_weights(self) -> tuple[float, ...]:
        """Those of the attributes' loss."""
        return self.attributes.attribute_weights

    def check_model(self, model: nn.Module) -> None:
        """Refuse a model that lacks a branch; see :meth:`ConcordanceLoss.check_model`."""
        self.attributes.check_model(model)

    def check_corpus(self, corpus: Corpus) -> None:
        """Refuse a corpus that does not rate the attributes; see :meth:`ConcordanceLoss.check_corpus`."""
        self.attributes.check_corpus(corpus)

    def fit(self, labels: Tensor, n_classes: int) -> None:
        """Let the classes' loss learn what depends on the training part."""
        self.classes.fit(labels, n_classes)

    def forward(self, outputs: Outputs, targets: Tensor, attributes: Tensor) -> Tensor:
        """The loss of a batch; see :class:`CrossEntropy` and :class:`ConcordanceLoss` for the arguments.

        Raises
        ------
        ConfigError
            If the model tells no classes.
        """
        if outputs.logits is None:
            raise ConfigError(
                "the loss learns classes beside attributes, but the model's head tells attributes alone; give it "
                "classes, or the training the loss mtser.training.ConcordanceLoss."
            )
        of_classes = self.classes(outputs.logits, targets)
        return (1 - self.share) * of_classes + self.share * self.attributes(outputs, targets, attributes)
