"""The pictures are looked at by people; here: they are drawn for any number of words, and hold what they should."""

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from mtser.alignment import Word
from mtser.inference import Recognition, WordEvidence
from mtser.prediction.pictures import draw_recording, draw_time_line, recording, time_line
from mtser.prediction.pictures.lines import broken_into_lines, spread
from mtser.prediction.prediction import Prediction

WORDS = ("I", "can't", "Überraschung", "Donaudampfschifffahrtsgesellschaft", "$x_1$", "no")


@pytest.fixture
def figures(monkeypatch):
    """Every figure that is drawn."""
    drawn = []

    class Kept(Figure):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            drawn.append(self)

    for module in (recording, time_line):
        monkeypatch.setattr(module, "Figure", Kept)
    return drawn


def found(n_words, seconds, start=0.0, **more):
    edges = start + np.linspace(0.05, 0.95, 2 * n_words) * seconds
    words = tuple(
        WordEvidence(
            Word(WORDS[i % len(WORDS)], edges[2 * i], edges[2 * i + 1]),
            {"text": 1 / n_words},
            {"audio": 0.1 - 0.02 * i, "text": -0.05},
        )
        for i in range(n_words)
    )
    maps = {"text to text": np.full((n_words, n_words), 1 / max(n_words, 1))}
    text = " ".join(one.word.word for one in words)
    chances = {"angry": 0.7, "happy": 0.3}
    return Recognition("a.wav", start, start + seconds, chances, words, text, between_words=maps, **more)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("n_words", "seconds"), [(0, 2.0), (1, 0.4), (8, 3.0), (60, 20.0)])
def test_a_recording_with_any_number_of_words(tmp_path, figures, n_words, seconds):
    noise = np.random.default_rng(0).normal(size=round(seconds * 16000)).astype(np.float32)
    path = draw_recording(tmp_path / "a.png", found(n_words, seconds, warnings=("It was loud.",)), noise)
    assert path.read_bytes().startswith(b"\x89PNG") and matplotlib.image.imread(path).std() > 0.01
    shown = [text.get_text() for axes in figures[0].axes for text in axes.texts]
    for i in range(min(n_words, len(WORDS))):
        assert sum(text.startswith(WORDS[i][:17]) for text in shown) == -(-(n_words - i) // len(WORDS))
    assert {"0.70", "0.30"} <= set(shown)
    told = [text.get_text() for text in figures[0].texts]
    assert ("a.wav · angry 0.70" if n_words else "a.wav") in told and "! It was loud." in told
    assert any(text.startswith("attention, text to text") for text in shown) == (n_words > 1)


def test_the_longest_picture_has_an_end(tmp_path, figures):
    draw_recording(tmp_path / "a.png", found(700, 300.0), np.zeros(10, np.float32))
    assert figures[0].get_figheight() < 60
    assert any(text.get_text().startswith("! Drawn up to ") for text in figures[0].texts)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seconds", [25.0, 300.0, 7200.0])
def test_a_time_line_from_seconds_to_hours(tmp_path, figures, seconds):
    turns = tuple(found(4, 2.0, start) for start in np.arange(0.0, seconds - 3.0, 5.0))
    draw_time_line(tmp_path / "a.png", Prediction("a.wav", seconds, turns, was_cut=True))
    lines = [axes for axes in figures[0].axes]
    assert 1 <= len(lines) <= 12
    shown = [text.get_text() for axes in lines for text in axes.texts]
    assert sum(text.startswith("I can't") for text in shown) == (0 if seconds > 3600 else len(turns))
    labels = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert labels == ["angry 100%", "happy 0%"]


def test_lines_hold_all_words():
    words = found(60, 20.0).words
    lines = broken_into_lines(words, 0.0, 20.0)
    assert len(lines) == 3 and [one for line in lines for one in line.words] == list(words)
    assert lines[0].start == 0.0 and lines[-1].end == 20.0
    assert all(a.end == b.start for a, b in zip(lines, lines[1:], strict=False))


def test_labels_move_apart_as_little_as_needed():
    widths = np.array([1.0, 2.0, 1.0, 1.0])
    placed = np.array(spread([2.0, 2.0, 2.0, 9.0], widths, 0.0, 10.0))
    assert (np.diff(placed) >= (widths[:-1] + widths[1:]) / 2 - 1e-9).all() and placed[-1] == 9.0
    assert np.mean(placed[:3]) == pytest.approx(2.0, abs=0.2)
    assert max(spread([9.0] * 30, [1.0] * 30, 0.0, 10.0)) <= 10.0
