"""Words → token numbers."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtser.encoders import SubwordTokenizer, Tokenizer, WordTokenizer
from mtser.errors import ConfigError, ModelError
from tests.helpers.synthetic import said

TRAIN = [said("Oh no NO"), said("happy happier unhappy sad sadder sadly oh no")]
TOKENIZERS = {
    "words": WordTokenizer,
    "rare words unknown": lambda: WordTokenizer(min_count=2),
    "unigram": lambda: SubwordTokenizer(size=30),
    "bpe": lambda: SubwordTokenizer(size=30, model_type="bpe"),
}


def fitted(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.fit(TRAIN)
    return tokenizer


def rows(tokenizer: Tokenizer, text: str) -> list[list[int]]:
    """The numbers of each word's tokens."""
    table = tokenizer.load([said(text)], None)
    return [one.tolist() for one in table.values.split(table.lengths.tolist())]


def test_vocabulary_is_the_lower_cased_words_of_the_training_part() -> None:
    tokenizer = fitted(WordTokenizer())
    assert tokenizer.tokens == ["<unk>", "happier", "happy", "no", "oh", "sad", "sadder", "sadly", "unhappy"]
    assert rows(tokenizer, "OH yes No") == [[4], [0], [3]]
    assert len(tokenizer) == 9 and tokenizer.unknown == 0


@pytest.mark.parametrize(
    ("min_count", "tokens", "numbers"),
    [(2, ["<unk>", "no", "oh"], [[0], [1]]), (3, ["<unk>", "no"], [[0], [1]]), (4, ["<unk>"], [[0], [0]])],
)
def test_rare_words_are_unknown(min_count: int, tokens: list[str], numbers: list[list[int]]) -> None:
    tokenizer = fitted(WordTokenizer(min_count))
    assert tokenizer.tokens == tokens and rows(tokenizer, "sad no") == numbers


def test_a_word_spelled_like_the_unknown_one_is_unknown() -> None:
    tokenizer = WordTokenizer()
    tokenizer.fit([said("oh <unk> <UNK>")])
    assert tokenizer.tokens == ["<unk>", "oh"] and rows(tokenizer, "<UNK>") == [[0]]


def test_fitting_anew_forgets() -> None:
    tokenizer = fitted(WordTokenizer())
    tokenizer.fit([said("yes")])
    assert tokenizer.tokens == ["<unk>", "yes"] and rows(tokenizer, "oh yes") == [[0], [1]]


@pytest.mark.parametrize("model_type", ["unigram", "bpe"])
def test_subwords_spell_words_and_nothing_else(model_type: str) -> None:
    tokenizer = fitted(SubwordTokenizer(30, model_type))
    assert len(tokenizer) <= 30
    for word in ("unhappy", "sadly", "unsad", "happyyy"):  # made of known letters, whether seen or not
        pieces = [tokenizer.tokens[number] for number in rows(tokenizer, word)[0]]
        assert "".join(pieces) == f"▁{word}"
    assert len(rows(tokenizer, "unsad")[0]) > 1
    assert rows(tokenizer, "SADLY") == rows(tokenizer, "sadly")
    assert tokenizer.unknown in rows(tokenizer, "日本")[0]
    assert tokenizer.splits_words and not WordTokenizer().splits_words


def test_subwords_do_not_depend_on_the_order_of_utterances() -> None:
    one, other = fitted(SubwordTokenizer(30)), SubwordTokenizer(30)
    other.fit(TRAIN[::-1])
    assert one.tokens == other.tokens


@pytest.mark.parametrize("make", TOKENIZERS.values(), ids=TOKENIZERS)
def test_every_word_has_a_token_of_the_vocabulary(make) -> None:  # type: ignore[no-untyped-def]
    tokenizer = fitted(make())

    @settings(max_examples=50)
    @given(st.lists(st.text(max_size=5), min_size=1, max_size=4))
    def check(words: list[str]) -> None:
        table = tokenizer.load([said("oh"), *(said(word.replace(" ", "")) for word in words)], None)
        assert len(table) == 1 + len(words) and (table.lengths >= 1).all()
        assert table.values.min() >= 0 and table.values.max() < len(tokenizer)

    check()


@pytest.mark.parametrize("make", TOKENIZERS.values(), ids=TOKENIZERS)
def test_save_and_restore(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    tokenizer, other = fitted(make()), make()
    tokenizer.save(tmp_path / "assets")
    other.restore(tmp_path / "assets")
    text = "Oh unsad happily NO zzz ünhäppy"
    assert other.tokens == tokenizer.tokens and other.unknown == tokenizer.unknown
    assert rows(other, text) == rows(tokenizer, text)


@pytest.mark.parametrize("make", TOKENIZERS.values(), ids=TOKENIZERS)
@pytest.mark.parametrize("content", [None, b"\xff junk", b""])
def test_what_cannot_be_restored(make, content: bytes | None, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    name = "subwords.model" if make().splits_words else "vocabulary.json"
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=name):
        make().restore(tmp_path)


def test_tokens_belong_to_a_fold_and_need_no_features() -> None:
    tokenizer = WordTokenizer()
    assert tokenizer.key() is None and tokenizer.prepare(None) == []  # type: ignore[arg-type]
    assert tokenizer and not SubwordTokenizer().tokens  # an empty vocabulary is an input, too


@pytest.mark.parametrize("size", [1, 3])
def test_too_few_pieces(size: int) -> None:
    with pytest.raises(ConfigError, match=f"cannot learn {size} unigram pieces from 8 different words.*another size"):
        fitted(SubwordTokenizer(size))


def test_unknown_model_type() -> None:
    with pytest.raises(ConfigError, match="unigram or bpe"):
        SubwordTokenizer(model_type="word")
