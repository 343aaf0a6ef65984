"""What is committed speaks of the project alone: no folder of somebody's machine, no address of a package registry."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCAL_FOLDER = re.compile(r"(?<![\w.:/~<>*-])/(?:home|root|Users|work)/\w")
REGISTRY = re.compile(r"(?i)\b(?:pypi|pythonhosted|npmjs|debian)[.](?:org|com)\b|\b(?:extra-)?index-url\s*[ =]\s*\w")


def committed() -> list[Path]:
    """Return the text files that git tracks or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in names if name]
    return [path for path in files if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


@pytest.mark.parametrize("pattern", [LOCAL_FOLDER, REGISTRY], ids=["local folder", "registry"])
def test_no_file_names_it(pattern: re.Pattern[str]) -> None:
    files = committed()
    assert Path(__file__) in files
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found, "\n".join(found)


def test_the_patterns_find_what_they_are_for() -> None:
    assert LOCAL_FOLDER.search("read from /home/" + "ada/corpora")
    assert LOCAL_FOLDER.search('"/root/' + 'x"')
    assert not LOCAL_FOLDER.search("see https://example.org/home/page and our/work/done")
    assert REGISTRY.search("https://py" + "pi.org/simple")
