"""What a batch that was killed left half-written."""

from pathlib import Path

from mtser.prediction.result_folder import ResultFolder
from tests.helpers.leftovers import leftover


def test_it_is_gone_when_the_same_command_goes_on(tmp_path: Path) -> None:
    ResultFolder(tmp_path, {"model": "a"}).begin()
    below = tmp_path / "talks [1]"
    below.mkdir()
    for folder, name in ((tmp_path, "predictions.csv"), (below, "talk.wav.json"), (below, "talk.wav.png")):
        leftover(folder, name)
    ResultFolder(tmp_path, {"model": "a"}).begin()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["predict.json", "talks [1]"]


def test_a_folder_that_is_not_its_own_is_not_looked_through(tmp_path: Path) -> None:
    left = leftover(tmp_path, "a.txt")
    ResultFolder(tmp_path, {"model": "a"}).begin()
    assert left.exists()
