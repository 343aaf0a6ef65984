"""SpecAugment on the frames of words: spans and bands of zeros, in training alone."""

import numpy as np
import pytest
import torch

from mtser.encoders import Batch, MeanSpeech, SpecAugment
from mtser.errors import ConfigError
from mtser.ragged import Ragged
from tests.helpers.synthetic import word_frames

N_WORDS = np.array([3, 1, 2])
N_FRAMES = np.array([4, 1, 7, 2, 64, 3])
OF_UTTERANCE = [12, 2, 67]


def hidden(seed: int = 0, dimension: int = 39, **options: object) -> list[torch.Tensor]:
    """Of each utterance ``[frames, dimension]``: what is hidden."""
    torch.manual_seed(seed)
    frames = Ragged(torch.ones(int(N_FRAMES.sum()), dimension), N_FRAMES)
    found = SpecAugment(**options)(frames, N_WORDS)  # type: ignore[arg-type]
    assert set(found.values.unique().tolist()) <= {0.0, 1.0} and (found.lengths == N_FRAMES).all()
    return list((found.values == 0).split(OF_UTTERANCE))


def test_spans_of_time_stay_within_an_utterance_and_its_share() -> None:
    widths: dict[int, list[int]] = {length: [] for length in OF_UTTERANCE}
    begins: dict[int, list[int]] = {length: [] for length in OF_UTTERANCE}
    for seed in range(400):
        for length, mask in zip(
            OF_UTTERANCE, hidden(seed, time_masks=1, time_share=0.25, feature_masks=0), strict=True
        ):
            rows = mask.all(1)
            assert (mask.any(1) == rows).all()
            at = rows.nonzero().flatten()
            assert len(at) <= min(0.25 * length, 20)
            assert len(at) == 0 or int(at[-1] - at[0]) + 1 == len(at)
            widths[length].append(len(at))
            if len(at) == 3:
                begins[length].append(int(at[0]))
    assert {length: max(found) for length, found in widths.items()} == {12: 3, 2: 0, 67: 16}
    assert len(set(widths[67])) > 10
    assert set(begins[12]) == set(range(10)), "spans begin anywhere, the last place as often as others"
    assert np.bincount(begins[12], minlength=10).max() < 3 * len(begins[12]) / 10


def test_bands_go_through_all_parts_of_a_frame() -> None:
    places = set()
    for seed in range(200):
        for mask in hidden(seed, time_masks=0, feature_masks=1, feature_width=3):
            assert (mask == mask[0]).all()
            parts = mask[0].view(3, 13)
            assert (parts == parts[0]).all()
            at = parts[0].nonzero().flatten().tolist()
            assert len(at) <= 3 and at == list(range(at[0], at[0] + len(at))) if at else True
            places |= set(at)
    assert places == set(range(13))


def test_frames_that_have_no_parts_are_one_part() -> None:
    assert any(mask.any() for seed in range(9) for mask in hidden(seed, 40, time_masks=0, feature_width=9))


def test_nothing_is_hidden_outside_of_training() -> None:
    frames = Ragged(torch.ones(int(N_FRAMES.sum()), 39), N_FRAMES)
    assert SpecAugment().eval()(frames, N_WORDS) is frames


def test_an_encoder_hides_what_it_has_normalised() -> None:
    """Zero is the mean of the training part, not silence."""
    encoder = MeanSpeech(word_frames("train"), augment=SpecAugment(time_masks=1, time_share=1.0, time_width=999))
    encoder.mean.fill_(5.0)
    assert encoder.augment is not None
    seen: list[Ragged] = []
    encoder.augment.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    values = torch.full((int(N_FRAMES.sum()), 39), 7.0)
    encoder(Batch(N_WORDS, {encoder.features: Ragged(values, N_FRAMES)}), {})
    assert (seen[0].values == 2.0).all()


@pytest.mark.parametrize("option", [{"time_masks": -1}, {"time_share": 1.5}, {"n_parts": 0}, {"feature_width": 0.5}])
def test_bad_options(option: dict) -> None:
    with pytest.raises(ConfigError, match=f"{next(iter(option))} of SpecAugment"):
        SpecAugment(**option)
