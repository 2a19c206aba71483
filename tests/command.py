"""Run `renvois` in this process: a start of the command costs a second of a core, a call none.

Where the process itself is the subject (its exit, signals, environment, the encoding of stdout),
tests start a real one: `[sys.executable, "-m", "indexer", …]`.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from click.testing import CliRunner

from indexer.cli import main
from tests.places import list_settings

# On loopback nobody is spared by a wait between two requests, or before a second try.
WITHOUT_WAITS: Final[Mapping[str, str]] = {
    "RENVOIS_RETRY_DELAY_S": "0",
    "RENVOIS_ARCHIVE_DELAY_S": "0",
    "RENVOIS_CAPTURE": "never",  # a browser takes a second of a core to start
}


def run_command(
    corpus: Path,
    *arguments: str,
    proxy: str = "",
    stdin: str = "",
    environ: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.CompletedProcess[str]:
    """Run a command on a corpus, without settings of the environment but for the proxy, for
    waits and for those that are given.

    Gives what a process would: exit code, stdout, stderr. What would have been a traceback on
    stderr is raised.
    """
    settings: dict[str, str | None] = {
        name: None for name in os.environ if name.startswith("RENVOIS_")
    } | WITHOUT_WAITS
    settings |= list_settings(corpus)
    result = CliRunner(env={**settings, "http_proxy": proxy, **environ}).invoke(
        main, ["--corpus", str(corpus), *arguments], input=stdin, prog_name="renvois"
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)
