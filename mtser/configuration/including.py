"""The values under an ``!include:``: they stand in the place of those of the included file."""

from typing import Any

from ruamel.yaml.comments import CommentedMap

from mtser.configuration.option_names import nearest, option_names, unset_arguments
from mtser.configuration.tags import tag_of
from mtser.errors import ConfigError


def put_values(tree: CommentedMap, values: CommentedMap, where: str, prefix: str = "") -> None:
    """Put values into the tree of an included file, nested ones one by one, as stock HyperPyYAML does.

    Stock HyperPyYAML also takes names that do not exist, and forgets the tag of a block that stands under an
    ``!include:``; both are refused here.

    Parameters
    ----------
    tree
        Of the included file; changed in place.
    values
        That stand under the ``!include:``.
    where
        How errors begin.
    prefix
        Of the names in errors, with its dot.

    Raises
    ------
    ConfigError
        If a name does not exist, or a value would stand in the place of a block.

    Example
    -------
    >>> from ruamel.yaml import YAML
    >>> tree = YAML().load("!new:torch.nn.Linear {in_features: 2, out_features: 3}")
    >>> put_values(tree, YAML().load("{out_features: 5, bias: false}"), "x.yaml")
    >>> dict(tree)
    {'in_features': 2, 'out_features': 5, 'bias': False}
    """
    for name, value in values.items():
        if name not in tree and name not in unset_arguments(tree):
            near = nearest(str(name), option_names(tree)).replace("--", prefix)
            raise ConfigError(f"{where}: the included file has no {prefix}{name}{near}.")
        old = tree.get(name)
        if isinstance(old, CommentedMap) and isinstance(value, CommentedMap) and tag_of(value) in ("", tag_of(old)):
            put_values(old, value, where, f"{prefix}{name}.")
        elif isinstance(old, CommentedMap) and not _replaces_block(value):
            raise ConfigError(
                f"{where}: {prefix}{name} is a block ({tag_of(old) or 'a mapping'}), which HyperPyYAML "
                "does not replace from outside its file; give single values of it here, or include another file."
            )
        elif name in tree and isinstance(value, CommentedMap):
            raise ConfigError(
                f"{where}: {prefix}{name} is no block in the included file, and HyperPyYAML puts none in its place; "
                "take the name out of the included file, or write the whole block here instead of including it."
            )
        else:
            tree[name] = value


def _replaces_block(value: Any) -> bool:
    """Whether stock HyperPyYAML puts it in the place of a mapping, tag and all."""
    return value is None or (not isinstance(value, CommentedMap) and tag_of(value) not in ("", "!ref", "!copy"))
