"""Word vectors from files."""

import gzip
from pathlib import Path

import pytest

from mtser.encoders.vectors import read_vectors
from mtser.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vectors.txt"


def read(file: Path, content: str | bytes, size: int = 2) -> dict[str, list[float]]:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return {word: vector.tolist() for word, vector in read_vectors(file, {"oh", "no", "new york"}, size).items()}


@pytest.mark.parametrize(
    "content",
    [
        "oh 0.5 -1\nyes 3 4\nno 1e-1 2\n",  # GloVe
        "3 2\noh 0.5 -1 \nyes 3 4 \nno 1e-1 2 \n",  # word2vec: a header, and blanks at the ends
        "oh 0.5 -1\r\nno 1e-1 2\r\n",
        "oh 0.5 -1\nno 1e-1 2\noh 7 7\n",  # the first of two counts
        "oh 0.5 -1\n. . 3 4\nno 1e-1 2",  # a word with a blank, no final newline
        b"oh 0.5 -1\n\xff\xfe 3 4\nno 1e-1 2\n",  # a word that is no UTF-8
        "oh 0.5 -1\nbad nan 1\nno 1e-1 2\n",  # in a word that nobody wants
    ],
)
def test_formats(file: Path, content: str | bytes) -> None:
    assert read(file, content) == {"oh": [0.5, -1.0], "no": [pytest.approx(0.1), 2.0]}


def test_the_first_words_of_the_file(file: Path) -> None:
    file.write_text("The 0 0\noh 1 1\nyes 2 2\nno 3 3\nso 4 4\nno 5 5\n")
    assert list(read_vectors(file, {"so"}, 2, n_first=2)) == ["oh", "yes", "so"]
    assert list(read_vectors(file, set(), 2, n_first=99)) == ["oh", "yes", "no", "so"]


def test_packed_files(file: Path) -> None:
    text = b"oh 0.5 -1\nno 1 2\n"
    assert read(file, gzip.compress(text)) == {"oh": [0.5, -1.0], "no": [1.0, 2.0]}
    for content, sentence in (
        (gzip.compress(text)[:-12], "vectors.txt: the word vectors cannot be read"),
        (b"PK\x03\x04 and so on", "is a zip archive; unpack it"),
        (b"2 2\noh " + bytes(8) + b"\nno " + bytes(8), "is no text, but perhaps word2vec's or fastText's binary"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            read(file, content)


def test_words_with_blanks(file: Path) -> None:
    assert read(file, "oh 1 2\nnew york 3 4\n") == {"oh": [1, 2], "new york": [3, 4]}


def test_vectors_are_single_precision(file: Path) -> None:
    file.write_text("no 1 2\n")
    assert read_vectors(file, {"no"}, 2)["no"].dtype == "float32"


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ("oh 1 2 3\n", 1, "has 3 numbers, but the embedding has size 2"),
        ("2 3\noh 1 2 3\n", 2, "has 3 numbers"),
        ("oh 1 2\nno 1\n", 2, "has 1 numbers"),
        ("oh 1 2\n\n", 2, "has 0 numbers"),
        ("oh 1 2\nno 1 nan\n", 2, "'no' has a NaN"),
        ("oh 1 inf\n", 1, "NaN or infinite"),
        ("oh 1 two\n", 1, "no word vector"),
    ],
)
def test_bad_lines_are_named(file: Path, content: str | bytes, line: int, problem: str) -> None:
    with pytest.raises(ConfigError, match=f"vectors.txt, line {line}: .*{problem}"):
        read(file, content)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.txt: the word vectors cannot be read"):
        read_vectors(tmp_path / "absent.txt", {"oh"}, 2)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_vectors(tmp_path, {"oh"}, 2)
