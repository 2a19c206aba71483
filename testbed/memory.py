"""Measure the memory of this process."""

import resource
import sys
from pathlib import Path


def measure_peak_kib() -> int:
    """Give the most that this process has held, in KiB, since its start or `forget_peak`.

    Linux counts what a parent had used towards `ru_maxrss`, even after an exec.
    """
    status = Path("/proc/self/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def forget_peak() -> None:
    """Let the peak of this process begin anew from what it holds now, where Linux can (proc(5))."""
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5")
