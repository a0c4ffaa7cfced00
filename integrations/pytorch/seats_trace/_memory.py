"""Memory of the process and of the GPUs, without changing the counters that the user may read too."""

import sys

import torch


class Memory:
    """What is held from now on."""

    def __init__(self):
        self._cuda = torch.cuda.is_initialized()
        self._before = self._highest()
        self._seen = 0

    def sample(self) -> dict:
        """`rss_bytes` and, with CUDA, `allocated_bytes`, as they are now."""
        found = {"rss_bytes": _resident()}
        if self._cuda:
            found["allocated_bytes"] = sum(torch.cuda.memory_allocated(index) for index in _devices())
        self._seen = max(self._seen, found["allocated_bytes" if self._cuda else "rss_bytes"] or 0)
        return found

    def peak(self):
        """The most bytes since the start. Where the process has held more before, its counters do not say;
        then it is the most that was seen after a step. None where neither is known."""
        self.sample()
        highest = self._highest()
        if highest is not None and self._before is not None and highest > self._before:
            return highest
        return self._seen or None

    def _highest(self):
        if self._cuda:
            return sum(torch.cuda.max_memory_allocated(index) for index in _devices())
        try:
            import resource
        except ImportError:
            return None
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def _devices():
    return range(torch.cuda.device_count())


def _resident():
    try:
        with open("/proc/self/statm", "rb") as file:
            import resource

            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, ImportError, ValueError, IndexError):
        return None
