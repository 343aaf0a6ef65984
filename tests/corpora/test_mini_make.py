"""The mini corpus on disk: layout, determinism, and that nobody ever sees half of it."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import soundfile

pytest.importorskip("espeakng_loader")

from mtser.corpora import read_iemocap  # noqa: E402
from mtser.corpora.mini import make, make_mini_corpus  # noqa: E402
from mtser.corpora.mini.__main__ import main  # noqa: E402
from mtser.corpora.mini.notice import content_version  # noqa: E402
from mtser.corpora.mini.script import write_script  # noqa: E402
from mtser.errors import MtserError  # noqa: E402

FEW = ("Ses03M_impro05a", "Ses05F_impro07")


@pytest.fixture(autouse=True)
def few_dialogs(monkeypatch):
    """A corpus of two dialogs instead of 35, made of the same pieces."""
    monkeypatch.setattr(make, "write_script", lambda: [one for one in write_script() if one.name in FEW])


@pytest.fixture(scope="module")
def corpus_folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make, "write_script", lambda: [one for one in write_script() if one.name in FEW])
        return make_mini_corpus(tmp_path_factory.mktemp("mini") / "corpus", progress=False)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_files_lie_where_iemocap_has_them(corpus_folder):
    files = contents(corpus_folder)
    for dialog in (one for one in write_script() if one.name in FEW):
        session = f"Session{dialog.session}"
        assert f"{session}/dialog/EmoEvaluation/{dialog.name}.txt" in files
        assert f"{session}/dialog/transcriptions/{dialog.name}.txt" in files
        for turn in dialog.turns:
            assert f"{session}/sentences/wav/{dialog.name}/{turn.id}.wav" in files
            alignment = f"{session}/sentences/ForcedAlignment/{dialog.name}/{turn.id}.wdseg"
            assert (alignment in files) == turn.aligned
            assert (alignment.replace(".wdseg", ".phseg") in files) == turn.aligned
    assert f"Session3/dialog/EmoEvaluation/._{FEW[0]}.txt" in files
    assert b"MXX0" in files["Session5/dialog/transcriptions/Ses05F_impro07.txt"]


def test_the_iemocap_reader_reads_it(corpus_folder):
    corpus = read_iemocap(corpus_folder, progress=False)
    expected = {turn.id: turn for one in write_script() if one.name in FEW for turn in one.turns}
    usable = {id for id, turn in expected.items() if turn.label in ("neu", "hap", "exc", "ang", "sad")}
    assert {one.id for one in corpus.utterances} == {id for id in usable if expected[id].aligned}
    assert corpus.skipped_reasons() == {
        "label not among the classes": len(expected) - len(usable),
        "no alignment": 1,
    }
    for one in corpus.utterances:
        assert one.speaker == expected[one.id].speaker
        assert len(one.words) == len(expected[one.id].text.split())
        assert one.words[0].start > 0.05 and one.words[-1].end < one.duration
        assert expected[one.id].text in one.text
        assert all(word.phones for word in one.words)
    assert not [warning for warning in corpus.warnings if "phone" in warning]


def test_the_audio_is_16_khz_16_bit_mono(corpus_folder):
    wavs = [path for path in corpus_folder.rglob("*.wav") if not path.name.startswith("._")]
    for path in wavs:
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (16_000, 1, "PCM_16")


def test_it_says_that_it_is_synthetic(corpus_folder):
    notice = json.loads((corpus_folder / "synthetic.json").read_text())
    assert notice["synthetic"] is True and notice["version"] == content_version()
    assert notice["counts"]["dialogs"] == 2
    assert "SYNTHETIC" in (corpus_folder / "README.txt").read_text()


def test_a_second_making_gives_the_same_bytes(corpus_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(make, "n_cores", lambda: 1)
    assert contents(make_mini_corpus(tmp_path / "again", progress=False)) == contents(corpus_folder)


def test_a_finished_corpus_is_not_made_again(corpus_folder, monkeypatch):
    monkeypatch.setattr(make, "record_dialogs", lambda *_: pytest.fail("it was made again"))
    assert make_mini_corpus(corpus_folder, progress=False) == corpus_folder


def test_by_default_it_lies_in_the_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path))
    monkeypatch.setattr(make, "_fill", lambda root, *_: (root / "synthetic.json").write_text("{}"))
    assert make_mini_corpus(progress=False) == tmp_path / "mini_corpus" / content_version()


def test_a_failed_making_leaves_nothing(tmp_path, monkeypatch):
    def fail(root, names):
        (root / "Session1").mkdir(exist_ok=True)
        raise MtserError("the disk is full")

    monkeypatch.setattr(make, "record_dialogs", fail)
    with pytest.raises(MtserError, match="disk is full"):
        make_mini_corpus(tmp_path / "corpus", progress=False)
    assert not list(tmp_path.iterdir())


def test_a_dialog_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "Session2").write_text("a file where a folder should be")
    with pytest.raises(MtserError, match=r"could not be made: .*Session2") as error:
        make.record_dialogs(tmp_path, ["Ses02F_impro02"])
    assert "Traceback" not in str(error.value)


def test_a_killed_making_leaves_no_corpus_and_the_next_one_succeeds(tmp_path, corpus_folder):
    target = tmp_path / "corpus"
    command = [sys.executable, "-m", "mtser.corpora.mini", "--out", str(target)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".corpus.*.part/Session*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert not target.exists() and list(tmp_path.glob(".corpus.*.part"))
    assert contents(make_mini_corpus(target, progress=False)) == contents(corpus_folder)


def test_makers_at_the_same_time_do_not_hurt_each_other(tmp_path, corpus_folder):
    target, made = tmp_path / "corpus", []
    makers = [threading.Thread(target=lambda: made.append(make_mini_corpus(target, progress=False))) for _ in range(2)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert made == [target, target]
    assert contents(target) == contents(corpus_folder)
    assert list(tmp_path.iterdir()) == [target]


def test_what_was_abandoned_long_ago_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(make, "_fill", lambda root, *_: (root / "synthetic.json").write_text("{}"))
    old, new = tmp_path / ".corpus.1.part", tmp_path / ".corpus.2.part"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (0, 0))
    make_mini_corpus(tmp_path / "corpus", progress=False)
    assert not old.exists() and new.exists()


@pytest.mark.parametrize("what", ["file", "other folder", "older version"])
def test_a_place_that_is_taken_is_left_alone(tmp_path, what):
    target = tmp_path / "taken"
    if what == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        name = "synthetic.json" if what == "older version" else "thesis.tex"
        (target / name).write_text('{"version": "another"}')
    with pytest.raises(MtserError, match="taken: holds something other"):
        make_mini_corpus(target, progress=False)
    assert target.read_text() == "mine" if what == "file" else len(list(target.iterdir())) == 1


def test_the_command_says_where_and_what_it_is(corpus_folder, capsys):
    assert main(["--out", str(corpus_folder)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{corpus_folder}\n") and "Synthetic" in shown


def test_the_command_ends_with_2_on_a_mistake(tmp_path, capsys):
    (tmp_path / "mine").write_text("mine")
    assert main(["--out", str(tmp_path)]) == 2
    assert "choose another folder" in capsys.readouterr().err
