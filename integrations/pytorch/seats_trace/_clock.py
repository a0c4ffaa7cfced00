"""Moments on a device's own time line, and values that are fetched from it without waiting."""

import contextlib
import time

import torch


class Clock:
    """The host's time in seconds; it stands still while the recorder itself works."""

    def __init__(self):
        self._own, self._entered = 0.0, None

    def now(self) -> float:
        return (time.perf_counter() if self._entered is None else self._entered) - self._own

    @contextlib.contextmanager
    def stopped(self):
        if self._entered is not None:
            yield
            return
        self._entered = time.perf_counter()
        try:
            yield
        finally:
            self._own += time.perf_counter() - self._entered
            self._entered = None


class Mark:
    """Now, on the device's current stream: a CUDA event there, the host's clock elsewhere."""

    def __init__(self, device: torch.device, clock: Clock):
        self.device = device
        self.event = None
        if device.type == "cuda":
            with torch.cuda.device(device):
                self.event = torch.cuda.Event(enable_timing=True)
                self.event.record()
        self.host = clock.now()

    def is_past(self) -> bool:
        return self.event is None or self.event.query()

    def wait(self):
        if self.event is not None:
            self.event.synchronize()


def milliseconds(start: Mark, end: Mark):
    """Between two marks that are past; None across devices, whose clocks have no common zero."""
    if start.event is not None and end.event is not None:
        return max(0.0, start.event.elapsed_time(end.event)) if start.device == end.device else None
    return max(0.0, (end.host - start.host) * 1000) if start.event is end.event is None else None


class Fetch:
    """A tensor on its way to the host. From CUDA it is copied behind the work that is queued, into pinned
    memory, so that nothing waits until `value` is asked for; from other devices at once."""

    def __init__(self, tensor: torch.Tensor):
        tensor = tensor.detach()
        self._event = None
        if tensor.device.type == "cuda":
            with torch.cuda.device(tensor.device):
                self._host = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu", pin_memory=True)
                self._host.copy_(tensor, non_blocking=True)
                self._event = torch.cuda.Event()
                self._event.record()
        else:
            self._host = tensor.to("cpu", copy=True)

    def is_ready(self) -> bool:
        return self._event is None or self._event.query()

    def value(self) -> torch.Tensor:
        if self._event is not None:
            self._event.synchronize()
        return self._host


def on_device(values: list, device: torch.device) -> torch.Tensor:
    """Integers as a tensor on a device, sent without waiting for what is queued there."""
    host = torch.tensor(values, dtype=torch.long, device="cpu")
    return host.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else host.to(device)
