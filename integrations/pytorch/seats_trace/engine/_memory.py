"""Memory of the process and of its GPUs, in bytes."""

import pathlib
import resource

import torch

PAGE = resource.getpagesize()


def memory(devices):
    """What is in use, the most that was, and what is free: on the GPUs of the model where it has any, else of the machine."""
    found = [torch.device(name) for name in devices if name.startswith("cuda")]
    made = {"rss_bytes": _resident(), "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
    if found:
        made["allocated_bytes"] = sum(torch.cuda.memory_allocated(device) for device in found)
        made["peak_allocated_bytes"] = sum(torch.cuda.max_memory_allocated(device) for device in found)
        made["free_bytes"] = sum(torch.cuda.mem_get_info(device)[0] for device in found)
    else:
        made["free_bytes"] = _available()
    return {key: value for key, value in made.items() if value is not None}


def _resident():
    try:
        return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * PAGE
    except (OSError, ValueError, IndexError):
        return None


def _available():
    try:
        for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None
