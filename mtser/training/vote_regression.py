"""Classes as values to be regressed: the annotators' votes, not the consensus alone (Gu et al. 2019)."""

from torch import Tensor, nn


class VoteRegression(nn.Module):
    """Mean squared error between the model's outputs and the annotators' shares of the classes.

    Source: Gu et al., "Mutual Correlation Attentive Factors in Dyadic Fusion Networks for Speech Emotion Recognition",
    ACM Multimedia 2019, which embeds the labels of all annotators in one vector an utterance. The class is that of the
    greatest output; the softmax of such outputs, which is stored as probabilities, is flat.

    Parameters
    ----------
    soft_labels
        False: the consensus alone, 1 for its class and 0 for the others.

    Example
    -------
    >>> import torch
    >>> VoteRegression()(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.75, 0.25]]))
    tensor(0.0625)
    """

    def __init__(self, soft_labels: bool = True) -> None:
        super().__init__()
        self.soft_labels = soft_labels

    def fit(self, labels: Tensor, n_classes: int) -> None:
        """Nothing depends on the training part."""

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The mean over utterances and classes.

        Parameters
        ----------
        outputs, targets
            ``[batch, classes]``.
        """
        return (outputs.float() - targets).square().mean()
