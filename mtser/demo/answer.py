"""What was found in a recording, as HTML. Every text comes from people or recognisers and is escaped."""

import base64
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from matplotlib.colors import to_hex

from mtser.audio import stream_audio
from mtser.inference.recognition import Recognition, WordEvidence
from mtser.prediction.pictures import draw_recording, draw_time_line
from mtser.prediction.pictures.canvas import CONTRIBUTION, clock, colour_of, ink_on
from mtser.prediction.prediction import Prediction

_COUNTS = 0.02
"""A word that changes a probability by less has no number."""
_SMALLEST_SCALE = 0.05
_MOST_ROWS = 300


def answer_page(found: Prediction, audio: Path) -> str:
    """All about a recording.

    Parameters
    ----------
    audio
        The recording, for the picture.
    """
    parts = [_headline(found), _bars(found)]
    if found.was_cut:
        parts += [_time_line(found), _turns(found)]
    else:
        parts += [_words(found.turns[0]), _picture(found.turns[0], audio)]
    return f'<div class="mtser">{_sentences(found.warnings)}{"".join(parts)}</div>'


def error_page(sentence: str) -> str:
    """Something was wrong: a sentence."""
    return f'<div class="mtser"><p class="mtser-error" role="alert">{escape(sentence)}</p></div>'


def _headline(found: Prediction) -> str:
    what = f"mean of {len(found.turns)} turns, each as long as it lasts" if found.was_cut else "judged as a whole"
    answer = f"<b>{escape(found.emotion)}</b> {found.probability:.0%}" if found.has_words else "<b>No words</b>"
    return f'<p class="mtser-emotion">{answer} <small>{clock(found.duration)} min, {what}</small></p>'


def _bars(found: Prediction) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="mtser-bar"><div style="width:{100 * value:.1f}%;'
        f'background:{colour_of(i)}"></div></td><td>{value:.3f}</td></tr>'
        for i, (name, value) in enumerate(found.probabilities.items())
    )
    return f'<table class="mtser-bars"><caption>Probabilities</caption>{rows}</table>'


def _sentences(warnings: Sequence[str]) -> str:
    return "".join(f'<p class="mtser-warning">{escape(one)}</p>' for one in warnings)


def _words(turn: Recognition) -> str:
    """The transcript once for each modality, each word coloured by what it did there."""
    by = f"transcribed by {turn.transcribed_by}" if turn.transcribed_by else "text as given"
    by += f", word times by {turn.aligned_by}" if turn.aligned_by else ""
    modalities = sorted({name for one in turn.words for name in one.occlusion})
    if not turn.words:
        return (
            f"<h3>What was said</h3><p>{escape(turn.text) or 'No words were found.'} <small>({escape(by)})</small></p>"
        )
    if not modalities:
        return f"<h3>What was said</h3><p>{escape(turn.text)} <small>({escape(by)})</small></p>"
    strongest = max(abs(value) for one in turn.words for value in one.occlusion.values())
    scale = max(strongest, _SMALLEST_SCALE)
    lines = "".join(
        f'<p class="mtser-words"><span class="mtser-of">{escape(name)}</span> '
        f"{' '.join(_word(one, one.occlusion.get(name, 0.0), scale) for one in turn.words)}</p>"
        for name in modalities
    )
    legend = (
        f'<p><small><span style="{_colours(1)}">&nbsp;orange&nbsp;</span>: the word raised the probability of '
        f'{escape(turn.emotion)}; <span style="{_colours(-1)}">&nbsp;purple&nbsp;</span>: it lowered it. '
        f"Numbers: by how much ({escape(by)}).</small></p>"
    )
    return f"<h3>What was said, and what counted</h3>{lines}{legend}"


def _word(one: WordEvidence, value: float, scale: float) -> str:
    number = f"<small>{value:+.2f}</small>".replace("-", "−") if abs(value) >= _COUNTS else ""
    times = f"{one.word.start:.2f}–{one.word.end:.2f} s"
    return f'<span title="{times}" style="{_colours(value / scale)}">{escape(one.word.word)}{number}</span>'


def _colours(share: float) -> str:
    """Background and letters for -1 (against) to 1 (for)."""
    rgba = CONTRIBUTION(0.5 + 0.4 * float(np.clip(share, -1, 1)))
    return f"background:{to_hex(rgba)};color:{ink_on(rgba)}"


def _picture(turn: Recognition, audio: Path) -> str:
    samples = np.concatenate(list(stream_audio(audio, turn.name)))
    alternative = f"The sound with its words, probabilities and attention: {turn.emotion} {turn.probability:.2f}"
    return _drawn(lambda path: draw_recording(path, turn, samples), "Picture", alternative)


def _time_line(found: Prediction) -> str:
    alternative = f"The probabilities of {len(found.turns)} turns over time"
    return _drawn(lambda path: draw_time_line(path, found), "Time line", alternative)


def _drawn(draw, title: str, alternative: str) -> str:  # type: ignore[no-untyped-def]
    """A picture inside of the page, so that it leaves no file behind."""
    with tempfile.TemporaryDirectory() as folder:
        data = base64.b64encode(draw(Path(folder) / "picture.png").read_bytes()).decode("ascii")
    image = f'<img alt="{escape(alternative)}" src="data:image/png;base64,{data}">'
    return f'<h3>{title}</h3><div class="mtser-picture">{image}</div>'


def _turns(found: Prediction) -> str:
    rows = "".join(
        f"<tr><td>{clock(turn.start)}</td><td>{escape(turn.emotion)}</td><td>{turn.probability:.2f}</td>"
        f"<td>{escape(turn.text)}</td></tr>"
        for turn in found.turns[:_MOST_ROWS]
    )
    more = len(found.turns) - _MOST_ROWS
    rest = f"<p>{more} more turns are in the time line alone.</p>" if more > 0 else ""
    head = "<tr><th>from</th><th>emotion</th><th>p</th><th>what was said</th></tr>"
    return f'<h3>Turns</h3><table class="mtser-turns">{head}{rows}</table>{rest}'
