"""The pages' code is written into a package and run: training, readers, tests, interpreter sessions."""

import argparse
import doctest
import json
import re
import runpy
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hyperpyyaml import load_hyperpyyaml

from mtser.cli import main
from mtser.configuration import Hyperparameters
from mtser.corpora import read_iemocap
from mtser.corpora.joined import cross_corpus_name
from mtser.errors import ModelError
from mtser.model import EmotionModel
from mtser.prediction.predictor import Predictor
from mtser.sweep import make_plan
from mtser.sweep.command import configure
from mtser.sweep.lines import Lines
from mtser.training import run_recipe
from mtser.tuning.command import configure as configure_tune
from mtser.tuning.search import Search
from tests.corpora.iemocap_writer import IemocapWriter
from tests.docs.pages import PAGES, ROOT, Block, blocks, commands, inline_code
from tests.helpers.small_emodb import write_small_emodb
from tests.prediction.fakes import FakeRecognizer, loud_parts
from tests.prediction.sounds import talk, write

RUN = [page for page in PAGES if page.parent.name == "docs"]
CORPORA = "/corpora/"
IEMOCAP = f"{CORPORA}IEMOCAP_full_release"
# openSMILE is optional, and may be missing.
WITH_OPENSMILE = ("hparams/full.yaml", "hparams/audio_only.yaml", "hparams/mt_wr.yaml", "hparams/n_modalities.yaml")
TOOLS = {"cd", "source", "pip", "make", "git", "python3", ".venv/bin/pip"}  # setting up: other tests' business


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folders of the pages: a clone, a package that is importable, corpora; the clone is the working directory."""
    root = tmp_path_factory.mktemp("docs")
    clone, project = root / "mtser", root / "my_project"
    clone.mkdir()
    for name in ("recipes", "hparams"):
        (clone / name).symlink_to(ROOT / name)
    for page in RUN:
        for block in blocks(page):
            if block.file is not None:
                (root / block.file).parent.mkdir(parents=True, exist_ok=True)
                (root / block.file).write_text(block.text.replace(CORPORA, f"{root}/"), encoding="utf-8")
    write_iemocap(root / Path(IEMOCAP).name)
    write_small_emodb(root / "emodb")
    (clone / "glove.6B.100d.txt").write_text(f"the {' '.join(['0.5'] * 100)}\noh {' '.join(['0.1'] * 100)}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(clone)
        patch.syspath_prepend(project)
        patch.setenv("MTSER_CACHE", str(root / "cache"))
        make_corpus()
        patch.setattr("matplotlib.figure.Figure.savefig", lambda figure, file, **_: file.write(b"a picture"))  # slow
        yield clone
    for name in [name for name in sys.modules if name.partition(".")[0] == "my_package"]:
        del sys.modules[name]


def make_corpus() -> None:
    """Write the audio of the pages' corpus as their reader does, who has nothing but what they say."""
    sessions = [block for block in blocks(ROOT / "docs" / "adding_a_corpus.md") if block.language == "pycon"]
    names: dict[str, object] = {}
    for example in doctest.DocTestParser().get_examples(sessions[0].text):
        exec(example.source, names)


def write_recordings(folder: Path) -> None:
    """Write two sentences, spoken by espeak-ng, with transcripts beside them, and a table of both."""
    from mtser.corpora.mini.espeak import Espeak

    espeak, texts = (
        Espeak(),
        {"street": "The old house is at the end of the street.", "call": "Why did you never call?"},
    )
    (folder / "calls").mkdir(parents=True)
    for name, text in texts.items():
        spoken = espeak.say(text, "en-us+m3", rate=150, pitch=40, pitch_range=50)
        file = folder / ("calls" if name == "call" else "") / f"{name}.wav"
        soundfile.write(file, np.pad(spoken.samples, spoken.sample_rate // 4), spoken.sample_rate)
        file.with_suffix(".txt").write_text(text, encoding="utf-8")
    rows = "".join(f"{name},{text}\n" for name, text in texts.items())
    (folder / "texts.csv").write_text(f"file,text\n{rows}", encoding="utf-8")


def write_iemocap(root: Path) -> None:
    """Write three sessions with an improvised utterance of each class by each speaker."""
    writer = IemocapWriter(root)
    for session in (1, 2, 3):
        for number, label in enumerate(("ang", "hap", "sad", "neu")):
            for speaker in "FM":
                writer.add(f"Ses0{session}F_impro01_{speaker}00{number}", label)


def run_python(words: list[str], clone: Path, patch: pytest.MonkeyPatch) -> None:
    """Run ``python FILE ...`` in this process; trainings get one epoch and, unless told otherwise, one fold."""
    arguments = [word.replace(CORPORA, f"{clone.parent}/") for word in words[1:]]
    training = words[1].endswith("/train.py")
    if training:
        arguments += ["--number_of_epochs", "1", "--device", "cpu"]
        arguments += [] if {"--folds", "--folds_file"} & set(arguments) else ["--folds", "1"]
        if arguments[1] in WITH_OPENSMILE and "--audio_encoder.features.extractor" not in arguments:
            arguments += ["--audio_encoder.features.extractor", "!new:mtser.features.TorchMFCC {}"]
    patch.setattr(sys, "argv", arguments)
    try:
        runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        assert not end.code, shlex.join(arguments)
    if training:
        check_run(arguments)


def run_sweep(words: list[str], clone: Path) -> None:
    """Plan all of a sweep, then run its smallest system: one epoch of one fold with one seed."""
    words = [word.replace(CORPORA, f"{clone.parent}/") for word in words]
    first = next(place for place, word in enumerate(words) if word.startswith("--"))
    files, options = words[1:first], words[first:]
    files = sorted(map(str, Path().glob(files[0]))) if "*" in files[0] else files
    parser = argparse.ArgumentParser()
    configure(parser)
    asked, passed_on = parser.parse_known_args([*files, *options])
    asked.passed_on = passed_on
    assert len(make_plan(asked).runs) == len(files) * len(asked.protocol) * len(asked.seeds)
    assert "hparams/text_only.yaml" in files
    for name in ("--seeds", "--number_of_epochs", "--data_folder"):
        if name in options:
            del options[options.index(name) : options.index(name) + 2]
    quick = ["--number_of_epochs", "1", "--folds", "1"]
    if "--train_corpus" not in options:
        quick += ["--data_folder", str(clone.parent / Path(IEMOCAP).name)]
    assert main(["sweep", "hparams/text_only.yaml", *options, *quick, "--output_folder", "sweep_results"]) == 0


def run_predict(words: list[str], patch: pytest.MonkeyPatch) -> None:
    """Judge recordings that are not silent, as far as the page names some, with a recogniser that needs no words."""
    for name in ("calls/first.wav", "calls/meeting.wav"):
        write(Path(name), talk([9, 1, 9, 1, 9] if "meeting" in name else [4]))
    model = words[words.index("--model") + 1]
    assert Path(model, "hyperparams.yaml").is_file(), f"the page has not trained {model}"
    patch.setattr("mtser.prediction.batch.load_recognizer", lambda options: FakeRecognizer())
    patch.setattr(Predictor, "_speech", lambda self: loud_parts)
    assert main(words) == 0


def run_demo(words: list[str], patch: pytest.MonkeyPatch) -> None:
    """Start the page, up to where it would wait for visitors."""
    served: list[str] = []
    patch.setattr("mtser.prediction.model.load_recognizer", lambda options: FakeRecognizer())
    patch.setattr("mtser.demo.server.check_gradio", lambda: None)
    patch.setattr("mtser.demo.server.serve", lambda predictor, **options: served.append(options["host"]))
    assert main(words) == 0 and served == ["127.0.0.1"]


def run_tune(words: list[str], clone: Path) -> None:
    """Check all of a search, then run it: one trial of one epoch and fold, which a nested one is too long for."""
    words = [str(clone.parent / Path(IEMOCAP).name) if word == IEMOCAP else word for word in words]
    words[words.index("--trials") + 1] = "1"
    words += ["--number_of_epochs", "1", "--jobs", "1"]
    if words[1] in WITH_OPENSMILE:
        words += ["--audio_encoder.features.extractor", "!new:mtser.features.TorchMFCC {}"]
    if "--nested" in words:
        parser = argparse.ArgumentParser()
        configure_tune(parser)
        asked, asked.passed_on = parser.parse_known_args(words[1:])
        assert Search.of(asked, Lines).folder.name == "loso_nested"
        return
    assert main([*words, *([] if "--folds" in words else ["--folds", "1"])]) == 0


def check_run(arguments: list[str]) -> None:
    """A run that ended well has left its result, and has used what the page adds, not something of the same name."""
    given = [word for word in arguments[2:] if word != "--dev_only"]
    options = dict(zip(given[::2], given[1::2], strict=True))
    settings = f"_{Path(options['--settings']).stem}" if "--settings" in options else ""
    system = options.get("--run_name", Path(arguments[1]).stem + settings)
    if "--train_corpus" in options:
        corpus = cross_corpus_name(options["--train_corpus"], options["--test_corpus"])
    else:
        corpus = Path(options["--data_folder"]).name
    runs = list(Path("results", system, corpus).glob("*/seed_*"))
    assert runs and all((run / "metrics.json").is_file() for run in runs)
    files = [word for word in arguments if word.endswith(".yaml") and "my_project" in word]
    told = " ".join([*arguments, *(Path(file).read_text(encoding="utf-8") for file in files)])
    for run in runs:
        values = json.loads((run / "run.json").read_text(encoding="utf-8"))["hyperparameters"].values()
        assert set(re.findall(r"!new:my_package[\w.]+", told)) <= {value for value in values if isinstance(value, str)}


def run_session(page: Path, block: Block, names: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    """Run an interpreter session; ``names`` are those of the page's sessions before it, and are added to."""
    test = doctest.DocTestParser().get_doctest(block.text, names, page.name, str(page), 0)
    failed, tried = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, clear_globs=False)
    names.update(test.globs)
    assert tried and not failed, capsys.readouterr().out


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_commands_and_sessions_work(
    page: Path, clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", sys.argv)
    names: dict[str, object] = {}
    if page.stem == "alignment":
        pytest.importorskip("pocketsphinx")
        write_recordings(clone / "recordings")
    for block in blocks(page):
        if block.language == "pycon":
            run_session(page, block, names, capsys)
        elif block.language == "bash":
            for words in commands(block.text):
                if words[0] == "python":
                    run_python(words, clone, monkeypatch)
                elif words[:2] in (["mtser", "align"], ["mtser", "export"], ["mtser", "report"]):
                    assert main(words[1:]) == 0, capsys.readouterr().err
                elif words[:2] == ["mtser", "evaluate"]:
                    given = [word.replace(CORPORA, f"{clone.parent}/") for word in words[1:]]
                    assert main([*given, "--device", "cpu"]) == 0, capsys.readouterr().err
                elif words[:2] == ["mtser", "predict"]:
                    run_predict(words[1:], monkeypatch)
                elif words[:2] == ["mtser", "demo"]:
                    run_demo(words[1:], monkeypatch)
                elif words[:2] == ["mtser", "sweep"]:
                    run_sweep(words[1:], clone)
                elif words[:2] == ["mtser", "tune"]:
                    run_tune(words[1:], clone)
                else:
                    assert words[0] in TOOLS, words
    for code in inline_code(page):
        if code.startswith("results/") and "<" not in code:
            assert (clone / code).is_dir(), code


@pytest.mark.parametrize(
    "file", [block.file for page in RUN for block in blocks(page) if "/tests/" in (block.file or "")]
)
def test_tests_of_the_pages_pass(file: str, clone: Path) -> None:
    found = {name: run for name, run in runpy.run_path(str(clone.parent / file)).items() if name.startswith("test_")}
    assert found
    for test in found.values():
        test()


def test_every_block_is_run_or_looked_at() -> None:
    """A block of code without a name, or in a language that no test knows, would be claimed but never tried."""
    for page in RUN:
        for block in blocks(page):
            named = {"python", "yaml", "toml", "csv", "json"}
            assert block.language in {"", "bash", "pycon"} | named, (page.name, block.text[:80])
            assert block.file or block.language not in named, (page.name, block.text[:80])


def test_widths_that_do_not_fit_are_told_as_the_page_says(clone: Path) -> None:
    file = clone.parent / "my_project/hparams/full_with_rhythm.yaml"
    both = {"rhythm_encoder.size": "30", "transformer.modalities": "{text: 100, audio: 50, rhythm: 30}"}
    assert "model" in Hyperparameters(file, both).build()
    with pytest.raises(ModelError) as found:
        Hyperparameters(file, {"rhythm_encoder.size": "30"}).build()
    message = str(found.value).removeprefix(f"{file}: ")
    assert f'"{message}"' in (ROOT / "docs" / "adding_an_encoder.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["full_with_rhythm", "gated"])
def test_systems_are_stock_hyperpyyaml(name: str, clone: Path) -> None:
    with (clone.parent / f"my_project/hparams/{name}.yaml").open(encoding="utf-8") as file:
        assert isinstance(load_hyperpyyaml(file)["model"], EmotionModel)


def test_arguments_of_the_block_are_options(clone: Path) -> None:
    block = "../my_project/hparams/blocks/gated_fusion.yaml"
    overrides = {"interaction": block, "interaction.output_size": "64", "joint.input_size": "64"}
    assert Hyperparameters("hparams/full.yaml", overrides).build()["interaction"].output_size == 64


def test_the_pitch_of_the_page_is_right(clone: Path) -> None:
    prosody = runpy.run_path(str(clone.parent / "my_project/my_package/prosody.py"))["Prosody"]()
    time = np.arange(16_000) / 16_000
    for pitch in (80.0, 120.0, 220.0, 350.0):
        voice = sum(np.sin(2 * np.pi * k * pitch * time) / k for k in range(1, 6)).astype(np.float32)
        found = prosody.extract(voice)
        np.testing.assert_allclose(150 * 2 ** (found[:, 2] / found[:, 1]), pitch, rtol=0.02)
    noise = np.random.default_rng(0).normal(size=16_000).astype(np.float32)
    assert prosody.extract(noise)[:, 1].mean() < 0.5 < prosody.extract(voice)[:, 1].min()


def test_the_run_folder_is_described(clone: Path) -> None:
    """Every file of a run has its line on the page, and every line its file."""
    page = (ROOT / "docs" / "how_it_works.md").read_text(encoding="utf-8")
    table = page.partition("## The run folder")[2].partition("\n## ")[0]
    described = {
        name.strip("` ").removesuffix("/")
        for row in table.splitlines()
        if row.startswith("| `")
        for name in row.split("|")[1].split(",")
    }
    command = [
        "hparams/full.yaml",
        "--data_folder",
        str(clone.parent / "IEMOCAP_full_release"),
        "--run_name",
        "described",
    ]
    command += ["--seeds", "1,2", "--number_of_epochs", "1", "--folds", "1", "--device", "cpu"]
    command += ["--audio_encoder.features.extractor", "!new:mtser.features.TorchMFCC {}"]
    assert run_recipe(read_iemocap, arguments=command) == 0
    run = clone / "results/described/IEMOCAP_full_release/loso/seed_1"
    found = {path.relative_to(run).as_posix() for path in run.iterdir() if path.name != "folds"}
    for fold in (run / "folds").iterdir():
        found |= {f"folds/<fold>/{path.name}" for path in fold.iterdir()}
    assert described - {"attributes.csv", "not_applicable.json"} == found  # those two only runs of other kinds have
    assert {path.name for path in run.parent.iterdir()} == {"seed_1", "seed_2", "seeds.md", "seeds.json"}
