"""What the dev part says of a model, and whether a model tells what its training needs."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from mtser.corpora.utterance import ATTRIBUTES
from mtser.errors import ModelError
from mtser.evaluation.attributes import concordance_correlation
from mtser.evaluation.metrics import confusion_matrix, unweighted_accuracy, weighted_accuracy
from mtser.outputs import Outputs


def dev_measures(
    outputs: Outputs, labels: Tensor, attributes: Tensor, n_classes: int, loss: Callable[..., Tensor]
) -> dict[str, float]:
    """WA, UA and likelihood of the classes, the concordance of the attributes and its mean, as far as they are there.

    The likelihood is the geometric mean of the probabilities of the true classes, ``exp(-cross-entropy)``.

    Parameters
    ----------
    outputs
        Of the whole dev part.
    labels
        ``[utterances]``: class numbers.
    attributes
        ``[utterances, 3]``: the ratings; NaN where there is none.
    n_classes
        How many classes there are.
    loss
        Whose ``attribute_weights`` say which attributes are learned; without them all are.

    Returns
    -------
    dict
        Columns of the history.
    """
    measures = {}
    if outputs.logits is not None:
        confusion = confusion_matrix(labels.cpu().numpy(), outputs.logits.argmax(1).cpu().numpy(), n_classes)
        measures["dev_wa"] = float(weighted_accuracy(confusion))
        measures["dev_ua"] = float(unweighted_accuracy(confusion))
        measures["dev_likelihood"] = float(torch.exp(-cross_entropy(outputs.logits.float(), labels)))
    if outputs.attributes is not None:
        told = outputs.attributes.float().cpu().numpy()
        ccc = concordance_correlation(attributes.cpu().numpy(), told)
        found = {name: one for name, one in zip(ATTRIBUTES, ccc.tolist(), strict=True) if not math.isnan(one)}
        weights = getattr(loss, "attribute_weights", (1.0,) * len(ATTRIBUTES))
        learned = [found[name] for name, weight in zip(ATTRIBUTES, weights, strict=True) if weight and name in found]
        measures |= {"dev_ccc": sum(learned) / len(learned)} if learned else {}
        measures |= {f"dev_ccc_{name}": one for name, one in found.items()}
    return measures


def check_outputs(outputs: Outputs, n_classes: int, loss: Callable[..., Tensor], select_by: str, stacked: bool) -> None:
    """Refuse a model that does not tell what it is trained or judged by.

    Parameters
    ----------
    outputs
        Of any batch.
    n_classes
        Of the corpus.
    loss, select_by
        Of the training.
    stacked
        Whether late stacking follows.

    Raises
    ------
    ModelError
        That says what is missing.
    """
    logits = outputs.logits
    if logits is not None and logits.shape[1] != n_classes:
        raise ModelError(
            f"the model tells {logits.shape[1]} classes apart, but the corpus has {n_classes}; give its "
            "classifier n_classes: !ref <n_classes>, which a recipe sets."
        )
    if logits is not None and not getattr(loss, "learns_classes", True):
        raise ModelError(
            "the loss (training.loss) learns attributes alone, so the classes that the model also tells would stay "
            "untrained; leave them out (--classifier.classes null, and --stacking blocks/stacking/svr.yaml, which then "
            "tells them), or take a loss of both (--training blocks/training/multitask.yaml)."
        )
    learns_attributes = getattr(loss, "needs_attributes", False)
    if logits is None and (not stacked or select_by != "ccc" or not learns_attributes):
        raise ModelError(
            "the model tells attributes alone, so it needs a loss of attributes (training.loss), "
            "training.select_by ccc, and late stacking for its classes (--stacking blocks/stacking/svr.yaml)."
        )
    if outputs.attributes is None and (stacked or select_by == "ccc" or learns_attributes):
        raise ModelError(
            "the training or the stacking is about valence, activation and dominance, but the model does not tell "
            "them; give it mtser.classifiers.MultitaskHead as its classifier."
        )
