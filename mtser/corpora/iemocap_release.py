"""A copy of the IEMOCAP release on disk: for every annotated turn what there is of it, and what is amiss."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from mtser.corpora.corpus import Skipped
from mtser.corpora.emo_evaluation import Turn, parse_emo_evaluation
from mtser.corpora.iemocap_names import IemocapName, parse_utterance_name
from mtser.corpora.transcriptions import parse_transcriptions
from mtser.errors import CorpusError
from mtser.text_files import files_by_stem, read_text, subfolders

AUDIO_SUFFIXES = (".wav", ".flac")
EXPECTED = "expected the root of the IEMOCAP release, the folder that holds Session1 to Session5"

SYNTHETIC_FILE = "synthetic.json"
"""Its presence at the root says that the speech is synthetic, as in the mini corpus."""

_SESSION = re.compile(r"Session\d+")


@dataclass(frozen=True, slots=True)
class Recording:
    """One annotated turn and the files that belong to it.

    Parameters
    ----------
    name
        Its name, taken apart.
    turn
        Its annotation.
    source
        Where the annotation stands, relative to the release: ``folder/file:line``.
    text
        The transcript; empty if there is none.
    audio, alignment, phones
        The sentence's audio file, .wdseg file and .phseg file; None where there is none.
    """

    name: IemocapName
    turn: Turn
    source: str
    text: str
    audio: Path | None
    alignment: Path | None
    phones: Path | None = None


@dataclass
class Release:
    """What was found under ``root``: recordings sorted by id, what was left out, and what the user has to see."""

    root: Path
    recordings: list[Recording] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def relative(self, path: Path) -> str:
        """A path as the corpus writes it: relative to the root, with forward slashes."""
        return path.relative_to(self.root).as_posix()


@dataclass(frozen=True, slots=True)
class _Annotation:
    name: IemocapName
    turn: Turn
    file: Path
    session_folder: Path


def find_root(data_folder: str | Path) -> Path:
    """The folder that holds the sessions: ``data_folder`` or ``IEMOCAP_full_release`` in it.

    Raises
    ------
    CorpusError
        If there is no such folder, or it holds no session.
    """
    folder = Path(data_folder)
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder; {EXPECTED}.")
    for root in (folder, folder / "IEMOCAP_full_release"):
        if _session_folders(root):
            return root
    raise CorpusError(f"{folder}: holds no session; {EXPECTED}.")


def _session_folders(root: Path) -> tuple[Path, ...]:
    return tuple(folder for folder in subfolders(root) if _SESSION.fullmatch(folder.name))


def read_release(data_folder: str | Path) -> Release:
    """Read all annotations and transcripts, and find the audio and alignment of every turn.

    Raises
    ------
    CorpusError
        See :func:`find_root`; or if a folder cannot be listed.
    """
    release = Release(find_root(data_folder))
    annotations: list[_Annotation] = []
    texts: dict[str, str] = {}
    audio: dict[str, Path] = {}
    alignments: dict[str, Path] = {}
    phones: dict[str, Path] = {}
    for session in _session_folders(release.root):
        annotations += _annotations(release, session)
        _add_transcripts(release, session, texts)
        for dialog in subfolders(session / "sentences" / "wav"):
            audio = files_by_stem(dialog, AUDIO_SUFFIXES) | audio
        for dialog in subfolders(session / "sentences" / "ForcedAlignment"):
            alignments = files_by_stem(dialog, (".wdseg",)) | alignments
            phones = files_by_stem(dialog, (".phseg",)) | phones
    for annotation in _unique(release, annotations):
        id = annotation.turn.id
        source = f"{release.relative(annotation.file)}:{annotation.turn.line}"
        recording = Recording(
            annotation.name,
            annotation.turn,
            source,
            texts.get(id, ""),
            audio.get(id),
            alignments.get(id),
            phones.get(id),
        )
        release.recordings.append(recording)
    annotated = {annotation.turn.id for annotation in annotations}
    for id in sorted(audio.keys() - annotated):
        if parse_utterance_name(id):
            release.skipped.append(Skipped(id, "no annotation", release.relative(audio[id])))
    return release


def _annotations(release: Release, session: Path) -> list[_Annotation]:
    """All annotated turns of a session, also repeated ones."""
    found: list[_Annotation] = []
    folder = session / "dialog" / "EmoEvaluation"
    for file in files_by_stem(folder, (".txt",)).values():
        turns, damaged = parse_emo_evaluation(_read(release, file))
        for bad in damaged:
            id = re.search(r"Ses\w+", bad.text)
            found_at = f"{release.relative(file)}:{bad.line}: {bad.text!r}"
            release.skipped.append(Skipped(id[0] if id else file.stem, "unreadable annotation", found_at))
        for turn in turns:
            if name := parse_utterance_name(turn.id):
                found.append(_Annotation(name, turn, file, session))
            else:
                found_at = f"{release.relative(file)}:{turn.line}"
                release.skipped.append(Skipped(turn.id, "not the name of an utterance", found_at))
    if not found:
        release.warnings.append(f"{session.name} holds no annotated turn (dialog/EmoEvaluation/*.txt).")
    return found


def _unique(release: Release, annotations: list[_Annotation]) -> list[_Annotation]:
    """One annotation an id, sorted by id; the others are listed as skipped.

    Repetitions that agree in the label are harmless, the one in its own dialog's file is kept; where they disagree
    none can be trusted.
    """
    by_id: dict[str, list[_Annotation]] = {}
    for annotation in annotations:
        by_id.setdefault(annotation.turn.id, []).append(annotation)
    kept = []
    for id, found in sorted(by_id.items()):
        found.sort(key=lambda one: (one.name.dialog != one.file.stem, one.file, one.turn.line))
        agree = len({one.turn.label for one in found}) == 1
        if agree:
            kept.append(found[0])
        for one in found[1:] if agree else found:
            reason = "repeated annotation (the first is kept)" if agree else "repeated annotation with another label"
            release.skipped.append(Skipped(id, reason, f"{release.relative(one.file)}:{one.turn.line}"))
    return kept


def _add_transcripts(release: Release, session: Path, texts: dict[str, str]) -> None:
    repeated = []
    for file in files_by_stem(session / "dialog" / "transcriptions", (".txt",)).values():
        for transcript in parse_transcriptions(_read(release, file)):
            if texts.setdefault(transcript.id, transcript.text) != transcript.text:
                repeated.append(f"{release.relative(file)}:{transcript.line}")
    if repeated:
        release.warnings.append(
            f"{session.name} has {len(repeated)} second transcripts of a turn with other words (the first at "
            f"{repeated[0]}); the first transcript is kept."
        )


def _read(release: Release, file: Path) -> str:
    try:
        return read_text(file)
    except CorpusError as error:
        release.warnings.append(str(error))
        return ""
