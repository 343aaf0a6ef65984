"""Cross-validation of one system on one corpus: from the options to a report."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from speechbrain.utils.distributed import ddp_barrier, if_main_process
from speechbrain.utils.run_opts import RunOptions

from mtser.audio import AudioIndex
from mtser.configuration import Hyperparameters
from mtser.corpora.checked import check_corpus
from mtser.corpora.corpus import Corpus, folder_name
from mtser.corpora.joined.readers import Reader, given, name_of
from mtser.errors import ConfigError, MtserError, NotApplicableError
from mtser.features import FeatureStore
from mtser.features.input import Input, compute_on
from mtser.features.prepare import prepare
from mtser.features.source import FeatureSource
from mtser.files import write_json
from mtser.protocol_names import folder_of
from mtser.training.checked_folds import read_folds
from mtser.training.copies import copies_across_parts
from mtser.training.data import ModelData
from mtser.training.device import training_device
from mtser.training.dialogs import dialogs_across_parts, turns_before
from mtser.training.display import Display, print_corpus
from mtser.training.fine_tuning_check import check_fine_tuning
from mtser.training.fold import FoldResult, read_result, run_fold
from mtser.training.fold_settings import FoldSettings, read_fold_settings
from mtser.training.folds import FOLDER_NAME, Fold, Folds
from mtser.training.given_files import given_files
from mtser.training.inner_folds import inner_folds
from mtser.training.judge import Judge
from mtser.training.options import RESULT_OPTIONS, Options, reads_folder
from mtser.training.protocols import default_protocol, find_protocol, make_folds
from mtser.training.run_folder import RunFolder


class Experiment:
    """One command: a system, a corpus, a protocol, one or more seeds.

    Parameters
    ----------
    options
        Of the command line.
    reader, mini_corpus
        As for :func:`~mtser.training.recipe.run_recipe`.
    command
        The command line as text, for the report.
    """

    def __init__(
        self, options: Options, reader: Reader, mini_corpus: Callable[..., Path] | None, command: str | None = None
    ) -> None:
        self.options = options
        self.reader = reader
        self.mini_corpus = mini_corpus
        self.command = command
        self._as_read = ""  # with --dev_only, the hash of the corpus before features leave out any of it
        self.run_opts = {**options.run_opts, "noprogressbar": True}
        self.device = training_device(options.run_opts)
        if torch.device(self.device).type == "cpu":
            # Else PyTorch adds gradients of equal indices up in the order in which its threads come.
            torch.use_deterministic_algorithms(True, warn_only=True)
            # It costs time, and nothing here reads uninitialised memory; PyTorch sets the attribute up by name.
            torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]

    def run(self) -> list[dict[str, Any]]:
        """Run every fold with every seed.

        Returns
        -------
        list of dict
            The metrics of each seed.
        """
        if not if_main_process():
            ddp_barrier()  # the main process fills the caches first
        objects = self.options.hyperparameters.build()  # a mistake in the YAML is told at once
        frozen = check_fine_tuning(objects)
        if callable(check := getattr(getattr(objects.get("training"), "loss", None), "check_model", None)):
            check(objects["model"])
        for name in ("number_of_epochs", "batch_size"):
            self.options.hyperparameters.whole_number(name)
        self._check_options()
        settings = read_fold_settings(self.options.fold_settings)
        of_file = self.options.hyperparameters.notes()
        notes = [*of_file, *settings.notes(), *frozen]
        corpus, index, name = self._corpus()
        self._as_read = corpus.manifest_hash() if self.options.dev_only else ""
        if len(corpus.classes) < 2:
            raise ConfigError(
                f"{corpus.place}: all that is used is {corpus.classes[0]}; there is nothing to tell apart."
            )
        hyperparameters = self.options.hyperparameters.override(n_classes=len(corpus.classes))
        system = self.options.run_name or str(hyperparameters.get("system", hyperparameters.file.stem))
        try:
            self._check_corpus(objects, corpus)
            inputs: Sequence[Input] = getattr(objects.get("model"), "inputs", ())
            n_preceding, n_in_words = turns_before(objects)
            looks_back = n_preceding or n_in_words
            corpus = corpus.with_context() if looks_back else replace(corpus, context=())
            corpus, source = self._features(corpus, index, inputs, bool(n_preceding))
            folds = self._folds(corpus)
            shared = copies_across_parts(folds, source.audio_hashes)
            shared += dialogs_across_parts(folds, corpus.utterances) if looks_back else ()
            folds = replace(folds, warnings=(*folds.warnings, *shared))
        except NotApplicableError as error:
            self._not_applicable(system, name, corpus, str(error))
            raise
        if if_main_process():
            ddp_barrier()
        settings.check(folds, hyperparameters, objects)
        max_words = hyperparameters.whole_number("max_words", 128)
        data = ModelData(
            folds.utterances(corpus, self.options.folds) if self.options.dev_only else corpus.utterances,
            corpus.classes,
            max_words,
            self.device,
            n_preceding=n_preceding,
            context=corpus.context,
        )
        measure = getattr(objects.get("training"), "measure", "dev_ua")
        display = Display(system, name, folds, self.options.seeds, corpus, data.n_cut, max_words, measure)
        for note in of_file if if_main_process() else ():
            print(f"Note      {note}")
        parent = self.options.output_folder / system / name / folds.protocol
        judge = Judge(system, name, corpus, folds, data.n_cut, max_words, self.command, notes)
        found, metrics = [], []
        for seed in self.options.seeds:
            run = RunFolder(parent / f"seed_{seed}", self.device)
            try:
                results = self._run_seed(run, seed, hyperparameters, settings, corpus, folds, data, source, display)
            except MtserError:
                run.forget_refused()
                raise
            found.append(results)
            metrics.append((judge.dev if self.options.dev_only else judge.seed)(run, results))
        if len(metrics) > 1 and not self.options.dev_only:
            judge.seeds(parent, found)
        return metrics

    def _corpus(self) -> tuple[Corpus, AudioIndex, str]:
        """Read the corpus: itself, what is known of its audio, its name in the results."""
        options, progress = self.options, if_main_process()
        folder, name = options.data_folder, options.corpus_name
        if options.cache_folder is not None:
            os.environ["MTSER_CACHE"] = str(options.cache_folder)
        index = AudioIndex(n_jobs=options.jobs)
        arguments = {**options.reader_options, **given(self.reader, audio_index=index, progress=progress)}
        if not reads_folder(self.reader):
            corpus = check_corpus(self.reader(**arguments), name_of(self.reader))
            return corpus, index, name or corpus.name
        if folder is None:
            if self.mini_corpus is None:
                raise ConfigError("--data_folder is missing: where does the corpus lie?")
            folder = self.mini_corpus(progress=progress)
            name = name or "mini"
        corpus = check_corpus(self.reader(folder, **arguments), name_of(self.reader))
        return corpus, index, name or folder_name(folder)

    def _check_corpus(self, objects: Mapping[str, Any], corpus: Corpus) -> None:
        """Refuse a corpus that cannot feed the system."""
        for part in (objects.get("model"), getattr(objects.get("training"), "loss", None)):
            if callable(check := getattr(part, "check_corpus", None)):
                check(corpus)

    def _features(
        self, corpus: Corpus, index: AudioIndex, inputs: Sequence[Input], audio_of_context: bool
    ) -> tuple[Corpus, FeatureSource]:
        """Compute what the model reads; utterances that have none are left out of the corpus."""
        progress = if_main_process()
        context = () if audio_of_context else {one.id for one in corpus.context}
        paths = {id: path for id, path in corpus.audio_paths().items() if id not in context}
        infos = index.inspect(paths, progress=progress)
        source = FeatureSource(corpus, FeatureStore(), infos, self.options.jobs, progress, audio_of_context)
        compute_on(inputs, self.device)
        return prepare(corpus, source, inputs), source

    def _not_applicable(self, system: str, name: str, corpus: Corpus, reason: str) -> None:
        """Leave the reason where the results would lie."""
        folds_file = self.options.folds_file
        protocol = folder_of(self.options.protocol or "") or (
            folds_file.stem if folds_file else default_protocol(corpus)
        )
        if if_main_process():
            print_corpus(system, name, corpus)  # why may lie in what was left out
            for warning in corpus.warnings:
                print(f"Warning   {warning}")
            for seed in self.options.seeds:
                run = RunFolder(self.options.output_folder / system / name / protocol / f"seed_{seed}")
                run.not_applicable(reason, corpus, self.options.hyperparameters.flat())

    def _check_options(self) -> None:
        """Refuse what cannot be run before the corpus is read, which may take long."""
        options = self.options
        if options.folds_file is not None:
            if options.protocol is not None:
                raise ConfigError("--protocol and --folds_file are both given; the file holds its own protocol.")
            if not options.folds_file.is_file():
                raise ConfigError(f"--folds_file {options.folds_file}: there is no such file.")
        elif options.protocol is not None:
            find_protocol(options.protocol)
        if options.inner is not None and (options.folds_file is not None or not options.dev_only):
            raise ConfigError(
                "--inner divides a fold of a protocol again: give --dev_only with it, and no --folds_file."
            )
        if options.folds is not None and min(options.folds) < 1:
            raise ConfigError("--folds counts from 1.")
        names = {"run_name": options.run_name, "corpus_name": options.corpus_name}
        names["system"] = options.hyperparameters.get("system")
        for option, name in names.items():
            if name is not None and not FOLDER_NAME.fullmatch(str(name)):
                raise ConfigError(f"--{option} {name}: cannot name a folder; use letters, digits and any of _ . + - .")

    def _folds(self, corpus: Corpus) -> Folds:
        options = self.options
        if options.folds_file is not None:
            folds = read_folds(options.folds_file, corpus, dev_only=options.dev_only)
        else:
            folds = make_folds(corpus, options.protocol)
            if options.inner is not None:
                folds = inner_folds(corpus, folds, options.inner, options.protocol)
        return folds.without_test() if options.dev_only else folds

    def _run_seed(
        self,
        run: RunFolder,
        seed: int,
        hyperparameters: Hyperparameters,
        settings: FoldSettings,
        corpus: Corpus,
        folds: Folds,
        data: ModelData,
        source: FeatureSource,
        display: Display,
    ) -> dict[str, FoldResult]:
        seeded = hyperparameters.override(seed=seed)
        chosen: Sequence[Fold] = folds.folds if self.options.folds is None else folds.select(self.options.folds)
        if if_main_process():
            defaults = {**RunOptions().as_dict(), "max_grad_norm": None}  # None: what the YAML says
            changing = {name: self.run_opts.get(name, defaults[name]) for name in RESULT_OPTIONS}
            changing |= {"dev_only": True} if self.options.dev_only else {}
            changing |= {"fold_settings": settings.as_text()} if settings.folds else {}
            flat = seeded.flat()
            files = given_files([flat, *(settings.of(fold, seeded).flat() for fold in folds.folds if settings.folds)])
            run.begin(seeded.resolved(), flat, corpus, folds, changing, source.audio_hashes, files)
            if self.options.dev_only:  # a search compares its trials by it
                write_json(run.path / "corpus.json", {"manifest": self._as_read})
            if self.options.inner is not None:
                write_json(run.path / "outer.json", make_folds(corpus, self.options.protocol).names())
        ddp_barrier()  # no process begins a fold before its run has begun
        results = {}
        n_epochs = seeded.whole_number("number_of_epochs")
        with display.seed(seed, run.path, len(chosen), n_epochs) as bar:
            for fold in chosen:
                of_fold = settings.of(fold, seeded)
                if if_main_process():
                    settings.keep(of_fold, run.fold(fold.name))
                result = read_result(run.fold(fold.name))
                if result is None:
                    result = run_fold(
                        fold,
                        run.fold(fold.name),
                        of_fold,
                        data,
                        source,
                        classes=corpus.classes,
                        seed=seed,
                        run_opts=self.run_opts,
                        on_epoch=partial(bar.epoch, fold),
                        dev_only=self.options.dev_only,
                    )
                    ddp_barrier()
                bar.fold(fold, result)
                results[fold.name] = result
        # A command for some folds reports all that are done by now.
        for fold in folds.folds:
            if fold.name not in results and (result := read_result(run.fold(fold.name))) is not None:
                results[fold.name] = result
        return {fold.name: results[fold.name] for fold in folds.folds if fold.name in results}
