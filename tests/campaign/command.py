"""The command `renvois`, run in processes of its own, and what it said."""

import errno
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.command import WITHOUT_WAITS

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 300.0


def clean_environment() -> dict[str, str]:
    """The environment without the settings and proxies of whoever runs this."""
    left_out = ("RENVOIS_", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(left_out)}
    # What a command says of itself is looked into in English, whatever the locale.
    return (
        kept
        | {"LC_ALL": "", "LC_MESSAGES": "en_US.UTF-8"}
        | WITHOUT_WAITS
        | {"PYTHONPATH": str(ROOT)}
    )


@dataclass(frozen=True, slots=True)
class Done:
    """How one command ended."""

    argv: tuple[str, ...]
    code: int
    stdout: bytes
    stderr: bytes
    max_rss_kb: int = 0

    @property
    def is_raw(self) -> bool:
        """Say whether an exception of a library, or a signal that nobody sent, ended it."""
        text = self.stdout + self.stderr
        return b"Traceback (most recent call last)" in text or self.code < 0

    @property
    def err(self) -> str:
        return self.stderr.decode(errors="replace")

    def rows(self) -> list[Any]:
        """The JSON Lines of stdout; a last line that a kill cut off is left out."""
        return [
            json.loads(line) for line in self.stdout.splitlines(keepends=True) if line[-1:] == b"\n"
        ]

    def __str__(self) -> str:
        last = self.err.strip().splitlines()[-1:] or [""]
        return f"renvois {' '.join(self.argv)}: exit {self.code}: {last[0][:160]}"


class Zygote:
    """A process that has imported the program, and forks it at each request."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.campaign.zygote"],
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, request: dict[str, Any], started: Callable[[int], None] | None) -> dict[str, int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        watch = threading.Timer(TIMEOUT_S, kill_group, (pid,))
        watch.start()
        try:
            if started is not None:
                started(pid)
            return json.loads(self._process.stdout.readline())
        finally:
            watch.cancel()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(TIMEOUT_S)
        self._process.stdout.close()


class Terminal:
    """A terminal of the system's, and all that programs write to it."""

    def __enter__(self) -> Self:
        self._ours, self._theirs = os.openpty()
        self.name = os.ttyname(self._theirs)
        self._shown: list[bytes] = []
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()
        return self

    def _follow(self) -> None:
        while True:
            try:
                octets = os.read(self._ours, 65536)
            except OSError as error:  # how Linux says that nobody has the other end any more
                if error.errno != errno.EIO:
                    raise
                return
            self._shown.append(octets)

    def read(self) -> bytes:
        """All that was shown, once the programs have ended."""
        os.close(self._theirs)
        self._theirs = -1
        self._thread.join(TIMEOUT_S)
        return b"".join(self._shown)

    def __exit__(self, *_exception: object) -> None:
        if self._theirs >= 0:
            os.close(self._theirs)
        self._thread.join(TIMEOUT_S)
        os.close(self._ours)


def kill_group(pid: int) -> None:
    """Kill -9 the process and its children; one that has ended is no error."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):  # not yet the leader of its group
        os.kill(pid, signal.SIGKILL)


class Commands:
    """Runs commands, as many at a time as there are zygotes."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._folder = folder
        self._zygotes: queue.Queue[Zygote] = queue.Queue()
        self.workers = workers
        for _ in range(workers):
            self._zygotes.put(Zygote())

    def close(self) -> None:
        for _ in range(self.workers):
            self._zygotes.get().close()

    def run(
        self,
        corpus: Path,
        *argv: str,
        proxy: str = "",
        env: dict[str, str] | None = None,
        config: Path | None = None,
        max_file_bytes: int | None = None,
        uid: int | None = None,
        started: Callable[[int], None] | None = None,
        questions: Path | None = None,
        terminal: bool = False,
        killed_before: tuple[str, int] | None = None,
        trace: dict[str, Any] | None = None,
    ) -> Done:
        """Run `renvois --corpus CORPUS ARGV…` to its end, or until `started` kills it.

        With `questions`, ask the index in that folder all of `questions.py` instead. On a
        `terminal` all that it shows is the stdout of what is given. `killed_before` is a function
        of the program, and before which of its calls the process is killed. `trace` is what
        `FileTrace` of `zygote.py` takes: below which folder changes of files are noted, in which
        file, and at which of them the process is killed.
        """
        config = config or self._folder / "renvois.toml"
        request = {
            "argv": ["--corpus", str(corpus), "--config", str(config), *argv],
            "env": {"http_proxy": proxy, "https_proxy": proxy} | (env or {}),
            "cwd": str(self._folder),
            "max_file_bytes": max_file_bytes,
            "uid": uid,
            "trace": trace,
            "questions": str(questions) if questions is not None else "",
            "killed_before": killed_before,
        }
        if terminal:
            with self._borrow() as zygote, Terminal() as screen:
                request |= {"stdout": screen.name, "stderr": screen.name}
                end = zygote.run(request, started)
                shown = screen.read()
            return Done(tuple(argv), end["code"], shown, b"", end["max_rss_kb"])
        with tempfile.TemporaryDirectory() as said, self._borrow() as zygote:
            request |= {name: f"{said}/{name}" for name in ("stdout", "stderr")}
            end = zygote.run(request, started)
            out, err = ((Path(said) / name) for name in ("stdout", "stderr"))
            texts = [path.read_bytes() if path.exists() else b"" for path in (out, err)]
            return Done(tuple(argv), end["code"], texts[0], texts[1], end["max_rss_kb"])

    @contextmanager
    def _borrow(self) -> Iterator[Zygote]:
        zygote = self._zygotes.get()
        try:
            yield zygote
        except BaseException:
            zygote.close()  # what it says of this request must not be taken for the next one's
            zygote = Zygote()
            raise
        finally:
            self._zygotes.put(zygote)


def execute(
    corpus: Path,
    argv: Sequence[str],
    *,
    config: Path,
    proxy: str = "",
    env: dict[str, str] | None = None,
) -> Done:
    """Run the command by exec, for its own peak memory or where a library is preloaded."""
    command = [
        sys.executable,
        "-m",
        "indexer",
        "--corpus",
        str(corpus),
        "--config",
        str(config),
        *argv,
    ]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=clean_environment() | {"http_proxy": proxy, "https_proxy": proxy} | (env or {}),
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        watch = threading.Timer(TIMEOUT_S, kill_group, (process.pid,))
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        watch.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Done(tuple(argv), process.returncode, out.read(), err.read(), usage.ru_maxrss)
