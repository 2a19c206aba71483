"""Start a private PostgreSQL server on loopback for the tests; stop it again.

    python -m testbed.postgresql COMMAND...   # runs a command beside one, named in TEST_POSTGRESQL

It needs the programs of Debian's `postgresql` (`initdb`, `postgres`), on PATH or under
/usr/lib/postgresql. The server lives in a folder of its own and is let in by a password alone. It
refuses to run as root: started by root, it runs as nobody.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

_MOST_WAITED_S: Final = 60.0
# What makes a server of tests quick, and would lose what was written in a power cut.
_QUICK: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class NoServerError(Exception):
    """Raised where no server can be had here; says why, and what to do."""


class Server(NamedTuple):
    """A server that runs: its address without the password, the password."""

    address: str
    password: str
    process_id: int


def find_programs() -> Path:
    """Find the folder of the server's programs. Raises NoServerError."""
    named = shutil.which("postgres")
    found = [Path(named).resolve().parent] if named else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    for folder in reversed(found):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServerError("no PostgreSQL is here: apt-get install postgresql")


@contextmanager
def run_server() -> Iterator[Server]:
    """Run a server for as long as it is needed. Raises NoServerError."""
    programs = find_programs()
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    with tempfile.TemporaryDirectory(prefix="renvois-postgresql-", dir="/var/tmp") as name:
        folder = Path(name)
        password = secrets.token_hex(8)
        (folder / "password").write_text(password)
        if user:
            for path in (folder, folder / "password"):
                os.chown(path, user["user"], user["group"])
        data = folder / "data"
        begun = ["initdb", "-D", data, "-U", "renvois", "-A", "scram-sha-256", "-E", "UTF8"]
        begun += ["--locale=C", "--no-sync", "--no-instructions", f"--pwfile={folder}/password"]
        run = subprocess.run(
            [programs / begun[0], *begun[1:]], cwd=folder, capture_output=True, text=True, **user
        )
        if run.returncode:
            raise NoServerError(f"initdb failed: {run.stderr}")
        process, port = _start(programs, data, folder, user)
        try:
            yield Server(f"postgresql://renvois@127.0.0.1:{port}/postgres", password, process.pid)
        finally:
            process.terminate()  # SIGTERM: it waits for connections; SIGINT below does not
            try:
                process.wait(1)
            except subprocess.TimeoutExpired:
                process.send_signal(2)
                process.wait(_MOST_WAITED_S)


def _start(
    programs: Path, data: Path, folder: Path, user: dict[str, Any]
) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on a free port; another program may take one between look and use."""
    for _ in range(20):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        options = [f"-c{each}" for each in _QUICK]
        options += ["-cunix_socket_directories=", "-clisten_addresses=127.0.0.1", f"-p{port}"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, *options],
                cwd=folder, stdout=log, stderr=log, **user,
            )  # fmt: skip
        started = time.monotonic()
        while process.poll() is None and time.monotonic() - started < _MOST_WAITED_S:
            if b"ready to accept connections" in (folder / "log").read_bytes():
                return process, port
            time.sleep(0.05)
    raise NoServerError((folder / "log").read_text(errors="replace"))


def main(command: list[str]) -> int:
    """Run a command with a server of its own, named in TEST_POSTGRESQL; give its exit code."""
    with run_server() as server:
        named = {"TEST_POSTGRESQL": server.address, "TEST_POSTGRESQL_PASSWORD": server.password}
        return subprocess.run(command, env={**os.environ, **named}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
