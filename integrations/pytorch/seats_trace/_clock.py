"""Moments on a device's own time line: CUDA events, so that nothing waits; the host's clock elsewhere."""

import time

import torch


class Mark:
    """Now, on the device's current stream."""

    def __init__(self, device: torch.device):
        self.device = device
        self.event = None
        if device.type == "cuda":
            with torch.cuda.device(device):
                self.event = torch.cuda.Event(enable_timing=True)
                self.event.record()
        self.host = time.perf_counter()

    def is_past(self) -> bool:
        return self.event is None or self.event.query()

    def wait(self):
        if self.event is not None:
            self.event.synchronize()


def milliseconds(start: Mark, end: Mark):
    """Between two marks that are past; None across devices, whose clocks have no common zero."""
    if start.event is not None and end.event is not None:
        return start.event.elapsed_time(end.event) if start.device == end.device else None
    return (end.host - start.host) * 1000 if start.event is end.event is None else None


def peak_memory() -> int:
    """The most bytes held so far: by torch on all GPUs of this process, else by the process."""
    if torch.cuda.is_available():
        return sum(torch.cuda.max_memory_allocated(index) for index in range(torch.cuda.device_count()))
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
