"""TensorBoard's file of events, written by the thread that trains.

PyTorch's ``SummaryWriter`` writes in a thread of its own, minutes later: what a killed run had not written is lost, and
a full disk ends that thread with a traceback.
"""

import time
from collections.abc import Mapping
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog  # type: ignore[import-untyped]
from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
from tensorboard.summary.writer.record_writer import RecordWriter  # type: ignore[import-untyped]

from mtser.errors import MtserError


class EventFile:
    """Scalars by step, in a new file of TensorBoard's format.

    Parameters
    ----------
    folder
        Where; several files in one folder are one run.
    first_step
        What other files of the folder hold for this step or later ones, TensorBoard drops: it is from a killed run.

    Raises
    ------
    MtserError
        Of :meth:`add`, if the file cannot be written.

    Example
    -------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> EventFile(folder, first_step=1).add(1, {"dev_ua": 0.5})
    >>> [path.name.split(".")[2] for path in folder.iterdir()]
    ['tfevents']
    """

    def __init__(self, folder: Path, first_step: int) -> None:
        now = time.time()
        self._file = folder / f"events.out.tfevents.{now:017.6f}.mtser"  # TensorBoard reads the names in their order
        self._waiting = [
            Event(wall_time=now, file_version="brain.Event:2"),
            Event(wall_time=now, step=first_step, session_log=SessionLog(status=SessionLog.START)),
        ]

    def add(self, step: int, scalars: Mapping[str, float]) -> None:
        """Write the values of one step."""
        values = [Summary.Value(tag=name, simple_value=value) for name, value in scalars.items()]
        self._waiting.append(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("ab") as file:
                for event in self._waiting:
                    RecordWriter(file).write(event.SerializeToString())
        except OSError as error:
            raise MtserError(
                f"{self._file}: cannot be written ({error.strerror}); free some space, then start the same command "
                "again: it continues where it was."
            ) from error
        self._waiting.clear()
