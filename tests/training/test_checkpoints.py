"""Checkpoints that appear whole, and the random state."""

import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from speechbrain.utils.checkpoints import mark_as_loader, mark_as_saver, register_checkpoint_hooks

from mtser.errors import MtserError
from mtser.training.checkpoints import AtomicCheckpointer, RandomState


@register_checkpoint_hooks
class Part:
    """Something that is kept; ``trouble`` is raised in the middle of its writing."""

    def __init__(self) -> None:
        self.value, self.trouble = 0, None
        self.seen: list[list[str]] = []

    @mark_as_saver
    def save(self, path: Path) -> None:
        Path(path).write_text(str(self.value))
        self.seen.append(sorted(folder.name for folder in Path(path).parents[1].iterdir()))
        if self.trouble is not None:
            raise self.trouble

    @mark_as_loader
    def load(self, path: Path, end_of_epoch: bool) -> None:
        self.value = int(Path(path).read_text())


def test_a_checkpoint_is_seen_whole_or_not_at_all(tmp_path: Path) -> None:
    first, second = Part(), Part()
    checkpointer = AtomicCheckpointer(tmp_path, {"first": first, "second": second})
    first.value, second.value = 3, 4
    saved = checkpointer.save_checkpoint()
    assert [name for names in first.seen + second.seen for name in names if name.startswith("CKPT")] == []
    assert sorted(path.name for path in saved.path.iterdir()) == ["CKPT.yaml", *saved_files(saved)]
    assert saved_files(saved) == ["first.ckpt", "second.ckpt"]
    first.value = second.value = 0
    assert checkpointer.recover_if_possible().path == saved.path
    assert (first.value, second.value) == (3, 4)


def test_it_is_on_the_disk_before_it_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[object] = []
    flush, rename = os.fsync, os.rename
    monkeypatch.setattr(os, "fsync", lambda file: (events.append(os.fstat(file).st_ino), flush(file)))
    monkeypatch.setattr(os, "rename", lambda *paths: (events.append("seen"), rename(*paths)))
    saved = AtomicCheckpointer(tmp_path, {"one": Part()}).save_checkpoint()
    assert events[-1] == "seen" and set(events[:-1]) == {path.stat().st_ino for path in saved.path.iterdir()}


def saved_files(checkpoint: Any) -> list[str]:
    assert all(path.is_file() for path in checkpoint.paramfiles.values())
    return sorted(path.name for path in checkpoint.paramfiles.values())


@pytest.mark.parametrize(
    "trouble", [OSError(28, "No space left on device"), RuntimeError("[enforce fail at inline_container.cc:672]")]
)
def test_what_cannot_be_written_is_one_sentence_and_leaves_nothing(tmp_path: Path, trouble: Exception) -> None:
    first, second = Part(), Part()
    checkpointer = AtomicCheckpointer(tmp_path, {"first": first, "second": second})
    first.value = 1
    checkpointer.save_checkpoint()
    before = sorted(tmp_path.rglob("*"))
    first.value, second.trouble = 2, trouble
    with pytest.raises(MtserError, match=r"a checkpoint cannot be written \((No space|it was not).*last whole one\.$"):
        checkpointer.save_checkpoint()
    assert sorted(tmp_path.rglob("*")) == before
    checkpointer.recover_if_possible()
    assert first.value == 1


def test_what_a_killed_run_left_is_never_loaded_and_is_cleaned_away(tmp_path: Path) -> None:
    part = Part()
    checkpointer = AtomicCheckpointer(tmp_path, {"part": part})
    part.value = 1
    kept = checkpointer.save_checkpoint()
    part.value, part.trouble = 2, KeyboardInterrupt()  # a kill: nobody cleans up
    with pytest.raises(KeyboardInterrupt):
        checkpointer.save_checkpoint()
    (tmp_path / "CKPT+2020-01-01+00-00-00+00").mkdir()  # what a kill leaves of one that is deleted
    (tmp_path / "CKPT+2020-01-01+00-00-00+00" / "part.ckpt").touch()
    assert len(list(tmp_path.iterdir())) == 3
    checkpointer.recover_if_possible()
    assert part.value == 1
    checkpointer.clean()
    assert [path for path in tmp_path.iterdir()] == [kept.path]


def draw() -> list[float]:
    return [
        random.random(),
        float(np.random.rand()),
        float(np.random.randn()),  # legacy normal numbers come in pairs: the second is part of the state
        float(torch.rand(1)),
        float(torch.randn(1)),
    ]


@pytest.mark.parametrize("odd", [0, 1])
def test_the_random_state_goes_on_where_it_was(tmp_path: Path, odd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_PROCID", "3")  # a cluster's, where processes know nothing of each other
    for _ in range(odd):
        np.random.randn()
    RandomState().save(tmp_path / "state")
    expected = [draw() for _ in range(3)]
    random.seed(5), np.random.seed(5), torch.manual_seed(5)
    draw()
    RandomState().load(tmp_path / "state", end_of_epoch=True)
    assert [draw() for _ in range(3)] == expected
