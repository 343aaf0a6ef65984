"""The named errors of mtser: each says which file or option, what is wrong and what to do.

A command line shows the message of an :class:`MtserError` as one sentence and exits with code 2; any other
exception is a defect of mtser and keeps its traceback.
"""

from typing import Any


class MtserError(Exception):
    """Base of every error that a user can mend: bad input, a bad option, a full disk."""

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is out of another process, whatever its constructor takes."""
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[MtserError], args: tuple[Any, ...]) -> MtserError:
    return kind.__new__(kind, *args)


class ConfigError(MtserError):
    """A YAML file or an option is wrong."""


class CorpusError(MtserError):
    """A corpus folder cannot be used at all (a single bad utterance is skipped instead)."""


class AudioError(MtserError):
    """An audio file cannot be used."""


class AlignmentError(MtserError):
    """The word times of an utterance cannot be used."""


class ProtocolError(MtserError):
    """A protocol cannot be formed from a corpus, or a fold file does not fit it."""


class NotApplicableError(MtserError):
    """A corpus lacks what a system or a protocol needs: nothing is wrong, and tables say "not applicable"."""


class ProtocolNotApplicableError(NotApplicableError, ProtocolError):
    """A corpus lacks what a protocol divides it by (sessions, three speakers, transcripts)."""


class FeatureError(MtserError):
    """Features cannot be computed or stored."""


class ModelError(MtserError):
    """Blocks of a model do not fit each other, or a checkpoint does not fit a model."""


class EvaluationError(MtserError):
    """Predictions cannot be judged or compared."""
