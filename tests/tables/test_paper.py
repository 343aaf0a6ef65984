from mtser.tables.paper import TABLES


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
