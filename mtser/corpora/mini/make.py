"""Making the mini corpus: once, in a folder beside its place, then moved there whole."""

import contextlib
import shutil
import time
import uuid
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import soundfile

from mtser.cores import n_cores
from mtser.corpora.mini.dialog import Dialog
from mtser.corpora.mini.notice import content_version, read_notice, write_notice
from mtser.corpora.mini.record_dialogs import record_dialogs
from mtser.corpora.mini.script import write_script
from mtser.errors import MtserError
from mtser.files import cache_folder
from mtser.progress_bar import progress_bar

ABANDONED = 24 * 3600
"""Seconds after which an unfinished making is taken to be dead, and removed."""


def make_mini_corpus(folder: Path | None = None, *, progress: bool = True) -> Path:
    """Make the mini corpus, unless it is there already.

    Parameters
    ----------
    folder
        Where it shall be; default: in mtser's cache folder, under a name that changes with its content.
    progress
        Whether to show a progress bar.

    Returns
    -------
    Path
        The corpus folder: complete, whoever made it and whatever happened to others who tried.

    Raises
    ------
    MtserError
        If espeakng-loader is not installed, the folder holds something else, or it cannot be written.
    """
    root = Path(folder).resolve() if folder is not None else cache_folder() / "mini_corpus" / content_version()
    if _is_complete(root):
        return root
    _require_free(root)
    unfinished = root.parent / f".{root.name}.{uuid.uuid4().hex}.part"
    try:
        _remove_abandoned(root)
        unfinished.mkdir(parents=True)
        _fill(unfinished, write_script(), progress)
        _move(unfinished, root)
    except OSError as error:
        raise MtserError(f"{root}: cannot be written ({error.strerror or error}); choose another folder.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return root


def _is_complete(root: Path) -> bool:
    notice = read_notice(root)
    return notice is not None and notice.get("version") == content_version()


def _require_free(root: Path) -> None:
    try:
        free = not root.exists() or not any(root.iterdir())
    except OSError:
        free = False
    if not free:
        raise MtserError(
            f"{root}: holds something other than this version's mini corpus; delete it or choose another folder."
        )


def _fill(root: Path, dialogs: list[Dialog], progress: bool) -> None:
    """Record all dialogs on all cores; the first failure ends it."""
    days: dict[tuple[int, bool], list[str]] = {}
    for dialog in dialogs:  # which dialogs share a process must not depend on the machine: their last bits do
        days.setdefault((dialog.session, "script" in dialog.name), []).append(dialog.name)
    bar = progress_bar(desc="Making the mini corpus", total=len(dialogs), unit="dialog", show=progress)
    with bar, ThreadPoolExecutor(n_cores()) as pool:
        jobs = {pool.submit(record_dialogs, root, names): names for names in days.values()}
        try:
            for job in as_completed(jobs):
                job.result()
                bar.update(len(jobs[job]))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    wavs = (path for path in root.rglob("*.wav") if not path.name.startswith("._"))
    write_notice(root, dialogs, sum(soundfile.info(path).duration for path in sorted(wavs)))


def _move(unfinished: Path, root: Path) -> None:
    with contextlib.suppress(OSError):
        root.rmdir()  # an empty folder may be replaced; some systems refuse to rename onto it
    try:
        unfinished.rename(root)
    except OSError:
        if not _is_complete(root):  # else somebody else was faster
            raise


def _remove_abandoned(root: Path) -> None:
    """Remove what makers left behind who were killed."""
    for path in root.parent.glob(f".{root.name}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED:
                shutil.rmtree(path, ignore_errors=True)
