"""What can compute, and how much at once."""

import builtins
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from mtser import devices
from mtser.cores import n_cores
from mtser.devices import processor_name, usable_device
from mtser.errors import ConfigError


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("cores", "expected"), [(2, 2), (3, 3), (8, 3)])
def test_no_more_threads_than_may_run_at_once(monkeypatch: pytest.MonkeyPatch, cores: int, expected: int) -> None:
    monkeypatch.setattr(devices, "n_cores", lambda: cores)
    assert usable_device("cpu") == torch.device("cpu")
    assert torch.get_num_threads() == expected


def test_as_many_threads_as_the_user_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "n_cores", lambda: 1)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    usable_device("cpu")
    assert torch.get_num_threads() == 3


@pytest.mark.parametrize(
    ("told", "allowed"),
    [(None, True), ("", True), ("disable_jit_profiling", True), ("disable_jit_profiling,allow_tf32", False)],
)
def test_short_floats_are_forbidden_for_recurrent_nets_too(
    monkeypatch: pytest.MonkeyPatch, told: str | None, allowed: bool
) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    monkeypatch.delenv("SB_DISABLE_QUIRKS", raising=False)
    if told is not None:
        monkeypatch.setenv("SB_DISABLE_QUIRKS", told)
    usable_device("cpu")
    assert torch.backends.cudnn.allow_tf32 == allowed


def test_cores_that_a_container_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """``docker run --cpus 1.5`` on a machine of 64 cores: the system tells it in a file."""
    content = {"/sys/fs/cgroup/cpu.max": "150000 100000\n"}

    real = builtins.open

    def opened(path: Any, *given: Any, **named: Any) -> Any:
        return io.StringIO(content[path]) if path in content else real(path, *given, **named)

    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(os.path, "exists", lambda path: path in content)
    monkeypatch.setattr(builtins, "open", opened)
    assert n_cores() == 2


def test_cores_that_a_batch_system_leaves() -> None:
    told = [
        sys.executable,
        "-c",
        "import os, mtser.cores; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); print(mtser.cores.n_cores())",
    ]
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system cannot limit a process to some cores")
    cwd = Path(__file__).parents[1]
    assert subprocess.run(told, capture_output=True, text=True, check=True, cwd=cwd).stdout == "1\n"


def test_what_is_not_there() -> None:
    for name in ("nonsense", "meta"):
        with pytest.raises(ConfigError, match=f"--device {name} cannot be used: "):
            usable_device(name)


CPUINFO = "processor\t: 0\nmodel name\t: AMD EPYC: 9B14\nflags\t\t: fpu\n\nprocessor\t: 1\nmodel name\t: other\n"


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [(CPUINFO, "AMD EPYC: 9B14"), ("processor\t: 0\nCPU part\t: 0xd0c\n", ""), (None, "")],
)
def test_the_name_of_the_processor(monkeypatch: pytest.MonkeyPatch, cpuinfo: str | None, expected: str) -> None:
    def read(path: Path, **_: object) -> str:
        if cpuinfo is None:
            raise FileNotFoundError(path)
        return cpuinfo

    monkeypatch.setattr(Path, "read_text", read)
    monkeypatch.setattr("platform.processor", lambda: "aarch64")
    assert processor_name("cpu") == expected


def test_the_name_of_the_processor_on_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(path: Path, **_: object) -> str:
        raise FileNotFoundError(path)

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert command == ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.CompletedProcess(command, 0, stdout="Apple M4\n")

    monkeypatch.setattr(Path, "read_text", read)
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    monkeypatch.setattr("subprocess.run", run)
    assert processor_name("cpu") == "Apple M4"


def test_the_name_of_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.get_device_name", lambda device: f"GPU {device.index}")
    assert processor_name("cuda:1") == "GPU 1"
