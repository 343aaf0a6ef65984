"""The tags of a YAML tree."""

from typing import Any

INCLUDE = "!include:"


def tag_of(node: Any) -> str:
    """The tag of a node ("!new:torch.nn.Linear"), or an empty text."""
    return str(getattr(getattr(node, "tag", None), "value", None) or "")
