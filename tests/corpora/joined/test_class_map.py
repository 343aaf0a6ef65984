"""Common classes of several corpora."""

from pathlib import Path

import pytest

from mtser.corpora.joined import find_reader, read_class_map, reader_names
from mtser.corpora.joined.readers import options_of
from mtser.errors import ConfigError


def written(folder: Path, text: str) -> Path:
    (folder / "classes.yaml").write_text(text)
    return folder / "classes.yaml"


def test_the_four_classes_of_the_paper() -> None:
    class_map = read_class_map()
    assert class_map.classes == ("angry", "happy", "sad", "neutral")
    assert class_map.of("iemocap", "iemocap")["exc"] == "happy"
    assert set(class_map.labels) <= set(reader_names())
    assert set(reader_names()) - set(class_map.labels) == {"custom"}  # whose labels are the user's
    for name, labels in class_map.labels.items():
        assert set(labels.values()) == set(class_map.classes)
        options = options_of(find_reader(name))
        known = options.get("label_map") or options["emotions"]
        assert set(labels) <= set(known.default), f"{name} has labels {', '.join(known.default)}"


def test_a_corpus_is_found_by_its_name_before_its_reader(tmp_path: Path) -> None:
    file = written(tmp_path, "classes: [x, y]\ncorpora:\n  mine: {1: x}\n  emodb: {T: y, N: x}\n")
    class_map = read_class_map(file)
    assert class_map.of("mine", "emodb") == {"1": "x"}
    assert class_map.of("other", "emodb") == {"T": "y", "N": "x"}  # N is no "false", as it was in YAML 1.1
    with pytest.raises(ConfigError, match=r"classes.yaml: .* nothing about other \(or iemocap\); it knows mine, emodb"):
        class_map.of("other", "iemocap")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("classes: [x, y]", "corpora has to map names"),
        ("classes: [x, y]\ncorpora: {}", "corpora has to map names"),
        ("classes: [x]\ncorpora: {a: {b: x}}", "at least two classes"),
        ("classes: [x, x]\ncorpora: {a: {b: x}}", "none of them twice"),
        ("classes: x\ncorpora: {a: {b: x}}", "has to be a list of names"),
        ("classes: [happy, sad]\ncorpora: {a: {b: hapy}}", "a maps 'b' to 'hapy', .* did you mean 'happy'"),
        ("classes: [x, y]\ncorpora: {a: [x]}", "a has to map labels to classes"),
        ("classes: [x, y]\ncorpora: {a: {b: x}}\nlabels: 3", "has 'labels'"),
        ("- x", "is no class map"),
        ("classes: [x, y]\nclasses: [x, y]\n", "is no YAML"),
    ],
)
def test_what_is_wrong_in_a_file(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"classes.yaml: .*{said}"):
        read_class_map(written(tmp_path, text))


def test_a_file_that_is_missing() -> None:
    with pytest.raises(ConfigError, match="--class_map nothing: there is no such file, .*four_classes"):
        read_class_map("nothing")
