"""The pictures are looked at by people; here: they are SVG, the same for the same data, and hold what they should."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from mtser.tables.layout import order_of
from mtser.tables.pictures import draw_forest, draw_protocols, draw_reliability, draw_seeds
from mtser.tables.pictures.canvas import ORANGE, list_of_systems
from mtser.tables.pictures.names import fitting
from mtser.tables.protocols import Effect, effects

NAMESPACE = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def rows(report):
    return order_of(report.sections[0])


def drawn(rows, report):
    effect = effects(report.sections)
    return {
        "forest": draw_forest(rows, "ua", chance=0.25, reference="full", n_beyond=1, title="T"),
        "seeds": draw_seeds(rows, "wa", reference="full", title="T"),
        "reliability": draw_reliability(rows, title="T"),
        "protocols": draw_protocols(effect, title="T"),
    }


def test_pictures_are_svg_without_anything_outside(rows, report):
    for name, text in drawn(rows, report).items():
        root = ET.fromstring(text)
        assert root.tag == f"{NAMESPACE}svg"
        assert float(root.attrib["width"].removesuffix("pt")) <= 360, name  # readable on a phone
        links = [value for one in root.iter() for key, value in one.attrib.items() if key.endswith("href")]
        assert all(value.startswith("#") for value in links)


def test_the_same_data_make_the_same_bytes(rows, report):
    assert drawn(rows, report) == drawn(rows, report)


def test_a_line_a_system(rows):
    """More systems make a higher picture; the list has their names."""
    _, axes = list_of_systems(["one", "two"], title="", x_label="", right=["1", "2"])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one", "two"]
    few = ET.fromstring(draw_seeds(rows[:2], "ua", reference="full"))
    many = ET.fromstring(draw_seeds(rows, "ua", reference="full"))
    assert float(few.attrib["height"][:-2]) < float(many.attrib["height"][:-2])


def test_the_reference_is_in_another_colour(rows):
    with_it = draw_forest(rows, "ua", chance=0.25, reference="full")
    without = draw_forest(rows, "ua", chance=0.25, reference="nobody")
    assert ORANGE.lower() in with_it.lower() and ORANGE.lower() not in without.lower()


def test_a_ring_for_each_seed(rows, monkeypatch):
    """``full`` has two seeds and a bar at their mean, the others one seed each and no bar."""
    figures = []
    monkeypatch.setattr("mtser.tables.pictures.seeds.svg", lambda figure: figures.append(figure) or "")
    single = [row for row in rows if row.ensemble_of is None]
    draw_seeds(single, "ua", reference="full")
    *_, rings, bars = figures[0].axes[0].collections
    y = [row.system for row in single].index("full")
    assert rings.get_offsets().tolist() == [[0.25, 0], [1, 1], [0.75, y], [0.5, y], [0.75, 3], [0.75, 4]]
    assert [segment.tolist() for segment in bars.get_segments()] == [[[0.625, y - 0.3], [0.625, y + 0.3]]]


def test_a_forest_has_values_and_intervals(rows, monkeypatch):
    figures = []
    monkeypatch.setattr("mtser.tables.pictures.forest.svg", lambda figure: figures.append(figure) or "")
    odd = [replace(rows[0], ua=replace(rows[0].ua, value=0.3, ci95=(0.2, 0.4))), *rows[1:]]
    draw_forest(odd, "ua", chance=0.25, reference="full")
    axes = figures[0].axes[0]
    _, intervals, reference, others = axes.collections
    assert intervals.get_segments()[0].tolist() == [[0.2, 0], [0.4, 0]]
    assert reference.get_offsets().tolist() == [[0.625, 2]]
    assert others.get_offsets().tolist()[0] == [0.3, 0]
    assert [text.get_text() for text in axes.texts][:3] == ["0.300 ▼", "1.000 ▲", "0.625 "]


def test_signs_of_protocols(report, monkeypatch):
    figures = []
    monkeypatch.setattr("mtser.tables.pictures.protocols.svg", lambda figure: figures.append(figure) or "")
    draw_protocols(effects(report.sections))
    _, lines, random, loso = figures[0].axes[0].collections
    assert [segment.tolist() for segment in lines.get_segments()] == [[[0.75, 0], [1, 0]], [[0.625, 1], [1, 1]]]
    assert random.get_offsets().tolist() == [[0.75, 0], [1, 1]] and loso.get_offsets().tolist() == [[1, 0], [0.625, 1]]
    assert [text.get_text() for text in figures[0].legends[0].get_texts()] == ["random_5fold", "loso"]


LONG = "a_protocol_of_my_own_with_a_long_name"


@pytest.mark.parametrize(
    ("protocols", "n_columns"),
    [
        (("loso", "_own", "random_5fold"), 2),
        (("loso", "_own", LONG), 1),
        (tuple(f"{LONG}_{i}_that_goes_on_until_no_page_is_wide_enough_for_it" for i in range(14)), 1),
    ],
)
def test_every_protocol_has_its_own_sign_and_stands_in_the_legend(monkeypatch, protocols, n_columns):
    """Within the picture: a second column of long names was beyond its edge, where nobody saw it."""
    figures = []
    monkeypatch.setattr("mtser.tables.pictures.protocols.svg", lambda figure: figures.append(figure) or "")
    ua = {system: {name: i / 20 for i, name in enumerate(protocols)} for system in ("full", "mha2")}
    draw_protocols(Effect("toy", protocols, ua), title="T")
    [figure] = figures
    [legend] = figure.legends
    shown = [text.get_text() for text in legend.get_texts()]
    assert shown == fitting(protocols, 60) and len(set(shown)) == len(protocols)
    _, _, *drawn = figure.axes[0].collections
    signs = {(tuple(map(tuple, one.get_paths()[0].vertices)), tuple(one.get_facecolor()[0])) for one in drawn}
    assert len(signs) == len(drawn) == len(protocols)
    FigureCanvasAgg(figure).draw()
    box, axes = legend.get_window_extent(), figure.axes[0].get_window_extent()
    assert box.x1 <= figure.bbox.x1 and box.y0 >= axes.y1
    lefts = {round(text.get_window_extent().x0) for text in legend.get_texts()}
    assert len(lefts) == n_columns


def test_names_are_told_apart(rows, monkeypatch):
    """``full_tuned_without_spec_augment`` and another that begins and ends like it, with their ensembles."""
    figures = []
    for module in ("forest", "reliability"):
        monkeypatch.setattr(f"mtser.tables.pictures.{module}.svg", lambda figure: figures.append(figure) or "")
    odd = []
    for name in ("full_tuned_without_spec_augment", "full_tuned_with_every_spec_augment"):
        odd.append(replace(rows[0], system=name))
        odd.append(replace(rows[0], system=f"{name} (ensemble of 2 seeds)", ensemble_of=name))
    draw_forest(odd, "ua", chance=0.25, reference="full")
    draw_reliability(odd)
    in_list = [label.get_text() for label in figures[0].axes[0].get_yticklabels()]
    over_panels = [text.get_text() for text in figures[1].axes[0].texts if "ECE" in text.get_text()]
    assert len(set(in_list)) == len(set(over_panels)) == 4
    assert [label.endswith("(ensemble)") for label in in_list] == [False, True, False, True]
    assert ["\nensemble, ECE" in text for text in over_panels] == [False, True, False, True]


def test_without_intervals_and_with_long_names(rows):
    odd = [replace(row, system="x" * 60, ua=replace(row.ua, ci95=None)) for row in rows]
    ET.fromstring(draw_forest(odd, "ua", chance=0.25, reference="full"))
    ET.fromstring(draw_reliability(odd))
