"""The names of options, and the nearest of them."""

from pathlib import Path

from mtser.configuration.option_names import nearest, option_names
from mtser.configuration.tree import read_tree

HPARAMS = Path(__file__).parents[2] / "hparams"


def test_one_letter_left_out_finds_the_name_again() -> None:
    names = option_names(read_tree(HPARAMS / "full.yaml"))
    for name in names:
        last = name.rpartition(".")[2]
        for place in range(len(name) - len(last), len(name)):
            told = nearest(name[:place] + name[place + 1 :], names).removeprefix("; the nearest is --")
            # short ones ("l1", "q") have neighbours that are as near
            assert told.rpartition(".")[2] == last or len(last) < 5, (name, told)


def test_arguments_at_their_defaults_are_listed_and_what_only_calls_are_not() -> None:
    names = option_names(read_tree(HPARAMS / "full.yaml"))
    assert {"text_encoder.vectors", "audio_encoder.features.extractor.n_mel", "training.optimizer.betas"} <= {*names}
    assert not any(name.rpartition(".")[2] in ("self", "args", "kwargs") for name in names)
