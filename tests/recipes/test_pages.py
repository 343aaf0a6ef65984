"""The recipes' pages and class maps: what they name exists."""

import argparse
import contextlib
import io
import re
import shlex
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from mtser import corpora
from mtser.configuration import Hyperparameters
from mtser.corpora import choices
from mtser.corpora.cmu_mosei import SEVEN_CLASSES as MOSEI
from mtser.corpora.crema_d import EMOTIONS as CREMA_D
from mtser.corpora.emodb_sentences import EMOTION_LETTERS
from mtser.corpora.esd import FIVE_CLASSES
from mtser.corpora.joined import read_class_map, read_cross_corpus
from mtser.corpora.meld import SEVEN_CLASSES as MELD
from mtser.corpora.msp_votes import LABELS as MSP_PODCAST
from mtser.corpora.ravdess import EIGHT_CLASSES
from mtser.corpora.votes import LABELS as IEMOCAP
from mtser.training.options import parse_options
from mtser.transfer import command as evaluate_command
from tests.docs.pages import ROOT, blocks, commands, inline_code, links

RECIPES = sorted(path.parent for path in (ROOT / "recipes").glob("*/train.py"))
MAPS = sorted((ROOT / "recipes").glob("*/classes/*.yaml"))
LABELS = {
    "cmu_mosei": MOSEI,
    "crema_d": CREMA_D.values(),
    "emodb": EMOTION_LETTERS,
    "esd": FIVE_CLASSES,
    "iemocap": IEMOCAP,
    "meld": MELD,
    "msp_podcast": MSP_PODCAST,
    "ravdess": EIGHT_CLASSES,
}
each_recipe = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)


def reader(recipe: Path) -> Callable[..., corpora.Corpus]:
    return read_cross_corpus if recipe.name == "cross_corpus" else getattr(corpora, f"read_{recipe.name}")


@cache
def names_of_systems() -> frozenset[str]:
    return frozenset(
        f"--{name}" for file in (ROOT / "hparams").glob("*.yaml") for name in Hyperparameters(file).names()
    )


def options_of(recipe: Path) -> set[str]:
    text = io.StringIO()
    with contextlib.redirect_stdout(text), pytest.raises(SystemExit):
        parse_options(reader(recipe), "", ["--help"])
    names = set(names_of_systems())
    if recipe.name == "cross_corpus":  # its page evaluates runs, too
        evaluate = argparse.ArgumentParser()
        evaluate_command.configure(evaluate)
        names |= set(evaluate._option_string_actions)
    return names | set(re.findall(r"--\w+", text.getvalue()))


@each_recipe
def test_the_page_says_layout_licence_and_where_to_get_it(recipe: Path) -> None:
    text = (recipe / "README.md").read_text(encoding="utf-8")
    assert f"python recipes/{recipe.name}/train.py hparams/full.yaml" in text
    if recipe.name not in ("custom", "iemocap", "emodb", "cross_corpus"):
        for part in ("**Get it**", "**Licence:**", "**Good for:**", "## Layout", "## Options"):
            assert part in text, part


@each_recipe
def test_options_and_links_of_the_page_exist(recipe: Path) -> None:
    page = recipe / "README.md"
    named = set(re.findall(r"(?<![\w-])--[a-z][\w.]*\w", page.read_text(encoding="utf-8")))
    assert not named - options_of(recipe) - {"--include", "--corpus"}  # of git, of mtser sweep
    for link in links(page):
        assert link.startswith("http") or (recipe / link.partition("#")[0]).exists(), link
    for code in inline_code(page):
        if re.fullmatch(r"(recipes|hparams)/[\w./]+", code):
            assert (ROOT / code).exists(), code


@each_recipe
def test_commands_of_the_page_can_be_given(recipe: Path) -> None:
    page = recipe / "README.md"
    found = [words for block in blocks(page) if block.language == "bash" for words in commands(block.text)]
    found = [words for words in found if words[0] == "python" and "$" not in " ".join(words)]
    assert found
    for words in found:
        assert (ROOT / words[1]).is_file()
        parse_options(reader(recipe), "", [str(ROOT / words[2]), *words[3:]])
    for code in inline_code(page):
        words = shlex.split(code)
        if words and words[0] in ("--label_map", "--emotions", "--labels", "--alignment", "--columns"):
            parse_options(reader(recipe), "", [str(ROOT / "hparams" / "full.yaml"), *words])


@pytest.mark.parametrize("file", MAPS, ids=lambda file: f"{file.parts[-3]}-{file.stem}")
def test_class_maps_fit_their_corpus(file: Path) -> None:
    label_map = choices.load_label_map("label_map", file)
    classes = choices.check_label_map("label_map", label_map, LABELS[file.parts[-3]])
    if file.stem == "four":
        assert classes == ("angry", "happy", "sad", "neutral")
    assert file.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("file", [file for file in MAPS if file.stem == "four"], ids=lambda file: file.parts[-3])
def test_the_four_classes_are_those_of_joined_corpora(file: Path) -> None:
    assert read_class_map().of(file.parts[-3], "") == choices.load_label_map("label_map", file)


def test_every_corpus_has_the_four_classes() -> None:
    assert {file.parts[-3] for file in MAPS if file.stem == "four"} == set(LABELS)
