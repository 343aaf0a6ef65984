"""TensorBoard's events, read back by TensorBoard."""

from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mtser.errors import MtserError
from mtser.training.events import EventFile


def read(folder: Path) -> dict[str, list[tuple[int, float]]]:
    found = EventAccumulator(str(folder)).Reload()
    return {tag: [(one.step, one.value) for one in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def test_what_is_added_is_on_the_disk_at_once(tmp_path: Path) -> None:
    events = EventFile(tmp_path / "tensorboard", first_step=1)
    for step in (1, 2, 3):
        events.add(step, {"dev_ua": step / 4, "train_loss": 1 / step})
        shown = read(tmp_path / "tensorboard")
        assert shown["dev_ua"] == [(n, n / 4) for n in range(1, step + 1)]
        assert [value for _, value in shown["train_loss"]] == pytest.approx([1 / n for n in range(1, step + 1)])


def test_a_run_that_goes_on_takes_the_place_of_what_a_killed_one_wrote(tmp_path: Path) -> None:
    killed = EventFile(tmp_path, first_step=1)
    for step in (1, 2, 3):
        killed.add(step, {"dev_ua": 0.25})
    EventFile(tmp_path, first_step=3).add(3, {"dev_ua": 0.75})
    assert read(tmp_path)["dev_ua"] == [(1, 0.25), (2, 0.25), (3, 0.75)]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MtserError, match=r"tfevents.*cannot be written \((File exists|Not a directory)\)"):
        EventFile(tmp_path / "file", first_step=1).add(1, {"dev_ua": 0.5})
