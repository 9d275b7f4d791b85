"""The last word of an attempt: tried for a minute, then kept beside the database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from taskq.errors import StoreFailed
from taskq.models import Ending, Task
from taskq.run import Ask
from taskq.store import Store
from taskq.worker.outbox import Outbox

_TRY_SECONDS = 60.0
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0


class LastWord:
    """What an attempt says when it is over, to a store that may be full or locked just now."""

    def __init__(
        self, ask: Ask[Task], store: Store, outbox: Outbox, notice: Callable[[str], None]
    ) -> None:
        self.is_being_said = False
        self._ask = ask
        self._store = store
        self._outbox = outbox
        self._notice = notice
        self._hurried = asyncio.Event()

    def hurry(self) -> None:
        """Try no longer: the worker leaves."""
        self._hurried.set()

    async def end(self, task: Task, ending: Ending) -> Task:
        """Write how the task ended, or keep it for the next start.

        Raises:
            LeaseLost: it is not this attempt's to say.
            StoreFailed: it could not be written; the sentence says where it is kept.
        """
        try:
            return await self.write(lambda store: store.end(task, ending))
        except StoreFailed as error:
            try:
                kept = self._outbox.keep(task, ending)
            except OSError:
                raise error from None
            raise StoreFailed(
                f"{error}. How task {task.id} ended is kept in {kept}; "
                "the next worker writes it: taskq work"
            ) from error

    async def write(self, verb: Callable[[Store], Task]) -> Task:
        """Write, and try again for a minute where the store cannot be written.

        Raises:
            LeaseLost: it is not this attempt's to say.
            StoreFailed: it could not be written.
        """
        self.is_being_said = True
        give_up = time.monotonic() + _TRY_SECONDS
        pause = _FIRST_PAUSE
        try:
            while True:
                try:
                    return await self._ask(lambda: verb(self._store))
                except StoreFailed as error:
                    if self._hurried.is_set() or time.monotonic() + pause > give_up:
                        raise
                    if pause == _FIRST_PAUSE:
                        self._notice(f"{error}. Trying for a minute to write how it ended")
                # Nothing tells when there is room again.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._hurried.wait(), pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        finally:
            self.is_being_said = False
