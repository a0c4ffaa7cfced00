"""Lines of a trace, one JSON object each, readable as soon as they are written."""

import datetime
import json
import time

SCHEMA = "seats-top/trace/1"


class Writer:
    def __init__(self, target, writer: str):
        self.start = time.perf_counter()
        self.owned = not hasattr(target, "write")
        self.file = open(target, "w", encoding="utf-8") if self.owned else target
        started = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        self._put({"schema": SCHEMA, "writer": writer, "started": started})

    def write(self, event: str, content: dict | None = None):
        """Keys whose value is None are left out."""
        content = {key: value for key, value in (content or {}).items() if value is not None}
        self._put({"at": round(time.perf_counter() - self.start, 6), "event": event, **content})

    def _put(self, line: dict):
        self.file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n")
        self.file.flush()

    def close(self):
        if self.owned:
            self.file.close()
