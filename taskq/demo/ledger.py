"""The ledger: a line of JSON for everything that counts, on disk before anyone is answered."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Ledger:
    """An append-only file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        """Open the ledger at *path*, and make it if it is not there."""
        self.path = path
        self._lock = threading.Lock()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")

    def write(self, entry: dict[str, Any]) -> None:
        """Add *entry* and return only when it is on the disk."""
        line = json.dumps({"at": datetime.now(UTC).isoformat(), **entry}, ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; what is written stays."""
        with self._lock:
            self._file.close()
