"""A corpus reader's keyword arguments are options of its recipe."""

import pytest

from mtser.errors import ConfigError
from mtser.training.options import parse_options


def reader(data_folder: str, *, jobs: int = 1) -> None:
    """A reader whose argument has the name of a recipe's option."""


def test_a_reader_cannot_take_the_name_of_another_option() -> None:
    with pytest.raises(ConfigError, match="argument 'jobs' has the name of another option"):
        parse_options(reader, "", ["hparams/full.yaml"])


def sized(data_folder: str, *, batch_size: int = 1) -> None:
    """A reader whose argument has the name of a value of every YAML."""


def test_a_reader_cannot_take_the_name_of_a_value_of_training() -> None:
    with pytest.raises(ConfigError, match="sized's argument 'batch_size' has the name of a value of the YAML"):
        parse_options(sized, "", ["hparams/full.yaml", "--batch_size", "2"])
