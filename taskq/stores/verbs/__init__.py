"""What a verb decides, the same in every database; an engine says how it is written and read."""

from __future__ import annotations

from taskq.stores.verbs.asking import Asking
from taskq.stores.verbs.engine import AnswerLost, Engine, Row, Statements
from taskq.stores.verbs.owning import Owning
from taskq.stores.verbs.staffing import Staffing

__all__ = ["AnswerLost", "Engine", "Row", "Statements", "Verbs"]


class Verbs(Asking, Staffing, Owning):
    """The verbs of `Store` that are statements and what follows from their rows."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
