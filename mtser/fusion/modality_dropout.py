"""Modality dropout: an utterance that is only heard, or only read."""

import torch

from mtser.sequence import Sequences


def drop_modalities(sequences: Sequences, probability: float) -> Sequences:
    """Set all vectors of one modality to zero, for some utterances.

    With it a model cannot lean on the one modality that is learned fastest. Never are two modalities of an utterance
    dropped, so that something is left.

    Parameters
    ----------
    sequences
        Two or more, all of the same utterances.
    probability
        Of an utterance losing one of its modalities, each as likely as the others.

    Notes
    -----
    Drawn from PyTorch's CPU generator, so the same for the same seed on every device.

    Example
    -------
    >>> from mtser.sequence import Sequence
    >>> words = lambda: Sequence(torch.ones(1, 3, 2), torch.tensor([3]), "word")
    >>> dropped = drop_modalities({"text": words(), "audio": words()}, 1.0)
    >>> sum(bool(one.features.any()) for one in dropped.values())
    1
    """
    n_utterances = len(next(iter(sequences.values())).lengths)
    which = torch.randint(len(sequences), (n_utterances,))
    hit = torch.rand(n_utterances) < probability
    dropped = {}
    for number, (name, sequence) in enumerate(sequences.items()):
        gone = (hit & (which == number)).to(sequence.features.device, non_blocking=True)
        dropped[name] = sequence.with_features(sequence.features.masked_fill(gone[:, None, None], 0.0))
    return dropped
