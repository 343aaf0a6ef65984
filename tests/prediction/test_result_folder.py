"""What a batch leaves: half-written files, tables, what is judged again."""

import csv
from pathlib import Path, PurePath

from mtser.inference import Recognition
from mtser.prediction.prediction import Prediction
from mtser.prediction.result_folder import ResultFolder, identity_of
from mtser.prediction.sources import Source
from tests.helpers.leftovers import leftover


def test_it_is_gone_when_the_same_command_goes_on(tmp_path: Path) -> None:
    ResultFolder(tmp_path, {"model": "a"}).begin()
    below = tmp_path / "talks [1]"
    below.mkdir()
    for folder, name in ((tmp_path, "predictions.csv"), (below, "talk.wav.json"), (below, "talk.wav.png")):
        leftover(folder, name)
    ResultFolder(tmp_path, {"model": "a"}).begin()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["predict.json", "talks [1]"]


def test_a_folder_that_is_not_its_own_is_not_looked_through(tmp_path: Path) -> None:
    left = leftover(tmp_path, "a.txt")
    ResultFolder(tmp_path, {"model": "a"}).begin()
    assert left.exists()


def begun(root: Path) -> tuple[ResultFolder, Source, Prediction]:
    """A folder, and a recording with what was found in it: a part of it could not be judged."""
    file = root / "a.wav"
    file.write_bytes(b"sound")
    turn = Recognition(str(file), 0.5, 2.0, {"sad": 0.75, "happy": 0.25})
    lost = ((0.0, 0.5, "no words were found"), (2.0, 9.0, "truncated audio"))
    folder = ResultFolder(root / "out", {"model": "a"})
    folder.begin()
    return folder, Source(str(file), file, PurePath(file.name), None), Prediction(str(file), 9.0, (turn,), True, lost)


def test_what_could_not_be_judged_has_rows_of_its_own(tmp_path: Path) -> None:
    folder, source, found = begun(tmp_path)
    folder.keep(source, found)
    folder.finish([source], ["sad", "happy"], [])
    for table in ("predictions.csv", "a.wav.turns.csv"):
        with (tmp_path / "out" / table).open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert [(row["start"], row["end"], row["p_sad"], row["warnings"]) for row in rows] == [
            ("0.000", "0.500", "", "Not judged: no words were found."),
            ("0.500", "2.000", "0.7500", ""),
            ("2.000", "9.000", "", "Not judged: truncated audio."),
        ]


def test_a_recording_that_changed_while_it_was_judged_is_judged_again(tmp_path: Path) -> None:
    folder, source, found = begun(tmp_path)
    before = identity_of(source)
    (tmp_path / "a.wav").write_bytes(b"another sound")
    folder.keep(source, found, before)
    assert folder.done(source) is None
    folder.keep(source, found, identity_of(source))
    assert folder.done(source) is not None
