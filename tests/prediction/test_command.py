"""The command as a whole, with a recogniser that needs no model."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys

import pytest

from mtser.alignment import Word
from mtser.cli import main
from mtser.errors import ConfigError
from mtser.inference.recognition import Recognition, WordEvidence
from mtser.prediction.prediction import Prediction, table_header, table_rows
from tests.prediction.sounds import tone, write

MODEL = ["--model", "some_model"]
FAILED = ("calls/empty.wav", "calls/silent.wav", "calls/text.wav")


def predict(*words):
    return main(["predict", *words, *MODEL])


def test_one_recording_for_people(recognizer, calls, capsys):
    assert predict("calls/a.wav", "--text", "I can't believe it") == 0
    told = capsys.readouterr()
    for part in (
        "calls/a.wav  2.00 s",
        "angry    █",
        "0.925",
        "I [-0.02] can't [+0.02]",
        "text as given, word times by fake times",
    ):
        assert part in told.out
    assert told.err == "! Only 2 of 5 folds are done.\n"


def test_a_folder_is_a_line_a_recording_and_failures_at_the_end(recognizer, calls, capsys):
    assert predict("calls") == 1
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert [line.split()[2] for line in lines] == ["calls/a.wav", "calls/long.flac.wav", "calls/deep/b.wav"]
    assert "3 turns" in lines[1] and '"oh no not again"' in lines[0]
    assert "no answer for 3 of 6:\n" in told.err
    for name, reason in zip(FAILED, ("empty audio", "silent audio", "unreadable audio"), strict=True):
        assert f"  {name}: {reason} (" in told.err


def test_json_lines(recognizer, calls, capsys):
    assert predict("calls", "--json", "--no_explain") == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["name"] for one in lines] == ["calls/a.wav", "calls/long.flac.wav", "calls/deep/b.wav"]
    assert lines[0]["emotion"] == "angry" and sum(lines[0]["probabilities"].values()) == pytest.approx(1)
    assert [len(one["turns"]) for one in lines] == [1, 3, 1] and lines[1]["was_cut"]
    assert lines[0]["turns"][0]["words"][0]["occlusion"] == {}
    assert {"made_by", "source", "files"}.isdisjoint(lines[0])


def test_a_table(recognizer, calls, capsys):
    predict("calls", "--csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["file"] for row in rows] == ["calls/a.wav", *["calls/long.flac.wav"] * 3, "calls/deep/b.wav"]
    assert sum(float(rows[0][f"p_{name}"]) for name in ("angry", "happy", "sad", "neutral")) == pytest.approx(
        1, abs=1e-3
    )
    assert float(rows[2]["start"]) < float(rows[2]["end"]) and rows[0]["transcribed_by"] == "fake words"


def test_standard_input(recognizer, calls, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((calls / "a.wav").read_bytes())))
    assert predict("-", "--json") == 0
    assert json.loads(capsys.readouterr().out)["name"] == "-"


def test_other_bytes_from_standard_input_are_another_recording(recognizer, calls, capsys, monkeypatch):
    for loudness in (0.9, 0.1):  # as long as each other
        sound = write(calls / "x.wav", tone(2, loudness=loudness)).read_bytes()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sound)))
        assert predict("-", "--text", "oh", "--out", "results") == 0
        assert "found earlier" not in capsys.readouterr().out
    assert len(recognizer.given) == 2


def test_a_name_that_is_no_text_stops_no_other(recognizer, calls, capsys):
    try:
        shutil.copy(calls / "a.wav", os.path.join(calls, os.fsdecode(b"caf\xe9.wav")))
    except OSError:
        pytest.skip("this file system takes no such name")
    assert predict("calls", "--out", "results", "--csv") == 1
    told = capsys.readouterr()
    assert "calls/caf\\udce9.wav: its name is no valid text" in told.err
    assert len(told.out.splitlines()) == 6
    assert predict(os.path.join("calls", os.fsdecode(b"caf\xe9.wav"))) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])  # of Notepad, and of dir /b > list.txt in PowerShell
def test_a_list_from_windows(recognizer, calls, capsys, encoding):
    (calls / "list.txt").write_text("calls/a.wav\r\n", encoding=encoding, newline="")
    assert predict("--list", "calls/list.txt", "--csv") == 0


def test_a_list(recognizer, calls, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"calls/a.wav\n\ncalls/deep\n")))
    assert predict("--list", "-", "--csv") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_texts_from_a_table_and_from_beside(recognizer, calls, capsys, tmp_path):
    (tmp_path / "t.csv").write_text("file,text\ncalls/a.wav,one two\nnowhere.wav,x\n")
    predict("calls", "--texts", "t.csv")
    told = capsys.readouterr()
    assert '"one two"' in told.out and "1 of its files were not among the recordings: nowhere.wav." in told.err
    (calls / "a.txt").write_text("three four")
    (calls / "deep" / "b.txt").write_text("")
    assert predict("calls", "--text_beside") == 1
    told = capsys.readouterr()
    assert '"three four"' in told.out and "b.txt: it has no text there" in told.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere.wav"], "nowhere.wav: there is no such file or folder."),
        ([], "no recording is named (mtser predict --help shows how)."),
        (["calls", "--text", "oh"], "--text is for one recording, not for 6; use --texts or --text_beside."),
        (["calls", "--window", "0.2"], "argument --window: 0.2 is not 0 or from 1 to 600 seconds"),
        (["calls", "--text", "a", "--text_beside"], "argument --text_beside: not allowed with argument --text"),
        (["--list", "nowhere.txt"], "nowhere.txt: cannot be read"),
    ],
)
def test_mistakes(recognizer, calls, capsys, words, message):
    assert predict(*words) == 2
    assert message in capsys.readouterr().err


def test_a_model_that_is_not_there(calls, capsys):
    assert predict("calls/a.wav") == 2
    assert "some_model: there is no such folder" in capsys.readouterr().err


def test_results_are_kept_and_continued(recognizer, calls, capsys):
    assert predict("calls", "--out", "results", "--plot", "--textgrid") == 1
    folder = calls.parent / "results"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    names = ("calls/a.wav", "calls/deep/b.wav", "calls/long.flac.wav")
    assert found == {f"{name}.{ending}" for name in names for ending in ("json", "png", "TextGrid")} | {
        "calls/long.flac.wav.turns.csv",
        "failures.csv",
        "predict.json",
        "predictions.csv",
    }
    table = (folder / "predictions.csv").read_bytes()
    assert len(table.splitlines()) == 6
    failures = list(csv.DictReader((folder / "failures.csv").open(encoding="utf-8")))
    assert [row["file"] for row in failures] == list(FAILED)
    # again: nothing is judged but what failed; what changed is judged anew
    n_given = len(recognizer.given)
    assert predict("calls", "--out", "results", "--plot", "--textgrid") == 1
    assert "3 of 6 were done earlier." in capsys.readouterr().err
    assert len(recognizer.given) - n_given == 1 and (folder / "predictions.csv").read_bytes() == table
    write(calls / "a.wav", tone(2.5, loudness=0.1))
    (folder / "calls/deep/b.wav.png").unlink()
    predict("calls", "--out", "results", "--plot", "--textgrid")
    assert "1 of 6 were done earlier." in capsys.readouterr().err
    assert (folder / "predictions.csv").read_bytes() != table and (folder / "calls/deep/b.wav.png").exists()


def test_a_batch_that_was_killed_continues(recognizer, calls, monkeypatch):
    from mtser.prediction.result_folder import ResultFolder

    keep, kept = ResultFolder.keep, []

    def dies(self, source, found, identity):
        if kept:
            raise KeyboardInterrupt
        keep(self, source, found, identity)
        kept.append(source.name)

    with monkeypatch.context() as patch:
        patch.setattr(ResultFolder, "keep", dies)
        assert predict("calls", "--out", "results") == 130
    recognizer.given.clear()
    assert predict("calls", "--out", "results") == 1
    assert kept == ["calls/a.wav"] and "calls/a.wav" not in {one.name for one in recognizer.given}
    assert len((calls.parent / "results/predictions.csv").read_text().splitlines()) == 6


def test_killed_between_the_files_of_a_recording(recognizer, calls, monkeypatch, capsys):
    from mtser.prediction import tiers

    write_tiers = tiers.write_tiers

    def dies(path, found):
        write_tiers(path, found)
        raise KeyboardInterrupt

    words = ("calls/a.wav", "--out", "results", "--textgrid", "--plot")
    with monkeypatch.context() as patch:
        patch.setattr(tiers, "write_tiers", dies)
        assert predict(*words) == 130
    assert (calls.parent / "results/a.wav.TextGrid").exists()
    n_given = len(recognizer.given)
    assert predict(*words) == 0, capsys.readouterr().err
    assert len(recognizer.given) == n_given + 1 and (calls.parent / "results/a.wav.png").exists()


def test_a_file_of_the_user_is_no_result(recognizer, calls, capsys):
    assert predict("calls/a.wav", "--out", "results") == 0
    mine = calls.parent / "results/a.wav.TextGrid"
    mine.write_text("mine")
    assert predict("calls/a.wav", "--out", "results", "--textgrid") == 1
    assert "a.wav.TextGrid: it is there already" in capsys.readouterr().err
    os.utime(calls / "a.wav", (1, 1))
    assert predict("calls/a.wav", "--out", "results", "--textgrid") == 1
    assert mine.read_text() == "mine"
    mine.unlink()
    assert predict("calls/a.wav", "--out", "results", "--textgrid") == 0
    os.utime(calls / "a.wav", (2, 2))
    assert predict("calls/a.wav", "--out", "results", "--plot") == 0  # the tiers stay mtser's own
    assert predict("calls/a.wav", "--out", "results", "--textgrid") == 0


def test_a_command_that_is_refused_leaves_the_folder_free(recognizer, calls, monkeypatch):
    def refuses(options):
        raise ConfigError("there is no such transcriber.")

    with monkeypatch.context() as patch:
        patch.setattr("mtser.prediction.batch.load_recognizer", refuses)
        assert predict("calls/a.wav", "--out", "results", "--transcriber", "pocketsphinxx") == 2
    assert predict("calls/a.wav", "--out", "results", "--transcriber", "pocketsphinx") == 0


def test_other_options_do_not_mix_with_earlier_results(recognizer, calls, capsys):
    predict("calls", "--out", "results")
    assert predict("calls", "--out", "results", "--window", "5") == 2
    assert "window was 20.0, is 5.0" in capsys.readouterr().err


def test_files_of_others_are_not_overwritten(recognizer, calls, capsys):
    """The recordings' own folder is the worst --out."""
    (calls.parent / "calls/calls").mkdir()
    mine = calls.parent / "calls/calls/a.wav.json"
    mine.write_text("{}")
    assert predict("calls/a.wav", "--out", "calls") == 0
    predict("calls", "--out", "calls")
    assert mine.read_text() == "{}"
    assert "a.wav.json: it is there already, and mtser predict has not written it" in capsys.readouterr().err
    (calls.parent / "theirs").mkdir()
    (calls.parent / "theirs/predictions.csv").write_text("mine")
    assert predict("calls", "--out", "theirs") == 2
    assert (calls.parent / "theirs/predictions.csv").read_text() == "mine"


def test_pictures_without_a_folder_have_one(recognizer, calls, capsys):
    assert predict("calls/a.wav", "--plot") == 0
    assert (calls.parent / "predictions/a.wav.png").exists()
    assert "results in predictions" in capsys.readouterr().err


def test_what_is_not_needed_is_not_imported(calls):
    """Before there is a picture to draw."""
    code = (
        "import sys\nfrom tests.prediction.fakes import FakeRecognizer\nimport mtser.prediction.batch as batch\n"
        "batch.load_recognizer = lambda options: FakeRecognizer()\nfrom mtser.cli import main\n"
        "main(['predict', 'calls/a.wav', '--model', 'x', '--csv'])\nprint(*sys.modules)"
    )
    from pathlib import Path

    root = str(Path(__file__).parents[2])
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=calls.parent,
        env={"PYTHONPATH": root},
    )
    assert not {"matplotlib", "sklearn", "pandas", "gradio", "av", "rich"} & set(ended.stdout.splitlines()[-1].split())


def test_the_table_names_no_emotion_where_there_are_no_words():
    alike = {"sad": 0.5, "happy": 0.5}
    said = Recognition("a.wav", 0.0, 1.0, {"sad": 0.7, "happy": 0.3}, (WordEvidence(Word("oh", 0.1, 0.4)),), "oh")
    for turn, emotion in ((Recognition("a.wav", 0.0, 1.0, alike), ""), (said, "sad")):
        (row,) = table_rows(Prediction("a.wav", 1.0, (turn,)).to_dict())
        assert dict(zip(table_header(tuple(turn.probabilities)), row, strict=True))["emotion"] == emotion


def test_recordings_of_one_name_do_not_replace_each_other(recognizer, calls, capsys):
    (calls / "again").mkdir()
    shutil.copy(calls / "a.wav", calls / "again" / "a.wav")
    assert predict("calls/a.wav", "--out", "results") == 0
    before = (calls.parent / "results" / "a.wav.json").read_bytes()
    assert predict("calls/again/a.wav", "--out", "results") == 1
    assert "it is about another recording of that name" in capsys.readouterr().err
    assert (calls.parent / "results" / "a.wav.json").read_bytes() == before
    (calls / "a.wav").rename(calls / "again" / "a.wav")  # it has moved: there is no other any more
    assert predict("calls/again/a.wav", "--out", "results") == 0
