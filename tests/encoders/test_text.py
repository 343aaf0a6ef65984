"""Words → vectors."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.encoders import Batch, SubwordTokenizer, WordEmbedding, WordTokenizer
from mtser.errors import ConfigError, ModelError
from tests.helpers.synthetic import said, some_rows

TRAIN = [said("Oh no"), said("happy happier unhappy sad sadder sadly oh no")]
TOLD = [said("sadly no never"), said("oh"), said("unsad HAPPY")]


def embedding(tokenizer: WordTokenizer | SubwordTokenizer | None = None, **options: object) -> WordEmbedding:
    torch.manual_seed(0)
    encoder = WordEmbedding(tokenizer or WordTokenizer(), **{"size": 3, **options})  # type: ignore[arg-type]
    encoder.fit(TRAIN, {})
    return encoder


def batch_of(encoder: WordEmbedding) -> Batch:
    return Batch(np.array([3, 1, 2]), {encoder.tokenizer: encoder.tokenizer.load(TOLD, None)})


def weight(encoder: WordEmbedding) -> torch.nn.Parameter:
    assert encoder.embedding is not None
    return encoder.embedding.weight


def test_one_vector_a_word() -> None:
    encoder = embedding()
    words = encoder(batch_of(encoder), {})
    tokens, table = encoder.tokenizer.tokens, weight(encoder)
    for row, one in enumerate(TOLD):
        for i, word in enumerate(one.words):
            known = word.word.lower() in tokens
            assert torch.equal(
                words.features[row, i], table[tokens.index(word.word.lower()) if known else tokens.index("<unk>")]
            )
    assert words.lengths.tolist() == [3, 1, 2] and words.unit == "word"


def test_what_no_training_word_uses_says_nothing() -> None:
    assert not weight(embedding())[0].any()
    subwords = embedding(SubwordTokenizer(30))
    assert not weight(subwords)[subwords.tokenizer.unknown].any()
    others = np.delete(weight(subwords).detach().numpy(), subwords.tokenizer.unknown, axis=0)
    assert (np.abs(others) > 0).all() and others.std() == pytest.approx(1, abs=0.4)  # nn.Embedding's N(0, 1)


@pytest.mark.parametrize("model_type", ["unigram", "bpe"])
def test_subwords_are_pooled_to_words(model_type: str) -> None:
    encoder = embedding(SubwordTokenizer(30, model_type))
    words, table = encoder(batch_of(encoder), {}).features, weight(encoder).detach().double().numpy()
    for row, one in enumerate(TOLD):
        for i, word in enumerate(one.words):
            pieces = encoder.tokenizer.encode([word.word.lower()])[0]
            expected = sum(table[piece] for piece in pieces) / len(pieces)
            np.testing.assert_allclose(words[row, i].detach(), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("tokenizer", [WordTokenizer(), SubwordTokenizer(30)], ids=["words", "subwords"])
def test_alone_as_in_a_batch(tokenizer: WordTokenizer | SubwordTokenizer) -> None:
    encoder = embedding(tokenizer)
    together = encoder(batch_of(encoder), {}).features
    for row, one in enumerate(TOLD):
        alone = encoder(some_rows(batch_of(encoder), [row]), {}).features
        assert torch.equal(together[row, : len(one.words)], alone[0])


def test_gradients_reach_the_rows_that_were_said() -> None:
    encoder = embedding()
    encoder(batch_of(encoder), {}).features.sum().backward()
    said_rows = {encoder.tokenizer.encode([word.word.lower()])[0][0] for one in TOLD for word in one.words}
    grad = weight(encoder).grad
    assert grad is not None and set(grad.any(1).nonzero().flatten().tolist()) == said_rows


def test_save_and_load(tmp_path: Path) -> None:
    encoder = embedding()
    encoder.save_assets(tmp_path)
    other = WordEmbedding(WordTokenizer(), size=3)
    other.load_assets(tmp_path)
    other.load_state_dict(encoder.state_dict())
    assert torch.equal(other(batch_of(other), {}).features, encoder(batch_of(encoder), {}).features)
    assert other.summary() == {"tokens in the vocabulary": 9}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.txt"
    path.write_text("oh 1 2 3\nOh 9 9 9\nsad 4 5 6\nnever 7 8 9\n")
    return path


def test_vectors_from_a_file(file: Path) -> None:
    plain, encoder = embedding(), embedding(vectors=str(file))
    tokens, table = encoder.tokenizer.tokens, weight(encoder)
    for number, token in enumerate(tokens):
        expected = {"oh": [1, 2, 3], "sad": [4, 5, 6]}.get(token)  # "never" is no word of the training part
        assert table[number].tolist() == (expected or weight(plain)[number].tolist()), token
    assert table.requires_grad
    assert encoder.summary() == {"tokens in the vocabulary": 9, "tokens in the vector file": 2}


def test_frozen_vectors_stay_and_what_the_file_lacks_says_nothing(file: Path, tmp_path: Path) -> None:
    encoder = embedding(vectors=str(file), freeze=True)
    table = weight(encoder)
    assert not table.requires_grad
    assert table[encoder.tokenizer.tokens.index("oh")].tolist() == [1, 2, 3]
    assert table.any(1).sum() == 2

    encoder.save_assets(tmp_path)
    other = WordEmbedding(WordTokenizer(), size=3, vectors=str(tmp_path / "gone"), freeze=True)
    other.load_assets(tmp_path)  # the file is needed for training only
    other.load_state_dict(encoder.state_dict())
    assert torch.equal(weight(other), table) and not weight(other).requires_grad


def test_words_of_the_file_that_the_training_part_lacks(file: Path) -> None:
    encoder = embedding(vectors=str(file), n_file_words=3)  # "oh", "sad" and "never"; "Oh" is not lower-case
    tokens = encoder.tokenizer.tokens
    assert tokens[-1] == "never" and len(tokens) == 10
    assert weight(encoder).shape == (9, 3) and weight(encoder).requires_grad
    words = encoder(batch_of(encoder), {}).features
    assert words[0, 2].tolist() == [7, 8, 9]  # "sadly no never"
    assert words[1, 0].tolist() == [1, 2, 3] and not words[2, 0].any()  # "oh"; "unsad" is nowhere
    words.sum().backward()
    assert {name for name, _ in encoder.named_parameters()} == {"embedding.weight"}
    said_rows = {encoder.tokenizer.encode([word])[0][0] for word in ("sadly", "no", "oh", "unsad", "happy")}
    grad = weight(encoder).grad
    assert grad is not None and set(grad.any(1).nonzero().flatten().tolist()) == said_rows
    assert encoder.summary() == {
        "tokens in the vocabulary": 9,
        "tokens in the vector file": 2,
        "words of the vector file beside them": 1,
    }
    assert len(embedding(vectors=str(file), n_file_words=2).tokenizer) == 9
    assert not weight(embedding(vectors=str(file), n_file_words=3, freeze=True)).requires_grad


def test_rare_words_of_the_training_part_have_the_vectors_of_the_file(file: Path) -> None:
    plain, encoder = (embedding(WordTokenizer(min_count=2), vectors=str(file), n_file_words=n) for n in (0, 3))
    assert plain.tokenizer.tokens == ["<unk>", "no", "oh"]
    assert encoder.tokenizer.tokens == ["<unk>", "no", "oh", "sad", "never"]
    sad = encoder.tokenizer.load([said("sad")], None).values
    assert encoder.look_up(sad).tolist() == [[4, 5, 6]]


def test_words_of_the_file_are_kept_with_the_model(file: Path, tmp_path: Path) -> None:
    encoder = embedding(vectors=str(file), n_file_words=3)
    encoder.save_assets(tmp_path)
    for options in ({"vectors": str(tmp_path / "gone"), "n_file_words": 3}, {}):
        other = WordEmbedding(WordTokenizer(), size=3, **options)  # type: ignore[arg-type]
        other.load_assets(tmp_path)
        other.load_state_dict(encoder.state_dict())
        assert torch.equal(other(batch_of(other), {}).features, encoder(batch_of(encoder), {}).features)
    for damaged, message in (("0", "has 0 in the place of a number from 1 to 9"), ("{", "cannot be read")):
        (tmp_path / "n_file_words.json").write_text(damaged)
        with pytest.raises(ModelError, match=f"n_file_words.json: {message}"):
            other.load_assets(tmp_path)


def test_vectors_that_cannot_serve(file: Path) -> None:
    with pytest.raises(ValueError, match="freeze needs vectors"):
        WordEmbedding(WordTokenizer(), freeze=True)
    with pytest.raises(ValueError, match="n_file_words needs vectors"):
        WordEmbedding(WordTokenizer(), n_file_words=3)
    with pytest.raises(ValueError, match="n_file_words needs a tokenizer of whole words"):
        WordEmbedding(SubwordTokenizer(30), vectors=str(file), n_file_words=3)
    with pytest.raises(ConfigError, match="vectors.txt, line 1: has 3 numbers, but the embedding has size 4"):
        embedding(vectors=str(file), size=4)
    file.write_text("OH 1 2 3\n")
    with pytest.raises(ConfigError, match="vectors.txt: has a vector for none of the 9 tokens"):
        embedding(vectors=str(file))


@pytest.mark.parametrize("tokenizer", [WordTokenizer(), SubwordTokenizer(30)], ids=["words", "subwords"])
def test_word_dropout_makes_whole_words_unknown(tokenizer: WordTokenizer | SubwordTokenizer) -> None:
    encoder = embedding(tokenizer, word_dropout=0.4)
    with torch.no_grad():
        weight(encoder)[encoder.tokenizer.unknown] = 99.0
    n_told, batch = 400, encoder.tokenizer.load(TRAIN * 400, None)
    words = encoder(Batch(np.array([len(one.words) for one in TRAIN] * n_told), {encoder.tokenizer: batch}), {})
    vectors = words.features[words.mask]
    unknown = (vectors == 99.0).all(1)
    assert (unknown == (vectors == 99.0).any(1)).all()  # not some pieces of a word
    assert float(unknown.float().mean()) == pytest.approx(0.4, abs=0.03)
    encoder.eval()
    assert not (encoder(batch_of(encoder), {}).features[0] == 99.0).all(1)[:2].any()


def test_bad_word_dropout() -> None:
    with pytest.raises(ConfigError, match="word_dropout is 1.5"):
        WordEmbedding(WordTokenizer(), word_dropout=1.5)
