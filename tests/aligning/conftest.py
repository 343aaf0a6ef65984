"""What the tests of ``mtser align`` share: a folder of noise, and a cache of their own."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def audio(tmp_path: Path) -> Callable[..., Path]:
    """Write a second of noise into ``in/<name>``, with a transcript beside it if one is given."""

    def write(name: str, text: str | None = None, rate: int = 16000, channels: int = 1) -> Path:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(sum(map(ord, name)))
        soundfile.write(path, random.normal(0, 0.1, (rate, channels)), rate)
        if text is not None:
            path.with_suffix(".txt").write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let files of a name be unreadable, for the superuser, too."""
    names: set[str] = set()
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name in names:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    return names.add
