"""Every block of hparams/blocks builds in the place that its header names."""

import re
from pathlib import Path

import pytest

from mtser.configuration import Hyperparameters
from mtser.errors import MtserError
from tests.helpers.systems import HPARAMS, SYSTEMS

BLOCKS = sorted(HPARAMS.glob("blocks/*/*.yaml"))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_block_builds_in_the_place_that_its_header_names(block: Path, tmp_path: Path) -> None:
    name = block.relative_to(HPARAMS).as_posix()
    match = re.search(rf"^# In another's place: --(\S+) {re.escape(name)}$", block.read_text("utf-8"), re.MULTILINE)
    assert match, f"{name}: its header says where it fits: # In another's place: --PLACE {name}"
    given = {match[1]: name}
    if needed := re.search(r"^# It needs the file: --(\S+) FILE.csv", block.read_text("utf-8"), re.MULTILINE):
        given[needed[1]] = str(tmp_path / "words.csv")
        (tmp_path / "words.csv").write_text("utterance,word,a,b\n")
    if needed := re.search(r"^# It needs the option: --(\S+) (\S+)$", block.read_text("utf-8"), re.MULTILINE):
        given[needed[1]] = needed[2]
    refused = {}
    for system in ["full", *SYSTEMS]:
        file = HPARAMS / f"{system}.yaml"
        if match[1] in Hyperparameters(file).names():
            try:
                assert Hyperparameters(file, given).build()["model"] is not None
                return
            except MtserError as error:
                refused[system] = str(error)
    pytest.fail(f"no system takes {name} as {match[1]}: {refused}")
