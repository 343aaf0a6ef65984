"""What the paper measured, to stand beside what was measured here.

Source: Wang, Shen, Xu, Li, Zhao, "Learning Mutual Correlation in Multimodal Transformer for Speech Emotion
Recognition", Interspeech 2021, Tables 1 and 2. The rivals' numbers are as printed there, too; none has seeds or
intervals. What is doubtful of two of them is told by the README of
https://github.com/david-yoon/attentive-modality-hopping-for-SER ("Notice").
"""

from dataclasses import dataclass

SOURCE = (
    "Wang et al., “Learning Mutual Correlation in Multimodal Transformer for Speech Emotion Recognition”, "
    "Interspeech 2021"
)
ABOUT = (
    "The paper's numbers are of another experiment: IEMOCAP, four classes, folds that it does not state (probably "
    "random utterances, so that speakers and sentences leak into training), no seeds, no intervals. They stand here "
    "for orientation and take no part in any test. On 5530 utterances a WA of 0.768 has a binomial standard error of "
    "0.57 points, the luck of training and the choice of speakers not counted. † Whether the UA of Dual RNNs and MHA-2 "
    "is a recall is doubtful. Their first author writes of a later model that precision had been reported as accuracy, "
    "which is lower in the unweighted case; MDRE (Dual RNNs) and MHA behave alike (README of "
    "github.com/david-yoon/attentive-modality-hopping-for-SER)."
)
DOUBTFUL = "†"
"""Beside the UA of a row that may be another measure."""


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A row of a table of the paper.

    Parameters
    ----------
    system
        The name of its YAML in ``hparams/``.
    label
        What the paper calls it.
    wa, ua
        As printed.
    is_doubtful
        Whether its UA may be another measure, see :data:`ABOUT`.
    """

    system: str
    label: str
    wa: float
    ua: float
    is_doubtful: bool = False

    @property
    def mark(self) -> str:
        """To stand behind its UA."""
        return DOUBTFUL if self.is_doubtful else ""


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A table of the paper; ``title`` is ours."""

    number: int
    title: str
    rows: tuple[PaperRow, ...]


_OURS = PaperRow("full", "ours", 0.768, 0.771)

TABLES = (
    PaperTable(
        1,
        "the paper's system and its rivals",
        (
            PaperRow("audio_only", "Audio only", 0.665, 0.657),
            PaperRow("text_only", "Text only", 0.692, 0.701),
            PaperRow("lstm_attn", "LSTM+Attn", 0.725, 0.709),
            PaperRow("wise", "WISE", 0.759, 0.764),
            PaperRow("mdre", "Dual RNNs", 0.737, 0.753, is_doubtful=True),
            PaperRow("mha2", "MHA-2", 0.765, 0.776, is_doubtful=True),
            _OURS,
        ),
    ),
    PaperTable(
        2,
        "the paper's system without its parts",
        (
            PaperRow("mt_wr", "MT+WR", 0.751, 0.739),
            PaperRow("mt_mi", "MT+MI", 0.735, 0.729),
            PaperRow("mi_wr", "MI+WR", 0.743, 0.751),
            PaperRow("mi_mt_wr_star", "MI+MT+WR*", 0.762, 0.756),
            _OURS,
        ),
    ),
)
"""Table 1 and Table 2."""
