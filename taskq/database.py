"""The document's own door from Python: `TaskDatabase.add_progress_update(task_id, message)`."""

from __future__ import annotations

from typing import Any

from taskq import registry, settings, tasks
from taskq.models import Task
from taskq.run import current


class TaskDatabase:
    """Progress, tasks and their creation, without a store to open: TASKQ_DB names it."""

    @staticmethod
    def add_progress_update(task_id: str, message: str) -> None:
        """Append an entry to a task that is being processed.

        Inside a worker, for the task that calls, it is a step of the attempt (and refused once
        the attempt is over); anywhere else it is a note from outside.

        Raises:
            TaskNotFound: there is no such task.
            WrongMoment: it is not being processed.
            LeaseLost: inside a worker: the task belongs to another attempt by now.
        """
        run = current()
        if run is not None and run.task.id == task_id:
            run.write_step(message, {})
            return
        with tasks.opened(settings.load()) as store:
            store.note(task_id, message)

    @staticmethod
    def create_task(task_type: str, **params: Any) -> Task:
        """Submit a task, as `taskq submit` does; *task_type* is a type or its command.

        Raises:
            BadInput: there is no such type, or it cannot take these params.
            Duplicate: another task may already have bought this.
        """
        handler = registry.find(task_type)
        current = settings.load()
        asked = handler.parse(tasks.with_profile(handler, params, current))
        with tasks.opened(current) as store:
            return tasks.submit(store, handler, asked).task

    @staticmethod
    def get_task(task_id: str) -> Task:
        """The task as it is now.

        Raises:
            TaskNotFound: there is none.
        """
        with tasks.opened(settings.load()) as store:
            return tasks.named(store, task_id)
