"""A recipe under ``torchrun``."""

import os
import subprocess
import sys
from pathlib import Path

from tests.training.recipe import Recipe

ROOT = Path(__file__).parents[2]


def run_in_two_processes(recipe: Recipe, *options: str) -> subprocess.CompletedProcess[str]:
    """Run what ``recipe`` would, by two processes on the CPU with one thread each."""
    launched = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [*recipe.command(*options), "--device", "cpu", "--distributed_backend", "gloo"]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [*launched, str(ROOT / "recipes" / "iemocap" / "train.py"), *command],
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
