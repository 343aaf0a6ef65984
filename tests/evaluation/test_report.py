import json
import re

import pytest

from mtser.evaluation import summarise, summarise_seeds, write_report, write_seeds_report

NAMES = {"system": "full", "corpus": "toy", "protocol": "loso"}
HISTORIES = {"fold_1": [{"epoch": 1, "train_loss": 1.0, "dev_loss": 1.0, "dev_ua": 0.5}]}


def table(text: str, first_cell: str) -> list[list[str]]:
    """The Markdown table whose header starts with ``first_cell``."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first_cell} |"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    assert len({len(row) for row in rows}) == 1
    return rows


@pytest.fixture
def metrics(make_predictions):
    predictions, speakers = make_predictions(1)
    return summarise(
        predictions, speakers, **NAMES, skipped={"silent": 3, "no|words": 1}, warnings=["speakers leak"], removed=5,
        all_folds=predictions.fold_names(),
    )  # fmt: skip


def test_the_report_holds_every_number(tmp_path, metrics):
    path = write_report(
        tmp_path, metrics, histories=HISTORIES, command="python train.py x.yaml", environment={"torch": "2.11"}
    )
    text, pooled = path.read_text(), metrics["pooled"]
    assert text.startswith("# full · toy · loso · seed 1\n")
    result = table(text, "")
    assert result[0][2] == "95 % interval over 10 speakers"
    for row, name in zip(result[2:], ("wa", "ua", "macro_f1"), strict=True):
        spread = metrics["over_folds"][name]
        assert row[1] == f"**{pooled[name]:.3f}**" and row[3] == f"{spread['mean']:.3f} ± {spread['std']:.3f}"
    low, high = pooled["ua_ci95"]
    assert result[3][2] == f"{low:.3f} to {high:.3f}"
    folds = table(text, "fold")[2:]
    assert [row[0].replace("\\", "") for row in folds] == [fold["name"] for fold in metrics["folds"]]
    assert [row[4] for row in folds] == [f"{fold['ua']:.3f}" for fold in metrics["folds"]]
    confusion = table(text, "true / predicted")[2:]
    assert [[int(cell.strip("*")) for cell in row[1:5]] for row in confusion] == pooled["confusion"]
    assert [row[6] for row in confusion] == [f"{value:.3f}" for value in pooled["recall"].values()]
    assert table(text, "reason")[2:] == [["silent", "3"], [r"no\|words", "1"]]
    for said in (
        "4 utterances of the corpus were left out", "5 times an utterance", "- speakers leak", "5 of 5 folds",
        "python train.py x.yaml", "guessing gives 0.250", "(confusion.png)", "(curves.png)",
    ):  # fmt: skip
        assert said in text
    assert table(text, "environment")[2:] == [["torch", "2.11"]]
    assert json.loads((tmp_path / "metrics.json").read_text()) == metrics
    assert (tmp_path / "confusion.png").is_file() and (tmp_path / "curves.png").is_file()
    assert "SYNTHETIC" not in text


def test_synthetic_speech_is_said_before_any_number(tmp_path, metrics):
    text = write_report(tmp_path, metrics | {"synthetic": True}).read_text()
    assert text.index("SYNTHETIC") < text.index("## Result")


def test_without_a_training_there_are_no_curves(tmp_path, metrics):
    text = write_report(tmp_path, metrics).read_text()
    assert "curves.png" not in text and not (tmp_path / "curves.png").exists() and "run it again" not in text


def test_some_folds_only_is_said(tmp_path, make_predictions):
    predictions, speakers = make_predictions(1)
    part = summarise(predictions.fold("fold_2"), speakers, **NAMES, all_folds=predictions.fold_names())
    text = write_report(tmp_path, part).read_text()
    assert "1 of 5 folds" in text and "Only 1 of 5 folds were run" in text


def test_the_seeds_report_holds_every_seed(tmp_path, make_predictions):
    runs = [make_predictions(seed)[0] for seed in (1, 2)]
    metrics = summarise_seeds(runs, make_predictions(1)[1], **NAMES, synthetic=True)
    text = write_seeds_report(tmp_path, metrics, command="train --seeds 1,2").read_text()
    assert json.loads((tmp_path / "seeds.json").read_text()) == metrics
    assert [row[:3] for row in table(text, "seed")[2:]] == [
        [str(one["seed"]), f"{one['wa']:.3f}", f"{one['ua']:.3f}"] for one in metrics["per_seed"]
    ]
    assert "SYNTHETIC" in text and "seeds 1, 2" in text and "train --seeds 1,2" in text
