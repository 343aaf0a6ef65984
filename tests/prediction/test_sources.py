import os
from pathlib import Path

import pytest

from mtser.errors import ConfigError
from mtser.prediction.sources import STDIN, Sources, distinct_names
from tests.aligning.calls import n_calls


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Some files, in the working directory."""
    for name in (
        "a.wav",
        "calls/b.wav",
        "calls/b.flac",
        "calls/deep/c.MP3",
        "calls/notes.txt",
        "calls/.hidden/d.wav",
        "odd.xyz",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def named(arguments, **options):
    return [source.name for source in Sources(arguments, **options)]


def keys(arguments):
    return [str(source.key) for source in Sources(arguments)]


def test_files_folders_and_patterns(here):
    assert named(["a.wav"]) == ["a.wav"]
    assert named(["calls"]) == ["calls/b.flac", "calls/b.wav", "calls/deep/c.MP3"]
    assert named(["calls/**/*.wav"]) == ["calls/b.wav"]
    assert named(["*.wav", "calls/b.*"]) == ["a.wav", "calls/b.flac", "calls/b.wav"]
    assert named(["odd.xyz"]) == ["odd.xyz"], "what is named is taken whatever it is called"
    assert Sources(["a.wav", "calls"]).count() == 4


def test_nothing_is_taken_twice(here):
    assert named(["calls", "calls/b.wav", "a.wav", "./a.wav", "calls/deep"]) == [*named(["calls"]), "a.wav"]


def test_what_two_arguments_name_is_taken_once(here):
    assert named(["a.wav", "*.wav", "calls/*.wav", "calls/b.*"]) == ["a.wav", "calls/b.wav", "calls/b.flac"]


def test_folders_behind_links(here):
    (here / "linked").mkdir()
    (here / "linked/calls").symlink_to(here / "calls")
    (here / "calls/circle").symlink_to(here / "calls")
    assert named(["linked"]) == ["linked/calls/b.flac", "linked/calls/b.wav", "linked/calls/deep/c.MP3"]


def test_no_two_recordings_share_a_key(here):
    (here / "other/calls").mkdir(parents=True)
    (here / "other/calls/b.wav").touch()
    assert keys(["calls"]) == ["calls/b.flac", "calls/b.wav", "calls/deep/c.MP3"]
    assert keys(["calls/b.wav", "other/calls/b.wav"])[1] == "other/calls/b.wav"
    found = keys(["calls", "other/calls", "a.wav"])
    assert len(set(found)) == len(found) == 5 and "a.wav" in found
    assert not any(".." in Path(key).parts or os.path.isabs(key) for key in [*found, *keys([str(here / "a.wav")])])


def test_the_same_keys_whatever_the_working_directory(here, monkeypatch):
    found = keys([str(here / "calls")])
    monkeypatch.chdir("calls")
    assert keys([str(here / "calls")]) == keys(["../calls"]) == keys(["."]) == found


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        ([], []),
        (["a.wav"], ["a.wav"]),
        (["x/a.wav", "y/a.wav", "b.wav"], ["x/a.wav", "y/a.wav", "b.wav"]),
        (["/s/x/a.wav", "/t/x/a.wav", "/t/y/a.wav"], ["s/x/a.wav", "t/x/a.wav", "y/a.wav"]),
        (["/x/a.wav", "/a.wav"], ["x/a.wav", "a.wav"]),
        (["/a/b", "/a/b", "/"], ["a/b", "a/b", "root"]),
    ],
)
def test_as_many_parts_of_a_path_as_tell_it_from_all_others(paths, names):
    assert distinct_names(paths) == names


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_long_list_costs_as_many_times_the_work(here, is_folder):
    paths = [f"many/{i}" if is_folder else f"many/{i}/a.wav" for i in range(400)]
    for path in paths:
        (here / path).mkdir(parents=True) if is_folder else (here / path).parent.mkdir(parents=True)
        (here / path / "a.wav" if is_folder else here / path).touch()
    assert n_calls(lambda: Sources(paths)) < 2 * 8 * n_calls(lambda: Sources(paths[:50]))


def test_standard_input(here):
    (found,) = Sources([STDIN], stdin=b"RIFF")
    assert (found.name, found.audio, str(found.key)) == ("-", b"RIFF", "stdin")


@pytest.mark.parametrize(
    ("argument", "message"),
    [("b.wav", "b.wav: there is no such file or folder."), ("none*.wav", "no recordings"), ("empty", "no recordings")],
)
def test_what_leads_nowhere(here, argument, message):
    (here / "empty").mkdir()
    with pytest.raises(ConfigError, match=message):
        Sources(["a.wav", argument])


def test_a_file_whose_name_looks_like_a_pattern(here):
    (here / "call [1].wav").touch()
    assert named(["call [1].wav"]) == ["call [1].wav"]
