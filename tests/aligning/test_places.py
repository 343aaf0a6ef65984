"""Places that no two files share."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mtser.aligning.places import distinct_places

NAMES = st.sampled_from(["a", "b", "a_wav", "a.wav"])
FOLDERS = st.lists(NAMES, max_size=3).map(lambda names: Path("/", *names))
FILES = st.builds(
    lambda above, name, suffix: Path(*above, name + suffix),
    st.lists(NAMES, max_size=2),
    NAMES,
    st.sampled_from([".wav", ".WAV", ".flac", ""]),
)


@given(st.lists(st.tuples(FOLDERS, FILES), unique_by=lambda one: one[0] / one[1]))
def test_all_differ_whatever_the_names(files: list[tuple[Path, Path]]) -> None:
    places = distinct_places(files)
    assert len(set(places)) == len(files)
    assert not any(place.is_absolute() or ".." in place.parts for place in places)


def test_what_shares_nothing_keeps_its_short_place() -> None:
    files = [(Path("/x"), Path("s/a.wav")), (Path("/y"), Path("b.wav")), (Path("/z"), Path("b.wav"))]
    assert distinct_places(files) == [Path("s/a"), Path("y/b"), Path("z/b")]


def test_without_a_suffix() -> None:
    files = [(Path("/x"), Path("a")), (Path("/x"), Path("a.wav"))]
    assert distinct_places(files) == [Path("a"), Path("a_wav")]


def test_folders_one_in_the_other() -> None:
    files = [(Path("/x/a"), Path("b/c.wav")), (Path("/x/a/b"), Path("c.flac"))]
    assert distinct_places(files) == [Path("b/c_wav"), Path("c_flac")]
    files = [(Path("/x/p"), Path("q/a.wav")), (Path("/y/p/q"), Path("a.wav")), (Path("/z/q"), Path("a.wav"))]
    assert len(set(distinct_places(files))) == 3
