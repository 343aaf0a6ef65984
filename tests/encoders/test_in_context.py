"""An utterance in its dialog: which turns are seen, and that nothing else is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.classifiers import LinearClassifier
from mtser.corpora import Corpus, Utterance
from mtser.encoders import (
    Batch,
    DialogTurns,
    Encoder,
    InContext,
    Recurrent,
    RecurrentWords,
    WordEmbedding,
    WordTokenizer,
)
from mtser.errors import ConfigError, ModelError, NotApplicableError
from mtser.fusion import Pooling
from mtser.model import EmotionModel
from mtser.ragged import Ragged
from mtser.sequence import Sequence, Sequences
from mtser.training.data import ModelData
from tests.helpers.synthetic import EMOTIONS, SyntheticSource, random_rows, random_utterances, said, some_rows
from tests.helpers.systems import Ready, in_double, ready

DIALOG = {"context": "blocks/context/dialog.yaml"}
UTTERANCES = random_utterances(16)  # in two dialogs, by turns


class Given(Encoder):
    """Returns words that are given, and counts how often it is asked."""

    def __init__(self, words: Ragged, unit: str = "word") -> None:
        super().__init__()
        self.words, self.unit, self.asked = words, unit, 0
        self.output_size = words.values.shape[1]

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        self.asked += 1
        return Sequence.from_rows(self.words, self.unit)


def test_each_turn_is_the_maximum_of_its_words_and_made_once() -> None:
    words = random_rows([2, 4, 1, 3], 5)
    turns = Ragged(torch.tensor([0, 1, 1, 2, 0, 3]), np.array([2, 1, 3]))
    encoder = Given(words)
    found = InContext(encoder, DialogTurns())(Batch(words.lengths, {}, turns), {})
    vectors = [each.max(0).values for each in words.values.split(words.lengths.tolist())]
    assert encoder.asked == 1 and found.unit == "turn" and found.lengths.tolist() == [2, 1, 3]
    for row, members in enumerate([[0, 1], [1], [2, 0, 3]]):
        assert torch.equal(found.features[row, : len(members)], torch.stack([vectors[one] for one in members]))


def test_utterance_vectors_stay_as_they_are() -> None:
    vectors = random_rows([1, 1], 5)
    turns = Ragged(torch.tensor([0, 1]), np.array([2]))
    found = InContext(Given(vectors, "utterance"), DialogTurns())(Batch(np.array([3, 4]), {}, turns), {})
    assert torch.equal(found.features[0], vectors.values)


def test_a_recurrent_net_over_turns_sees_turns() -> None:
    words = random_rows([2, 4, 1, 3], 5)
    turns = Ragged(torch.tensor([0, 1, 1, 2, 0, 3]), np.array([2, 1, 3]))
    inside = InContext(Given(words), DialogTurns())
    batch = Batch(words.lengths, {}, turns)
    expected = inside(batch, {})
    net = Recurrent(5, 3)
    found = RecurrentWords(inside, net)(batch, {})
    assert found.unit == "turn" and found.lengths.tolist() == [2, 1, 3]
    alone = net(Ragged(expected.features[expected.mask], np.array([2, 1, 3])), "turn")
    torch.testing.assert_close(found.features, alone.features)


def test_encoders_that_look_at_other_numbers_of_turns_are_refused() -> None:
    words = WordEmbedding(WordTokenizer(), size=5)
    encoders = {"one": InContext(words, DialogTurns(2)), "other": WordEmbedding(WordTokenizer(), size=5)}
    with pytest.raises(ModelError, match=r"different numbers of turns .*\(one at 2, other at none\)"):
        EmotionModel(encoders, [Pooling(["one", "other"], size=5)], LinearClassifier(n_classes=4, input_size=10))


def test_without_context_the_words_stay_as_they_are() -> None:
    words = random_rows([2, 4], 5)
    encoder = InContext(Given(words))
    found = encoder(Batch(words.lengths, {}), {})
    assert encoder.n_preceding == 0 and found.unit == "word" and torch.equal(found.features, words.pad())


def test_the_encoder_inside_is_what_is_told_and_kept(tmp_path: Path) -> None:
    system = ready("mcaf", UTTERANCES, **DIALOG)
    text = system.model.encoders["text"]
    assert text.summary() == text.encoder.summary() != {} and text.output_size == 200
    assert text.inputs == text.encoder.inputs and system.model.n_preceding == 8
    system.model.save_assets(tmp_path)
    other = ready("mcaf", UTTERANCES[:2], **DIALOG).model
    other.load_assets(tmp_path)
    assert other.encoders["text"].summary() == text.summary()


@pytest.mark.parametrize("lacking", ["dialog", "start"])
def test_a_corpus_without_dialogs(lacking: str) -> None:
    utterances = tuple(replace(one, **{lacking: None}) for one in UTTERANCES)
    corpus = Corpus("emodb", Path("/x"), EMOTIONS, utterances)
    encoder = InContext(Given(random_rows([1], 2)), DialogTurns())
    with pytest.raises(NotApplicableError, match="the corpus emodb has no dialogs"):
        encoder.check(corpus)
    encoder.check(replace(corpus, utterances=(*utterances, replace(UTTERANCES[0], id="new"))))
    InContext(Given(random_rows([1], 2))).check(corpus)


def test_how_many_turns_has_to_be_a_number() -> None:
    with pytest.raises(ConfigError, match="n_preceding is 0"):
        DialogTurns(n_preceding=0)


def logits(spoken: list[Utterance], context: list[Utterance], rows: list[int], like: Ready) -> torch.Tensor:
    """What the model of ``like`` says of some utterances, read anew."""
    data = ModelData(spoken, EMOTIONS, 128, "cpu", n_preceding=8, context=context)
    data.load(like.model.inputs, SyntheticSource(data.utterances))  # type: ignore[arg-type]
    return like.model(in_double(data.batch(np.array(rows)).batch)).detach()


Change = Callable[[list[Utterance], list[Utterance]], tuple[list[Utterance], list[Utterance]]]


def another(one: Utterance) -> Utterance:
    """The same turn with other words, spoken otherwise (features of audio are drawn from the id)."""
    words = tuple(replace(word, word="word3") for word in one.words)
    return replace(one, id=f"{one.id}_", words=words)


def changed(spoken: list[Utterance], which: Callable[[Utterance], bool]) -> list[Utterance]:
    return [another(one) if which(one) else one for one in spoken]


@pytest.fixture(scope="module")
def system() -> Ready:
    made = ready("mcaf", UTTERANCES, **DIALOG)
    made.model.double().eval()
    return made


CONTEXT = [
    replace(one, id=f"x{number}", emotion="", dialog="dialog0", start=4.0 + number, vad=None)
    for number, one in enumerate(random_utterances(4, seed=7))
]


def test_later_turns_and_other_dialogs_are_never_seen(system: Ready) -> None:
    """Row 6 is the fourth turn of its dialog."""
    before = logits(UTTERANCES, CONTEXT, [6], system)
    later = changed(UTTERANCES, lambda one: one.start > 6)
    later_context = changed(CONTEXT, lambda one: one.start >= 6)
    elsewhere = changed(UTTERANCES, lambda one: one.dialog == "dialog1")
    torch.testing.assert_close(logits(later, later_context, [6], system), before, rtol=0, atol=1e-12)
    torch.testing.assert_close(logits(elsewhere, CONTEXT, [6], system), before, rtol=0, atol=1e-12)


def test_turns_before_it_are_seen_those_of_no_class_too(system: Ready) -> None:
    before = logits(UTTERANCES, CONTEXT, [6], system)
    first = changed(UTTERANCES, lambda one: one.start == 0)
    of_no_class = changed(CONTEXT, lambda one: one.start == 4)
    for spoken, context in ((first, CONTEXT), (UTTERANCES, of_no_class)):
        assert not torch.allclose(logits(spoken, context, [6], system), before, rtol=0, atol=1e-9)


def test_labels_of_the_dialog_are_never_read(system: Ready) -> None:
    before = logits(UTTERANCES, CONTEXT, [6], system)
    relabelled = [replace(one, emotion="angry", votes={"sad": 1.0}, vad=None) for one in UTTERANCES]
    labelled = [replace(one, emotion="angry", votes={"sad": 1.0}, vad=(1.0, 1.0, 1.0)) for one in CONTEXT]
    torch.testing.assert_close(logits(relabelled, labelled, [6], system), before, rtol=0, atol=1e-12)


def test_nothing_is_learned_from_context() -> None:
    """Statistics and vocabulary are those of the training part."""
    data = ModelData([said("oh no", "a", dialog="d", start=2.0)], EMOTIONS, 128, "cpu", n_preceding=8, context=CONTEXT)
    labelled = data.batch(np.array([0]))
    assert len(labelled.labels) == len(labelled.rows) == 1
    source = SyntheticSource(data.utterances)
    model = ready("mcaf", UTTERANCES, **DIALOG).model
    frames = model.encoders["audio"].inputs[0]
    data.load([frames], source)  # type: ignore[arg-type]
    assert len(data.tables(np.array([0]))[frames]) == 2  # what fit gets: the words of the one utterance


def test_alone_as_in_a_batch(system: Ready) -> None:
    batch = in_double(system.batch().batch)
    alone = torch.cat([system.model(some_rows(batch, [row])) for row in range(16)])
    torch.testing.assert_close(system.model(batch), alone, rtol=0, atol=1e-12)


def test_gradients_reach_every_parameter() -> None:
    made = ready("mcaf", UTTERANCES, **DIALOG)
    made.model.double().eval()
    made.model(in_double(made.batch().batch)).square().sum().backward()
    for name, parameter in made.model.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), name


def test_sixteen_utterances_are_learned_by_heart() -> None:
    made = ready("mcaf", UTTERANCES, **DIALOG, classifier__dropout="0.0")
    batch = made.batch()
    optimizer = torch.optim.Adam(made.model.parameters(), lr=0.001)
    for _ in range(100):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(made.model(batch.batch), batch.labels)
        loss.backward()
        optimizer.step()
    assert torch.equal(made.model.eval()(batch.batch).argmax(1), batch.labels)
