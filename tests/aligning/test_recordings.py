"""Which files are meant, and what was said in them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mtser.aligning.recordings import find_recordings, with_texts
from mtser.aligning.text_table import TextTable
from mtser.errors import ConfigError
from tests.aligning.calls import n_calls


def test_folders_files_and_patterns(audio: Callable[..., Path], tmp_path: Path) -> None:
    audio("a.wav", " Oh,\n no! ")
    audio("s1/b.flac").with_suffix(".lab").write_text("yes")
    audio("s1/c.WAV".replace("WAV", "wav"))
    (tmp_path / "in" / ".hidden.wav").write_bytes(b"x")
    found = find_recordings([str(tmp_path / "in")])
    assert [(one.place.as_posix(), one.text) for one in found] == [("a", "Oh, no!"), ("s1/b", "yes"), ("s1/c", None)]
    assert [one.place.as_posix() for one in find_recordings([str(tmp_path / "in" / "**" / "*.flac")])] == ["b"]
    both = find_recordings([str(tmp_path / "in" / "a.wav"), str(tmp_path / "in")])
    assert [one.place.as_posix() for one in both] == ["a", "s1/b", "s1/c"]  # none twice


def test_lists_of_corpora_are_read(audio: Callable[..., Path], tmp_path: Path) -> None:
    audio("103/1240/103-1240-0000.flac")
    (tmp_path / "in/103/1240/103-1240.trans.txt").write_text("103-1240-0000 CHAPTER ONE\n")
    audio("Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav")
    (tmp_path / "in/Session1/dialog/transcriptions").mkdir(parents=True)
    line = "Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.\n"
    (tmp_path / "in/Session1/dialog/transcriptions/Ses01F_impro01.txt").write_text(line)
    audio("Session1/dialog/wav/Ses01F_impro01.wav")
    (librispeech,) = find_recordings([str(tmp_path / "in" / "103")])
    assert librispeech.text == "CHAPTER ONE" and librispeech.source.endswith("103-1240.trans.txt")
    (iemocap,) = find_recordings([str(tmp_path / "in" / "Session1")])  # and not the whole dialog
    assert iemocap.text == "Excuse me."


def test_equal_names_get_places_of_their_own(audio: Callable[..., Path], tmp_path: Path) -> None:
    for name in ("x/a.wav", "y/a.wav", "z/b.wav", "z/b.flac"):
        audio(name)
    found = find_recordings([str(tmp_path / "in" / "*" / "a.wav"), str(tmp_path / "in" / "z")])
    assert sorted(one.place.as_posix() for one in found) == ["b_flac", "b_wav", "x/a", "y/a"]


@pytest.mark.parametrize(
    "named", [["*/wav/*.wav"], ["s1/wav", "s2/wav"], ["s1/wav/1.wav", "s2/wav/1.wav", "s2/wav/2.wav"]]
)
def test_a_corpus_that_repeats_its_names_in_folders_of_one_name(
    audio: Callable[..., Path], tmp_path: Path, named: list[str]
) -> None:
    for name in ("s1/wav/1.wav", "s2/wav/1.wav", "s2/wav/2.wav"):
        audio(name)
    found = find_recordings([str(tmp_path / "in" / one) for one in named])
    assert [one.place.as_posix() for one in found] == ["s1/wav/1", "s2/wav/1", "s2/wav/2"]


def test_names_that_look_like_the_place_of_another(audio: Callable[..., Path], tmp_path: Path) -> None:
    for name in ("a.wav", "a.flac", "a_flac.wav"):
        audio(name)
    found = {one.path.name: one.place.as_posix() for one in find_recordings([str(tmp_path / "in")])}
    assert found == {"a.wav": "a_wav", "a.flac": "a.flac", "a_flac.wav": "a_flac_wav"}


def test_many_files_cost_as_many_times_the_work(tmp_path: Path) -> None:
    def folder(n: int) -> str:
        (tmp_path / str(n)).mkdir()
        for i in range(n):
            (tmp_path / str(n) / f"{i}.wav").touch()
        return str(tmp_path / str(n))

    few, many = folder(50), folder(400)
    assert n_calls(lambda: find_recordings([many])) < 2 * 8 * n_calls(lambda: find_recordings([few]))


def test_only_folders_below_the_named_one_make_the_layout_of_iemocap(
    audio: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio("transcriptions/mine/sentences/a.wav")
    audio("transcriptions/mine/words/b.wav")
    mine = tmp_path / "in" / "transcriptions" / "mine"
    monkeypatch.chdir(mine)
    for named in (str(mine), "."):
        assert [one.place.as_posix() for one in find_recordings([named])] == ["sentences/a", "words/b"]


def test_a_text_that_cannot_be_read_is_the_problem_of_its_recording(
    audio: Callable[..., Path], tmp_path: Path, unreadable: Callable[[str], None]
) -> None:
    for name in ("a.wav", "b.wav", "c.wav"):
        audio(name, "oh")
    audio("103-1240-0000.flac"), audio("103-1241-0000.flac")
    (tmp_path / "in/103-1240.trans.txt").touch()
    unreadable("b.txt"), unreadable("c.txt"), unreadable("103-1240.trans.txt")
    (tmp_path / "texts.csv").write_text("file,text\nc.wav,yes\n")
    found = with_texts(find_recordings([str(tmp_path / "in")]), TextTable(tmp_path / "texts.csv"))
    told = {one.path.stem: (one.text, one.problem.replace(str(tmp_path), "")) for one in found}
    assert told == {
        "a": ("oh", ""),
        "b": (None, "/in/b.txt: cannot be read (Permission denied)"),
        "c": ("yes", ""),
        "103-1240-0000": (None, "/in/103-1240.trans.txt: cannot be read (Permission denied)"),
        "103-1241-0000": (None, ""),
    }
    assert [one.path.stem for one in found if one.is_unheard] == ["103-1241-0000"]


def test_a_table_gives_texts_by_path_or_name(audio: Callable[..., Path], tmp_path: Path) -> None:
    for name in ("a.wav", "s/b.wav", "s/c.wav"):
        audio(name, "beside")
    table = tmp_path / "texts.tsv"
    table.write_text('speaker\tFile\ttext\n1\ta\tOh, "no"\n2\ts/b.wav\tyes\n', encoding="utf-8")
    found = with_texts(find_recordings([str(tmp_path / "in")]), TextTable(table))
    assert [(one.text, one.source == str(table)) for one in found] == [
        ('Oh, "no"', True),
        ("yes", True),
        ("beside", False),
    ]


def test_videos_of_a_folder_are_recordings_too(audio: Callable[..., Path], tmp_path: Path) -> None:
    audio("a.wav")
    (tmp_path / "in" / "talk.MP4").write_bytes(b"x")
    (tmp_path / "in" / "talk.srt").write_bytes(b"x")
    assert [one.path.name for one in find_recordings([str(tmp_path / "in")])] == ["a.wav", "talk.MP4"]


def test_nothing_found_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"empty: holds no audio \(by its endings, such as .wav"):
        find_recordings([str(tmp_path / "empty")])
    with pytest.raises(ConfigError, match="there is no such file or folder"):
        find_recordings([str(tmp_path / "no*.wav")])
