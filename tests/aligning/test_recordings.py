"""Which files are meant, and what was said in them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mtser.aligning.recordings import find_recordings, with_texts
from mtser.aligning.text_table import TextTable
from mtser.errors import ConfigError


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
    assert sorted(one.place.as_posix() for one in found) == ["b_flac", "b_wav", "x/a_wav", "y/a_wav"]


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
