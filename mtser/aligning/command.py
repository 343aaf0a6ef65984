"""The sub-command ``mtser align``."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mtser.checks import check_language
from mtser.errors import ConfigError
from mtser.option_values import positive

if TYPE_CHECKING:
    from mtser.aligning.recordings import Recording
    from mtser.alignment import Aligner

NAME = "align"
SUMMARY = "Find out when each word was said: audio, with or without transcripts, to Praat TextGrids."

_EXAMPLES = """\
A transcript lies beside its audio (talk.wav, talk.txt or talk.lab), in a table
(--texts), or in a list of the corpus (IEMOCAP, LibriSpeech). What has none is
transcribed.

examples:
  a folder of recordings with their transcripts:
    mtser align recordings --out aligned
  one recording, and what was said in it:
    mtser align talk.wav --text "Dr. No paid $20." --out aligned
  recordings without transcripts, by a Whisper model in a folder:
    mtser align talks/*.wav --out aligned \\
      --transcriber faster-whisper:models/small
  German, by a CTC model of the Hugging Face hub:
    mtser align aufnahmen --language de --aligner ctc:MODEL --out aligned

The same command continues a run that was stopped. Exit code: 0, or 1 if a
recording has no times, 2 if nothing could be done.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the sub-command."""
    parser.epilog = _EXAMPLES
    parser.usage = "%(prog)s FILE_OR_FOLDER ... --out FOLDER [options]"
    add = parser.add_argument
    add("inputs", nargs="+", metavar="FILE_OR_FOLDER", help="audio files, folders of them, or patterns")
    add("--out", type=Path, required=True, metavar="FOLDER", help="where TextGrids and summary.csv are written")
    texts = parser.add_mutually_exclusive_group()
    texts.add_argument("--texts", type=Path, metavar="FILE", help="a CSV or TSV with the columns file and text")
    texts.add_argument("--text", metavar="TEXT", help="what was said, if there is one audio file")
    add(
        "--aligner",
        default="pocketsphinx",
        metavar="NAME",
        help="pocketsphinx (English; the default), ctc:MODEL, even, a folder of TextGrid or .wdseg files, or a class",
    )
    add(
        "--transcriber",
        metavar="NAME",
        help="faster-whisper (the default), faster-whisper:MODEL_OR_FOLDER, pocketsphinx, or a class",
    )
    add("--language", default="en", metavar="CODE", help="of the speech, as ISO 639-1 has it (default: en)")
    add(
        "--on_failure",
        choices=("skip", "even"),
        default="skip",
        help="what becomes of a recording that cannot be aligned: no times (the default), or evenly shared ones",
    )
    add("--jobs", type=positive, metavar="N", help="recordings at once (default: one a core)")


def run(options: argparse.Namespace) -> int:
    """Align.

    Returns
    -------
    int
        0, or 1 if a recording has no times.
    """
    from mtser.aligning.result_folder import ResultFolder
    from mtser.aligning.summary import screen
    from mtser.aligning.work import align_recordings
    from mtser.alignment import find_aligner
    from mtser.transcription import find_transcriber

    language = check_language(options.language)
    aligner = find_aligner(options.aligner)
    _check_apart(aligner, options.out)
    recordings = _recordings(options)
    results = ResultFolder(options.out, recordings)
    transcriber = None
    if not aligner.knows_words and any(one.is_unheard for one in recordings):
        transcriber = find_transcriber(options.transcriber)
    outcomes = align_recordings(
        recordings,
        results,
        aligner,
        transcriber,
        language=language,
        even_on_failure=options.on_failure == "even",
        n_jobs=options.jobs,
    )
    print(screen(outcomes, options.out, aligner.name))
    return 1 if any(one.status == "failed" for one in outcomes) else 0


def _check_apart(aligner: "Aligner", out: Path) -> None:
    """Refuse to write where the aligner reads: of its files only the words and phones would be left."""
    from mtser.alignment.files import FileAligner

    if isinstance(aligner, FileAligner) and out.exists() and out.samefile(aligner.folder):
        raise ConfigError(f"{out}: --aligner reads its files there; choose another --out.")


def _recordings(options: argparse.Namespace) -> "tuple[Recording, ...]":
    """The audio that the options name, with the texts that they tell."""
    from mtser.aligning.recordings import find_recordings, with_text, with_texts
    from mtser.aligning.text_table import TextTable

    recordings = find_recordings(options.inputs)
    if options.text is not None:
        if len(recordings) > 1:
            raise ConfigError(f"--text is for one audio file, there are {len(recordings)}; give --texts a table.")
        return (with_text(recordings[0], options.text, "--text"),)
    if options.texts is not None:
        table = TextTable(options.texts)
        recordings = with_texts(recordings, table)
        table.warn_of_unused()
    return recordings
