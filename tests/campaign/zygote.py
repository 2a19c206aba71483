"""Start `renvois` many times without paying its imports each time.

Reads one JSON request a line on stdin, forks, and becomes the command in the child: the child has
imported modules and nothing else, and ends as any Python process does. Answers two lines: the
child's process id at once, then {"code", "max_rss_kb"} when it has ended.
"""

import importlib
import json
import os
import pkgutil
import random
import re
import resource
import signal
import sys
import warnings
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any


def preload() -> None:
    """Import every module of the indexer; run nothing."""
    import indexer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in pkgutil.walk_packages(indexer.__path__, "indexer."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
        importlib.import_module("tests.campaign.questions")


class FileTrace:
    """Note each change of files below a folder just before it is made; kill this process at one.

    A change is told as the operation and the path, without what differs from run to run.
    """

    def __init__(self, under: str, log: str, stop: tuple[str, int] | None) -> None:
        self._under = under
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666) if log else -1
        self._stop = stop  # a change, and which time that it is made
        self._counts: Counter[str] = Counter()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Be an audit hook of Python's (PEP 578)."""
        told = self._describe(event, arguments)
        if not told:
            return
        self._counts[told] += 1
        if self._log >= 0:
            os.write(self._log, f"{told}\n".encode())
        if self._stop == (told, self._counts[told]):
            os.killpg(0, signal.SIGKILL)

    def _describe(self, event: str, arguments: tuple[Any, ...]) -> str:
        match event, arguments:
            case "open", (str() | Path() as path, mode, int(flags)):
                if flags & (os.O_WRONLY | os.O_RDWR):
                    return self._name("write", path)
                # Who opens by the system's call to read is about to have the disk keep it.
                return self._name("sync", path) if mode is None else ""
            case "os.rename", (source, target, *_):
                return self._name("rename", source, target)
            case (("os.remove" | "os.rmdir"), (path, int(folder))):
                if folder >= 0:
                    path = Path(f"/proc/self/fd/{folder}").readlink() / path
                return self._name(event[3:], path)
            case "os.mkdir", (path, *_):
                return self._name("mkdir", path)
        return ""

    def _name(self, what: str, *paths: Any) -> str:
        names = [os.path.relpath(os.path.realpath(path), self._under) for path in paths]
        if any(name.startswith("..") for name in names):
            return ""
        told = " ".join((what, *names))
        # The names that `disk.swap_in` gives for a moment.
        told = re.sub(r"((?:^|[/\s])\.[^/\s]+\.)[0-9a-z_]{8}(?=\s|$)", r"\1*", told)
        told = re.sub(r"(?<=_)[0-9a-z]{10,}|[0-9a-f-]{36}|(?<=-)[0-9a-f]{12}", "*", told)
        return re.sub(r"\d+", "#", told)


def become(request: dict[str, Any]) -> None:
    """Turn this forked process into the one that the request describes."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever runs the campaign ignores
    for fd, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["stdout"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, request["stderr"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        # Who opens a terminal is not therefore governed by it.
        os.dup2(os.open(path, flags | os.O_NOCTTY, 0o666), fd)
    random.seed()  # a forked generator would repeat its parent's numbers
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    if request["max_file_bytes"] is not None:
        limit = request["max_file_bytes"]
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if request["uid"] is not None:
        os.setgroups([])
        os.setgid(request["uid"])
        os.setuid(request["uid"])
    if request["trace"] is not None:
        stop = request["trace"]["stop"]
        trace = FileTrace(
            request["trace"]["under"], request["trace"]["log"], (*stop,) if stop else None
        )
        sys.addaudithook(trace)
    sys.argv = ["renvois", *request["argv"]]


def kill_before(function: str, count: int) -> None:
    """Kill this process as soon as that function is called for the `count`th time."""
    left = count

    def trace(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal left
        if event == "call" and frame.f_code.co_name == function:
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.settrace(trace)


def serve() -> dict[str, Any] | None:
    """Answer requests until stdin ends; in a child, the request that it is to answer."""
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            become(request)
            return request
        print(pid, flush=True)
        _, status, usage = os.wait4(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        print(json.dumps({"code": code, "max_rss_kb": usage.ru_maxrss}), flush=True)
    return None


if __name__ == "__main__":
    preload()
    wanted = serve()
    if wanted is not None and wanted["questions"]:
        from tests.campaign import questions

        questions.main(Path(wanted["questions"]))
    elif wanted is not None:
        from indexer.__main__ import run

        if wanted["killed_before"]:
            kill_before(*wanted["killed_before"])
        run()
