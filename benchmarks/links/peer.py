"""Run LinkChecker (Debian's, or PyPI's) on a list of URLs and read its verdicts."""

import csv
import io
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

VALID: Final = "alive"
ERROR: Final = "dead"
UNDECIDED: Final = "indécis"


def find_version() -> str | None:
    """The version of LinkChecker, or None where there is none."""
    if shutil.which("linkchecker") is None:
        return None
    said = subprocess.run(
        ["linkchecker", "--version"], capture_output=True, text=True, timeout=60
    ).stdout
    return said.split()[1] if said.split()[1:] else "?"


def check(urls: Sequence[str], *, ca_file: Path, timeout_s: int) -> Mapping[str, str]:
    """URL -> "alive" (valid), "dead" (error) or "indécis" (robots.txt forbids, or no word)."""
    with tempfile.TemporaryDirectory() as folder:
        # As root, LinkChecker becomes nobody before it reads anything.
        place = Path(folder)
        place.chmod(0o755)
        authority = place / "ca.pem"
        authority.write_bytes(ca_file.read_bytes())
        config = place / "linkcheckerrc"
        config.write_text(
            f"[checking]\nsslverify={authority}\ntimeout={timeout_s}\nthreads=16\n"
            "recursionlevel=0\n[output]\nstatus=0\nverbose=1\nwarnings=1\nlog=csv\n"
        )
        for path in (authority, config):
            path.chmod(0o644)
        done = subprocess.run(
            ["linkchecker", f"--config={config}", "--stdin"],
            input="\n".join(urls),
            capture_output=True,
            text=True,
            timeout=900,
            cwd=folder,
        )
    return dict.fromkeys(urls, UNDECIDED) | _read(done.stdout)


def _read(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    rows = csv.DictReader(io.StringIO("\n".join(lines)), delimiter=";")
    said = {}
    for row in rows:
        is_refused = "robots.txt" in f"{row['warningstring']} {row['infostring']} {row['result']}"
        verdict = VALID if row["valid"] == "True" else ERROR
        said[row["urlname"]] = UNDECIDED if is_refused else verdict
    return said
