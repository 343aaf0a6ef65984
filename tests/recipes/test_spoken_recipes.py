"""The recipes of corpora without word times, trained on tiny trees."""

import json
from pathlib import Path

from tests.corpora.iemocap_writer import write_tone
from tests.recipes.test_recipes import Train, train

__all__ = ["train"]

RESULTS = Path("elsewhere") / "results" / "full"


def metrics_of(run: Path) -> dict[str, object]:
    return json.loads((run / "metrics.json").read_text())


def test_ravdess_leaves_one_speaker_out(train: Train, tmp_path: Path) -> None:
    for actor in (1, 2, 3):
        for emotion in (1, 2, 3, 4, 5):
            for repetition in (1, 2):
                name = f"03-01-{emotion:02}-01-01-{repetition:02}-{actor:02}.wav"
                write_tone(tmp_path / "RAVDESS" / f"Actor_{actor:02}" / name)
    four = str(Path(__file__).parents[2] / "recipes" / "ravdess" / "classes" / "four.yaml")
    options = ("--data_folder", str(tmp_path / "RAVDESS"), "--alignment", "even", "--label_map", four)
    assert train("ravdess", *options) == 0
    metrics = metrics_of(tmp_path / RESULTS / "RAVDESS" / "lospo" / "seed_1")
    assert [fold["name"] for fold in metrics["folds"]] == ["speaker_01M", "speaker_02F", "speaker_03M"]  # type: ignore
    assert metrics["classes"] == ["angry", "happy", "sad", "neutral"] and metrics["n_utterances"] == 30


def test_custom_on_its_own_division(train: Train, tmp_path: Path) -> None:
    rows = ["file,label,text,speaker,split"]
    for number in range(12):
        write_tone(tmp_path / "mine" / f"{number}.wav")
        rows.append(
            f"{number}.wav,{'joy' if number % 2 else 'anger'},oh no,s{number},{('train', 'dev', 'test')[number % 3]}"
        )
    (tmp_path / "mine" / "table.csv").write_text("\n".join(rows) + "\n")
    assert train("custom", "--data_folder", str(tmp_path / "mine" / "table.csv"), "--alignment", "even") == 0
    run = tmp_path / RESULTS / "mine" / "official" / "seed_1"
    metrics = metrics_of(run)
    assert metrics["classes"] == ["anger", "joy"] and metrics["n_utterances"] == 4
    assert "official" in (run / "report.md").read_text()
