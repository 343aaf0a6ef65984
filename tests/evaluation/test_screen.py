import numpy as np
import pytest

from mtser.evaluation import screen_summary, summarise, summarise_seeds

NAMES = {"system": "full", "corpus": "toy", "protocol": "loso"}
MANY = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised", "calm", "bored", "excited", "shy", "x")


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("n_classes", [2, 4, 8, 12])
def test_every_line_fits_and_the_matrix_is_whole(make_predictions, width, n_classes):
    predictions, speakers = make_predictions(1, classes=MANY[:n_classes], each=99, strength=3.0)
    metrics = summarise(predictions, speakers, **NAMES, warnings=["something " * 30], synthetic=True)
    text = screen_summary(metrics, width=width)
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    start = next(i for i, line in enumerate(lines) if line.endswith("recall"))
    found = [line.split()[-n_classes - 2 : -2] for line in lines[start + 1 : start + 1 + n_classes]]
    assert np.array(found, int).tolist() == metrics["pooled"]["confusion"]
    for name, line in zip(MANY[:n_classes], lines[start + 1 :], strict=False):
        assert name in line


def test_the_numbers_the_warnings_and_the_files_are_there(tmp_path, make_predictions):
    predictions, speakers = make_predictions(1)
    metrics = summarise(predictions, speakers, **NAMES, skipped={"silent": 3}, warnings=["speakers leak"])
    (tmp_path / "report.md").touch()
    text = screen_summary(metrics, tmp_path, width=90)
    low, high = metrics["pooled"]["ua_ci95"]
    spread = metrics["over_folds"]["ua"]
    row = next(line for line in text.splitlines() if line.startswith(" UA")).split("  ")
    assert [cell.strip() for cell in row if cell.strip()] == [
        "UA", "macro recall", f"{metrics['pooled']['ua']:.3f}", f"[{low:.3f}, {high:.3f}]",
        f"{spread['mean']:.3f} ± {spread['std']:.3f}",
    ]  # fmt: skip
    for said in ("10 speakers", "5 folds", "3 skipped", " ! speakers leak", str(tmp_path), "report.md"):
        assert said in text
    assert "SYNTHETIC" not in text and "curves.png" not in text
    assert "SYNTHETIC" in screen_summary(metrics | {"synthetic": True})


def test_it_can_be_printed_on_a_western_console(make_predictions):
    predictions, speakers = make_predictions(1)
    screen_summary(summarise(predictions, speakers, **NAMES, synthetic=True)).encode("cp1252")


def test_seeds_are_shown(make_predictions):
    runs = [make_predictions(seed)[0] for seed in (1, 2)]
    text = screen_summary(summarise_seeds(runs, make_predictions(1)[1], **NAMES), width=80)
    assert "2 seeds" in text and "seeds 1, 2" in text and "120 utterances tested, each with 2 seeds" in text


def test_one_fold_of_one_speaker_is_shown(make_predictions):
    predictions, speakers = make_predictions(1, n_speakers=1, n_folds=1)
    text = screen_summary(summarise(predictions, speakers, **NAMES), width=80)
    assert "over 1 speaker " in text and "over 1 fold\n" in text and text.count("±") == 1  # in the heading
