"""The measures on a dev part by which the epoch can be chosen; the greatest is the best of each."""

from collections.abc import Mapping

#: Column of the history → what people call it.
NAMES: Mapping[str, str] = {"dev_ua": "UA", "dev_ccc": "CCC", "dev_likelihood": "likelihood"}
