"""Models with blocks of one's own are tried before they are trained: mistakes are named, and nothing else changes."""

from pathlib import Path

import pytest
import torch

from mtser.encoders.loaded_table import check_loaded
from mtser.errors import FeatureError, ModelError
from tests.helpers.synthetic import random_utterances
from tests.training import broken_blocks
from tests.training.test_fold import run, same

BLOCK = "!new:tests.training.broken_blocks.{} {{}}"
ENCODER = "!new:tests.training.broken_blocks.{} {{tokenizer: !new:mtser.encoders.WordTokenizer {{}}, size: 100}}"


@pytest.mark.parametrize(
    ("block", "told"),
    [
        (
            "DoesNotPool",
            r"DoesNotPool returned a tensor \[4, \d, 50\]; expected is a tensor \[batch, size\] of a",
        ),
        ("OtherWidth", r"OtherWidth says that it makes 100 numbers an utterance, but returned a tensor \[4, 64\]"),
        ("TellsNoWidth", r"JointVector expects vectors of size 100, but TellsNoWidth returned a tensor \[4, 64\]"),
        ("ReturnsATuple", "ReturnsATuple returned a tuple; a fusion block returns a dictionary of Sequences, or"),
        ("LosesOne", r"LosesOne returned a tensor \[3, 100\]; expected is a tensor \[batch, size\] of a batch of 4"),
        ("Logarithm", "Logarithm makes NaN or infinity of finite numbers"),
        ("PlainTensor", r"says something else .*most likely PlainTensor\.scale\. Use register_buffer"),
        ("PlainList", r"says something else .*most likely PlainList\.layers\. Use register_buffer"),
        (
            "MadeInForward",
            r"the model has fusion\.1\.more\.bias, fusion\.1\.more\.weight, which a model that is",
        ),
    ],
)
def test_mistakes_of_fusion_blocks(tmp_path: Path, block: str, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        run(tmp_path, interaction=BLOCK.format(block))
    assert not (tmp_path / "checkpoints").exists()


def test_what_did_not_follow_to_the_gpu_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"two devices meet.* LeftBehind\.scale, most likely.*cuda:0 and cpu\)\. Use"):
        run(tmp_path, interaction=BLOCK.format("LeftBehind"))
    with pytest.raises(RuntimeError, match="^CUDA out of memory$"):
        run(tmp_path, interaction=BLOCK.format("AnotherFailure"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize(
    ("block", "named"),
    [
        ("PlainTensor", r"PlainTensor\.scale"),
        ("PlainList", r"PlainList\.layers"),
        ("MadeInForward", r"fusion\.1\.more\.weight"),
    ],
)
def test_what_did_not_follow_to_a_real_gpu_is_named(tmp_path: Path, block: str, named: str) -> None:
    with pytest.raises(ModelError, match=f"the model is on cuda, where {named}"):
        run(tmp_path, device="cuda", interaction=BLOCK.format(block))


@pytest.mark.parametrize(
    ("encoder", "told"),
    [
        (
            "ReturnsATensor",
            r"ReturnsATensor, the encoder of 'text', returned a tensor \[4, \d, 100\] instead of",
        ),
        ("NumpySummary", r"NumpySummary\.summary\(\) of 'text' returns cannot be written .*float32.*x\.item\(\)"),
        ("PlainStatistics", "says something else .*is no parameter, no buffer and no asset"),
        ("MadeInFit", r"the model has encoders\.text\.number, .*in fit\(\) and in load_assets\(\)"),
    ],
)
def test_mistakes_of_encoders(tmp_path: Path, encoder: str, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        run(tmp_path, text_encoder=ENCODER.format(encoder))


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("MixesTheBatch", "depends on the others in its batch"),
        ("MeanWithPadding", "depends on the others in its batch"),
        ("Detached", "No gradient reaches fusion.1.more.weight, fusion.1.more.bias: they stay as they begin."),
        ("AlwaysDropout", "says two things of the same utterances"),
    ],
)
def test_what_is_most_likely_not_meant_is_noted(tmp_path: Path, block: str, told: str) -> None:
    (note,) = run(tmp_path, interaction=BLOCK.format(block), number_of_epochs="1").notes
    assert told in note


def test_one_without_a_mistake_is_trained_as_without_a_rehearsal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = run(tmp_path / "tried", interaction=BLOCK.format("Right"))
    monkeypatch.setattr("mtser.training.rehearsal._KNOWN", {"mtser", "torch", "tests"})
    assert same(tried, run(tmp_path / "not_tried", interaction=BLOCK.format("Right")))
    assert tried.notes == []


def test_lazy_layers_are_trained_and_loaded(tmp_path: Path) -> None:
    assert run(tmp_path, interaction=BLOCK.format("LazyLayer"), number_of_epochs="1").notes == []


def test_the_folder_of_assets_is_there(tmp_path: Path) -> None:
    run(tmp_path, text_encoder=ENCODER.format("SavesPlainly"), number_of_epochs="1")
    assert (tmp_path / "assets" / "text" / "names.txt").read_text(encoding="utf-8") == "one"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("RowsOfUtterances", "has 3 rows for 14 words; it has one row a word"),
        ("NumpyValues", "has values of ndarray; they are a tensor"),
        ("TensorLengths", "has lengths of Tensor; they are a numpy array"),
        ("NoTable", "is a Tensor; it has to be a Ragged"),
        ("EmptyRow", "has nothing for word 1"),
        ("OneItemMore", "has 15 items, but its lengths sum up to 14"),
        ("NaNs", "holds NaN or infinity, first in word"),
    ],
)
def test_mistakes_of_inputs(name: str, told: str) -> None:
    said = random_utterances(3)
    input = getattr(broken_blocks, name)()
    with pytest.raises(FeatureError, match=rf"what {name}\.load returns {told}"):
        check_loaded(input, input.load(said, None), said)


def test_a_right_table() -> None:
    said = random_utterances(3)
    check_loaded(broken_blocks.Lengths(), broken_blocks.Lengths().load(said, None), said)
    assert sum(len(one.words) for one in said) == 14
