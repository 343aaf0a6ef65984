"""A command line of ``mtser predict``, carried out."""

import argparse
import contextlib
import csv
import dataclasses
import json
import sys
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mtser import __version__
from mtser.audio import audio_duration
from mtser.errors import ConfigError, MtserError
from mtser.prediction.failure import Failure
from mtser.prediction.model import fingerprint, load_recognizer
from mtser.prediction.prediction import Prediction, table_header, table_rows
from mtser.prediction.predictor import Predictor
from mtser.prediction.result_folder import ResultFolder, identity_of
from mtser.prediction.sources import STDIN, Source, Sources
from mtser.prediction.texts import Texts
from mtser.progress_bar import progress_bar
from mtser.text_files import read_text

DEFAULT_FOLDER = Path("predictions")


def run_batch(options: argparse.Namespace) -> int:
    """Judge all recordings that the options name; print and write what they ask for.

    Returns
    -------
    int
        The exit code: 1 if a recording has no answer.
    """
    sources = _sources(options)
    n_sources = sources.count()
    if options.text is not None and n_sources != 1:
        raise ConfigError(f"--text is for one recording, not for {n_sources}; use --texts or --text_beside.")
    texts = Texts(options.text, options.texts, beside=options.text_beside)
    folder = options.out or (DEFAULT_FOLDER if options.textgrid or options.plot else None)
    results = _result_folder(folder, options) if folder else None
    recognizer = load_recognizer(options)
    predictor = Predictor(
        recognizer,
        longest=options.window,
        n_jobs=options.jobs,
        explain=not options.no_explain,
        language=options.language,
    )
    if results is not None:
        results.begin()
    printer = _Printer(options, recognizer.classes, alone=n_sources == 1)
    with _progress(sources, n_sources, predictor) as bar:
        batch = _Batch(predictor, texts, results, printer, bar.update if n_sources > 1 else lambda n: None)
        batch.go(sources)
    texts.warn_of_unused()
    if results is not None:
        results.finish((batch.with_text(one) for one in sources), recognizer.classes, batch.failures)
    printer.end(batch.failures, batch.in_part, n_sources, batch.n_done_earlier, folder)
    return 1 if batch.failures else 0


def _progress(sources: Sources, n_sources: int, predictor: Predictor) -> Any:
    """A bar over the recordings; over the seconds of the only one, if it is long."""
    if n_sources > 1:
        return progress_bar(total=n_sources, desc="Predicting", unit="recording")
    seconds = 0.0
    with contextlib.suppress(MtserError, UnicodeError):  # judging it will tell
        seconds = audio_duration(next(iter(sources)).audio)
    is_long = bool(predictor.longest) and seconds > predictor.longest
    bar = progress_bar(total=round(seconds), desc="Predicting", unit="s", show=is_long)
    predictor.on_turn = lambda end: bar.update(max(0, round(end) - bar.n))
    return bar


class _Batch:
    """Takes recordings through, those that were done earlier past the model."""

    def __init__(
        self,
        predictor: Predictor,
        texts: Texts,
        results: ResultFolder | None,
        printer: "_Printer",
        count: Callable[[int], object],
    ) -> None:
        self._predictor = predictor
        self._texts = texts
        self._results = results
        self._printer = printer
        self._count = count
        self._waiting: deque[tuple[Source, dict[str, Any]]] = deque()
        self.failures: list[Failure] = []
        self.in_part: list[str] = []  # what recordings that have an answer lack, in sentences
        self.n_done_earlier = 0

    def with_text(self, source: Source) -> Source:
        """The recording with what is said in it, if that is known."""
        try:
            return dataclasses.replace(source, text=self._texts.of(source))
        except MtserError:
            return source

    def go(self, sources: Sources) -> None:
        """Judge, keep, print."""
        for found in self._predictor.predict(self._to_judge(sources)):
            source, identity = self._waiting.popleft()
            try:
                if isinstance(found, Prediction) and self._results is not None:
                    self._results.keep(source, found, identity)
            except MtserError as error:
                found = Failure(source.name, str(error).rstrip("."))
            if isinstance(found, Failure):
                self.failures.append(found)
            else:
                self.in_part += [f"{found.name}: {sentence}" for sentence in found.lost]
                self._printer.show(found)
            self._count(1)

    def _to_judge(self, sources: Sources) -> Iterator[Source]:
        for source in sources:
            try:
                _check_name(source)
                source = dataclasses.replace(source, text=self._texts.of(source))
            except MtserError as error:
                self.failures.append(Failure(_printable(source.name), str(error).rstrip(".")))
                self._count(1)
                continue
            entry = self._results.done(source) if self._results is not None else None
            if entry is not None:
                self.n_done_earlier += 1
                self._printer.show_earlier(entry)
                self._count(1)
                continue
            self._waiting.append((source, identity_of(source)))
            yield source


def _check_name(source: Source) -> None:
    """Refuse a recording whose name cannot be written into any table.

    Raises
    ------
    MtserError
        That says so.
    """
    if _printable(source.name) != source.name:
        raise MtserError("its name is no valid text (UTF-8); rename the file or its folder")


def _printable(name: str) -> str:
    r"""A name whose bytes are no text, with these as ``\udce9``."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


class _Printer:
    """Results on standard output, all else on standard error."""

    def __init__(self, options: argparse.Namespace, classes: tuple[str, ...], *, alone: bool) -> None:
        self._json, self._csv, self._alone = options.json, options.csv, alone
        self._table = csv.writer(sys.stdout, lineterminator="\n")
        if self._csv:
            self._table.writerow(table_header(classes))

    def show(self, found: Prediction) -> None:
        """Print an answer."""
        if self._json or self._csv:
            self.show_earlier(found.to_dict())
        elif self._alone:
            from rich.console import Console

            from mtser.prediction.screen import show

            show(found, Console(highlight=False))
        else:
            from mtser.prediction.screen import one_line

            self._line(one_line(found))

    def show_earlier(self, entry: dict[str, Any]) -> None:
        """Print what was found when the command ran before."""
        if self._json:
            told = {name: value for name, value in entry.items() if name not in ("made_by", "source", "files")}
            self._line(json.dumps(told, ensure_ascii=False))
        elif self._csv:
            self._table.writerows(table_rows(entry))
        elif self._alone:
            answer = f"{entry['emotion']} {entry['probability']:.2f}" if entry["emotion"] else "no words"
            self._line(f"{answer}  {entry['name']} (found earlier)")

    def _line(self, text: str) -> None:
        from tqdm import tqdm

        tqdm.write(text, file=sys.stdout)
        sys.stdout.flush()

    def end(
        self, failures: list[Failure], in_part: list[str], n_sources: int, n_done_earlier: int, folder: Path | None
    ) -> None:
        """Say what was left out, and where the results are."""
        if n_done_earlier and n_sources > 1:
            print(f"{n_done_earlier} of {n_sources} were done earlier.", file=sys.stderr)
        if n_sources > 1:  # of a single one it is told already
            for sentence in in_part:
                print(f"! {sentence}", file=sys.stderr)
        if failures:
            print(f"no answer for {len(failures)} of {n_sources}:", file=sys.stderr)
        for one in failures:
            print(f"  {one}", file=sys.stderr)
        if folder is not None:
            print(f"results in {folder} (predictions.csv is the table of all)", file=sys.stderr)


def _sources(options: argparse.Namespace) -> Sources:
    """What the command line and its list name."""
    arguments = list(options.files)
    if options.list is not None:
        if str(options.list) == STDIN:
            lines = sys.stdin.read().removeprefix("\ufeff").split("\n")
        else:
            lines = read_text(options.list).split("\n")
        arguments += [line for line in lines if line.strip()]
    if not arguments:
        raise ConfigError("no recording is named (mtser predict --help shows how).")
    if STDIN in arguments and str(options.list) == STDIN:
        raise ConfigError("standard input cannot be a recording and a list at once.")
    return Sources(arguments, sys.stdin.buffer.read() if STDIN in arguments else b"")


def _result_folder(folder: Path, options: argparse.Namespace) -> ResultFolder:
    made_with = {
        "version": __version__,
        "model": fingerprint(options.model),
        **{name: getattr(options, name) for name in ("fold", "transcriber", "aligner", "language", "window")},
        "explain": not options.no_explain,
    }
    return ResultFolder(folder, made_with, text_grids=options.textgrid, pictures=options.plot)
