import math
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from mtser.errors import MtserError
from mtser.evaluation import best_epoch, draw_confusion, draw_curves, pictures


@pytest.fixture
def figures(monkeypatch) -> list[Figure]:
    """Every figure that is drawn."""
    drawn: list[Figure] = []

    class Kept(Figure):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            drawn.append(self)

    monkeypatch.setattr(pictures, "Figure", Kept)
    return drawn


def history(n, best=2):
    return [
        {"epoch": e, "train_loss": 1 / e, "dev_loss": 0.5 + 1 / e, "dev_ua": 0.5 - 0.01 * abs(e - best)}
        for e in range(1, n + 1)
    ]


def is_png(path: Path) -> bool:
    return path.read_bytes().startswith(b"\x89PNG") and matplotlib.image.imread(path).std() > 0.01


@pytest.mark.parametrize("n_classes", [2, 4, 12])
def test_the_confusion_picture_shows_every_count_and_share(tmp_path, figures, n_classes):
    counts = np.random.default_rng(0).integers(0, 50, (n_classes, n_classes))
    counts[1] = 0  # a class that was never tested
    classes = [f"class{i}" for i in range(n_classes)]
    path = draw_confusion(tmp_path / "confusion.png", counts, classes, title="full · toy", synthetic=True)
    axes = figures[0].axes[0]
    texts = [text.get_text() for text in axes.texts]
    expected = []
    for row in counts.tolist():
        for n in row:
            expected += [f"{100 * n / sum(row):.0f} %" if sum(row) else "–", str(n)]
    assert texts == expected and is_png(path)
    assert [label.get_text() for label in axes.get_xticklabels()] == classes
    assert "SYNTHETIC" in axes.get_title() and axes.get_title().startswith("full")


def test_real_speech_is_not_called_synthetic(tmp_path, figures):
    draw_confusion(tmp_path / "c.png", np.eye(2), ["a", "b"], title="full")
    draw_curves(tmp_path / "d.png", {"f": history(3)}, title="full")
    assert figures[0].axes[0].get_title() == figures[1].get_suptitle() == "full"


@pytest.mark.parametrize("n_folds", [1, 5, 24])
def test_every_fold_has_its_curves_and_its_chosen_epoch(tmp_path, figures, n_folds):
    histories = {f"fold {i}": history(6, best=1 + i % 6) for i in range(n_folds)}
    path = draw_curves(tmp_path / "curves.png", histories, title="full", chosen={"fold 0": 6}, synthetic=True)
    assert is_png(path) and "SYNTHETIC" in figures[0].get_suptitle()
    panels = {axes.get_title("left"): axes for axes in figures[0].axes if axes.get_title("left")}
    assert list(panels) == list(histories)
    for i, (name, axes) in enumerate(panels.items()):
        train, dev, marked = axes.lines
        assert list(train.get_ydata()) == [row["train_loss"] for row in histories[name]]
        assert list(dev.get_ydata()) == [row["dev_loss"] for row in histories[name]]
        assert marked.get_xdata()[0] == (6 if i == 0 else 1 + i % 6)
        assert axes.get_ylim() == figures[0].axes[0].get_ylim()


def right_scales(figure):
    """Title → the lines on the right scale, of every panel."""
    titles = [axes.get_title("left") for axes in figure.axes if axes.get_title("left")]
    rights = [axes for axes in figure.axes if axes.yaxis.get_ticks_position() == "right"]
    return dict(
        zip(titles, ([line for line in axes.lines if len(line.get_xdata()) > 1] for axes in rights), strict=True)
    )


def test_the_concordance_of_attributes_is_drawn_beside_ua_or_alone(tmp_path, figures):
    both = [row | {"dev_ccc": 0.1 * row["epoch"]} for row in history(4)]
    alone = [{name: value for name, value in row.items() if name != "dev_ua"} for row in both]
    alone[0] = alone[0] | {"dev_ccc": -0.2}
    assert is_png(draw_curves(tmp_path / "both.png", {"f": both}, title="x", chosen={"f": 4}))
    assert is_png(draw_curves(tmp_path / "alone.png", {"f": alone}, title="x", chosen={"f": 1}))
    drawn = [[list(line.get_ydata()) for line in right_scales(figure)["f"]] for figure in figures]
    ua, ccc = ([row[name] for row in both] for name in ("dev_ua", "dev_ccc"))
    assert drawn == [[ua, ccc], [[row["dev_ccc"] for row in alone]]]
    labels = [[text.get_text() for text in figure.legends[0].get_texts()] for figure in figures]
    assert "dev UA (right scale)" in labels[0] and "dev CCC (right scale)" in labels[0]
    assert "dev UA (right scale)" not in labels[1] and "dev CCC (right scale)" in labels[1]
    for figure in figures:
        box = figure.legends[0].get_window_extent()
        assert box.x0 >= 0 and box.x1 <= figure.bbox.width, "the legend is cut off"
    assert best_epoch(both) == 2 and best_epoch(both, "dev_ccc") == 4 and best_epoch(alone) == 4


@pytest.mark.filterwarnings("error")
def test_odd_histories_are_drawn_without_a_warning(tmp_path, figures):
    nan = {"epoch": 1, "train_loss": math.nan, "dev_loss": math.inf, "dev_ua": math.nan}
    wild = [row | {"dev_loss": 1e6} for row in history(9)]
    histories = {"none": [], "nan": [nan], "one": history(1), "wild": wild, **{f"f{i}": history(40) for i in range(4)}}
    assert is_png(draw_curves(tmp_path / "curves.png", histories, title="full"))
    assert figures[0].axes[0].get_ylim()[1] < 5, "one fold's loss must not flatten the others"
    assert is_png(draw_curves(tmp_path / "nan.png", {"nan": [nan]}, title="full"))


def test_the_first_of_equal_epochs_is_the_best():
    rows = [{"epoch": e, "dev_ua": ua} for e, ua in ((1, 0.2), (2, 0.7), (3, math.nan), (4, 0.7))]
    assert best_epoch(rows) == 2 and best_epoch([]) is None and best_epoch(rows[2:3]) is None


def test_a_picture_is_the_same_each_time_and_written_whole_or_not_at_all(tmp_path):
    one = draw_confusion(tmp_path / "1.png", np.eye(2), ["a", "b"], title="full").read_bytes()
    assert draw_confusion(tmp_path / "2.png", np.eye(2), ["a", "b"], title="full").read_bytes() == one
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MtserError):
        draw_confusion(tmp_path / "file" / "3.png", np.eye(2), ["a", "b"], title="full")
