"""Leaving in order: what a worker does at its first, second and third signal."""

from __future__ import annotations

import asyncio
import math
import signal
from collections.abc import Awaitable, Callable

from taskq.worker.hands import Hands

_PAYMENT_SECONDS = 120.0
_LAST_WORD = 3


class Leaving:
    """Counts the signals; *wake* is called at each.

    SIGTERM, SIGHUP or the first Ctrl-C: take nothing new, give back what has not paid, finish
    what is paying. The second asks whether to leave a payment under way; the third leaves it.
    """

    def __init__(self, wake: Callable[[], None], notice: Callable[[str], None]) -> None:
        self._wake = wake
        self._notice = notice
        self._signals = 0
        self._answered = 0
        self._until = math.inf

    @property
    def asked(self) -> bool:
        """Whether somebody wants the worker to leave."""
        return self._signals > 0

    def heed_signals(self) -> None:
        """Hear the signals from now on."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.ask)

    def ask(self) -> None:
        """Ask the worker to leave, as a signal does."""
        if not self.asked:
            self._until = asyncio.get_running_loop().time() + _PAYMENT_SECONDS
        self._signals += 1
        self._wake()

    async def drain(self, hands: Hands, change: Callable[[], Awaitable[None]]) -> None:
        """Wait until *hands* are empty, for 120 s at most where a payment is under way."""
        loop = asyncio.get_running_loop()
        while len(hands):
            if self.asked:
                self._answer([task.id for task in hands.give_back()])
                if self._signals >= _LAST_WORD or loop.time() > self._until:
                    return
            wake_up = loop.call_at(self._until, self._wake) if self.asked else None
            await change()
            if wake_up:
                wake_up.cancel()

    def _answer(self, paying: list[str]) -> None:
        """Say what is still being paid, once for each signal."""
        while self._answered < self._signals:
            self._answered += 1
            ways = ("Ctrl-C again asks once more", "Ctrl-C once more leaves it to be looked for")
            for task_id in paying:
                self._notice(
                    f"finishing {task_id}: payment in progress ({ways[self._answered > 1]})"
                )
