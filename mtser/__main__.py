"""``python -m mtser``: the console command, where no script of that name is on the path."""

import sys

from mtser.cli import main

if __name__ == "__main__":
    sys.exit(main())
