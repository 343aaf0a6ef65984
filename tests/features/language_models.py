"""Tiny language models with random weights, made on the spot."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import ByteLevelBPETokenizer, Tokenizer, models, normalizers, pre_tokenizers, processors

TEXT = ("oh no I don't know what you mean", "Oh what a day", "never mind the other one", "it is late")


def write_bert(folder: Path, *, cased: bool = True, positions: int = 64, seed: int = 0, kind: str = "bert") -> Path:
    """A BERT (or T5) over letters and some words in WordPiece."""
    import transformers

    letters = sorted({letter for line in TEXT for letter in line + line.upper() if letter != " "})
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{one}" for one in letters), "know", "what", "Oh", "oh"]
    tokenizer = Tokenizer(models.WordPiece({one: i for i, one in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=not cased)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    frame = [("[CLS]", words.index("[CLS]")), ("[SEP]", words.index("[SEP]"))]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=frame)
    torch.manual_seed(seed)
    same: dict[str, Any] = {"vocab_size": len(words), "pad_token_id": 0}
    if kind == "t5":
        config = transformers.T5Config(**same, d_model=8, d_kv=4, d_ff=16, num_layers=2, num_heads=2)
        model: Any = transformers.T5Model(config)
    else:
        config = transformers.BertConfig(
            **same,
            hidden_size=8,
            num_hidden_layers=3,
            num_attention_heads=2,
            intermediate_size=16,
            max_position_embeddings=positions,
        )
        model = transformers.BertModel(config)
    return _save(folder, model, tokenizer, pad_token="[PAD]", unk_token="[UNK]")


def write_roberta(folder: Path) -> Path:
    """A RoBERTa over bytes: a token may begin with the blank before it."""
    import transformers

    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(TEXT, vocab_size=320, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], show_progress=False)
    bpe.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    torch.manual_seed(0)
    config = transformers.RobertaConfig(
        vocab_size=320,
        pad_token_id=1,
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=34,
    )
    return _save(folder, transformers.RobertaModel(config), bpe._tokenizer, pad_token="<pad>", unk_token="<unk>")


def _save(folder: Path, model: Any, tokenizer: Tokenizer, **tokens: str) -> Path:
    import transformers

    transformers.logging.disable_progress_bar()
    with torch.no_grad():
        for parameter in model.parameters():  # states that differ clearly
            parameter.add_(0.3 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **tokens).save_pretrained(folder)
    return folder
