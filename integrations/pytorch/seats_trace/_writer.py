"""Lines of a trace, one JSON object each, readable as soon as they are written."""

import datetime
import json
import math
import os
import pathlib
import platform
import re
import stat
import sys
import time
import uuid

SCHEMA = "seats-top/trace/1"
#: What a terminal takes for more than a character: controls, and marks that turn the direction of writing.
UNPRINTABLE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
SURROGATES = re.compile("[\ud800-\udfff]")


class Writer:
    """A trace that grows. A file is made anew under its name at once, so that whoever still reads what
    was there before keeps reading that.

    Raises OSError where the file cannot be made or written.
    """

    def __init__(self, target, writer: str):
        self.start = time.perf_counter()
        copied = _copy_of_standard(target)
        self.owned = copied is not None or not hasattr(target, "write")
        self.file = copied if copied is not None else _anew(pathlib.Path(target)) if self.owned else target
        started = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        self._put({
            "schema": SCHEMA, "writer": writer, "started": started, "run_id": uuid.uuid4().hex,
            "versions": _versions(),
        })

    def write(self, event: str, content: dict | None = None):
        """Keys whose value is None are left out."""
        content = {key: value for key, value in (content or {}).items() if value is not None}
        self._put({"at": round(time.perf_counter() - self.start, 6), "event": event, **content})

    def _put(self, line: dict):
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text = UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", SURROGATES.sub("\ufffd", text))
        self.file.write(text + "\n")
        self.file.flush()

    def close(self):
        if self.owned:
            self.file.close()


def _copy_of_standard(target):
    """Standard output as a file of our own, so that nothing that a closed pipe did not take is left for Python to
    write when it exits; None for other targets."""
    if target is not sys.stdout and target is not sys.stderr:
        return None
    try:
        target.flush()
        return open(os.dup(target.fileno()), "w", encoding="utf-8", errors="replace")
    except (OSError, ValueError, AttributeError):
        return None


def _anew(path: pathlib.Path):
    """Opens a new file under this name; devices and pipes as they are."""
    path = pathlib.Path(os.path.realpath(path))
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        regular = None
    if not regular:
        return open(path, "w", encoding="utf-8", errors="replace")
    fresh = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.new")
    try:
        file = open(fresh, "x", encoding="utf-8", errors="replace")
    except OSError:
        # The folder takes no new files; the file itself may.
        return open(path, "w", encoding="utf-8", errors="replace")
    try:
        os.replace(fresh, path)
    except OSError:
        file.close()
        fresh.unlink(missing_ok=True)
        raise
    return file


def _versions() -> dict:
    import torch
    import transformers

    return {
        "python": platform.python_version(), "torch": str(torch.__version__), "transformers": transformers.__version__}


def reason(error) -> str:
    """What an error says, with names of files rather than where they lie: traces are handed on."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.strerror}: {os.path.basename(os.fsdecode(error.filename))}"
    return str(error)


def plain(value):
    """`value` as JSON can hold it: paths and unknown things as text, NumPy and torch values as Python's,
    NaN and infinities as None."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {str(key): plain(held) for key, held in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, range)):
        return [plain(held) for held in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if hasattr(value, "item"):
        return plain(value.item())
    return str(value)
