"""Signals and budgets ask to stop; they do not kill."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from cellsim.errors import InputError
from cellsim.train.stopping import Stopping


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Stopping() as stopping:
        assert not stopping.asked
        os.kill(os.getpid(), number)
        assert stopping.asked
        assert stopping.interrupted
    assert signal.getsignal(number) is before


def test_the_second_one_is_as_ever() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    with Stopping():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_time_runs_out_without_an_interruption() -> None:
    assert not Stopping(1).asked
    assert Stopping(0).asked
    assert not Stopping(0).interrupted


@pytest.mark.parametrize("minutes", [-5, float("nan")])
def test_there_is_no_negative_time(minutes: float) -> None:
    with pytest.raises(InputError, match=r"minutes must be >= 0, got (-5|nan)"):
        Stopping(minutes)


def test_a_thread_may_train_too() -> None:
    found = []

    def work() -> None:
        with Stopping() as stopping:
            found.append(stopping.asked)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [False]
