"""What the pages of the documentation hold: fenced blocks, the files they stand for, commands, inline code, links."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
    if path.exists()
]

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED_INSIDE = re.compile(r"# (?P<file>[\w./-]+\.\w+)\n")
_NAMED_BEFORE = re.compile(r"^`(?P<file>[\w./-]+\.\w+)`[^\n]*:\n\n\Z", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block, and the file that it is, if it has a name.

    The name stands in the first line (``# my_project/x.py``) or, where the format has no comments, in backticks in the
    line before the block, which ends with a colon.
    """

    language: str
    text: str
    file: str | None


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    for fence in _FENCE.finditer(text):
        inside = _NAMED_INSIDE.match(fence["text"])
        before = _NAMED_BEFORE.search(text[: fence.start()])
        named = inside if fence["language"] in ("python", "yaml", "toml") else before
        yield Block(fence["language"], fence["text"], named["file"] if named else None)


def commands(script: str) -> list[list[str]]:
    """The commands of a bash block, as words."""
    lines = script.replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def inline_code(page: Path) -> list[str]:
    """What stands between single backticks, outside of fenced blocks."""
    return re.findall(r"`([^`\n]+)`", _FENCE.sub("", page.read_text(encoding="utf-8")))


def links(page: Path) -> list[str]:
    """The targets of the page's links and pictures, outside of fenced blocks and inline code."""
    text = re.sub(r"`[^`\n]+`", "", _FENCE.sub("", page.read_text(encoding="utf-8")))
    return re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(page: Path) -> set[str]:
    """The names that links can give to the page's headings."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
