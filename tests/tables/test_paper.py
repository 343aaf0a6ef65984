import re

import pytest

from mtser.tables.flat import flat
from mtser.tables.latex import latex
from mtser.tables.markdown import markdown
from mtser.tables.page import page
from mtser.tables.paper import ABOUT, TABLES


def test_the_numbers_are_those_of_the_paper():
    """Typed once more, from the text of Tables 1 and 2."""
    first, second = ({row.label: (row.wa, row.ua) for row in table.rows} for table in TABLES)
    assert first == {
        "Audio only": (0.665, 0.657),
        "Text only": (0.692, 0.701),
        "LSTM+Attn": (0.725, 0.709),
        "WISE": (0.759, 0.764),
        "Dual RNNs": (0.737, 0.753),
        "MHA-2": (0.765, 0.776),
        "ours": (0.768, 0.771),
    }
    assert second == {
        "MT+WR": (0.751, 0.739),
        "MT+MI": (0.735, 0.729),
        "MI+WR": (0.743, 0.751),
        "MI+MT+WR*": (0.762, 0.756),
        "ours": (0.768, 0.771),
    }
    names = [[row.system for row in table.rows] for table in TABLES]
    assert names == [
        ["audio_only", "text_only", "lstm_attn", "wise", "mdre", "mha2", "full"],
        ["mt_wr", "mt_mi", "mi_wr", "mi_mt_wr_star", "full"],
    ]


def test_the_standard_error():
    """Of the WA of the paper's own system, on 1635 + 1103 + 1084 + 1708 utterances."""
    wa, n = float(re.search(r"a WA of (0\.\d+)", ABOUT)[1]), int(re.search(r"On (\d+) utterances", ABOUT)[1])
    points = 100 * (wa * (1 - wa) / n) ** 0.5
    assert n == 1635 + 1103 + 1084 + 1708 and f"standard error of {points:.2f} points" in ABOUT


def test_a_doubtful_ua_has_a_mark():
    doubtful = {row.system for table in TABLES for row in table.rows if row.is_doubtful}
    assert doubtful == {"mdre", "mha2"}
    assert all(row.label in ABOUT.partition("†")[2] for row in TABLES[0].rows if row.is_doubtful)


@pytest.mark.parametrize(
    ("write", "marked", "unmarked"),
    [
        (markdown, "*0.765* | *0.776*† |", "*0.768* | *0.771* |"),
        (page, '0.765</td><td class="paper">0.776†</td>', '0.768</td><td class="paper">0.771</td>'),
        (latex, r"\emph{.765} & \emph{.776\dag{}} \\", r"\emph{.768} & \emph{.771} \\"),
        (flat, "0.765,0.776,yes", "0.768,0.771,no"),
    ],
)
def test_it_stands_in_every_format(report, write, marked, unmarked):
    text = write(report)
    assert marked in text and unmarked in text
    if write is not flat:
        assert re.search(r"(†|\\dag\{\}) Whether the UA of Dual RNNs and MHA-2", text)
        assert "a binomial standard error" in text
