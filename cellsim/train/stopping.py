"""When a training stops before its end: Ctrl-C, SIGTERM, or no time left."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType
from typing import Any, Self

from cellsim.errors import InputError

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopping:
    """Turns signals and the end of a time budget into something that is asked for between two steps.

    The first signal asks to stop; the second one kills, as it would have without us.

    Parameters
    ----------
    minutes : float, optional
        Wall time from now on; without end if None.

    Attributes
    ----------
    interrupted : bool
        Whether a signal came.

    Raises
    ------
    InputError
        If the time is negative.
    """

    def __init__(self, minutes: float | None = None) -> None:
        if minutes is not None and not minutes >= 0:
            raise InputError(f"minutes must be >= 0, got {minutes:g}")
        self.interrupted = False
        self._end = None if minutes is None else time.monotonic() + 60 * minutes
        self._earlier: dict[signal.Signals, Any] = {}

    @property
    def asked(self) -> bool:
        """Whether to stop after this step."""
        return self.interrupted or (self._end is not None and time.monotonic() >= self._end)

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # only there may handlers be set
            self._earlier = {number: signal.signal(number, self._ask) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupted = True
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)
        self._earlier = {}
