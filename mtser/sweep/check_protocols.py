"""``python -m mtser.sweep.check_protocols RECIPE NAME ...``: whether a recipe knows these protocols.

In a process of its own, because it imports the recipe, and PyTorch with it.
"""

import runpy
import sys
from pathlib import Path

from mtser.errors import MtserError
from mtser.training.protocols import find_protocol


def main(arguments: list[str]) -> int:
    """Return 0 if the recipe (a path, first) knows all protocols (the rest), else 2."""
    recipe, *names = arguments
    sys.path.insert(0, str(Path(recipe).resolve().parent))  # as for `python recipe`
    try:
        runpy.run_path(recipe, run_name="recipe")  # so that the protocols of what it imports are registered
    except SystemExit:  # it trained, or wanted to
        print('error: it runs when it is imported; put run_recipe below `if __name__ == "__main__":`', file=sys.stderr)
        return 2
    try:
        for name in names:
            find_protocol(name)
    except MtserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
