"""Time that a device really took: CUDA events, or the host's clock."""

import time

import torch


class Clock:
    """Marks on a device; `milliseconds` waits for the device once."""

    def __init__(self, device):
        self.device = device
        self.marks = [self._now()]

    def mark(self, device=None):
        self.marks.append(self._now(device))

    def _now(self, device=None):
        device = device or self.device
        if device.type == "cuda":
            event = torch.cuda.Event(enable_timing=True)
            event.record(torch.cuda.current_stream(device))
            return device, event, time.perf_counter()
        return device, None, time.perf_counter()

    def milliseconds(self):
        """Between each mark and the one before. Marks on different devices are apart by the host's clock."""
        for device in {mark[0] for mark in self.marks if mark[1] is not None}:
            torch.cuda.synchronize(device)
        return [self._between(a, b) for a, b in zip(self.marks, self.marks[1:])]

    @staticmethod
    def _between(a, b):
        if a[1] is not None and b[1] is not None and a[0] == b[0]:
            return a[1].elapsed_time(b[1])
        return (b[2] - a[2]) * 1000
