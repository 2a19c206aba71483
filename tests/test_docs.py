"""The guides tell the truth: their commands run, their paths are there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import WITHOUT_WAITS

ROOT = Path(__file__).parents[1]
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read_commands(path: Path) -> list[str]:
    """The blocks of shell of a page, in their order."""
    return SHELL_BLOCK.findall(path.read_text(encoding="utf-8"))


def run(command: str, folder: Path) -> str:
    """Run a block as a reader would, `renvois` and `python` being those of this environment."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("RENVOIS_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eu", "-c", command],
        cwd=folder,
        env=environ | WITHOUT_WAITS | {"PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)  # some ten processes, on whatever machine
def test_the_commands_of_the_first_guides_run_in_their_order(tmp_path):
    told = [
        run(command, tmp_path)
        for page in ("getting-started.md", "command.md")
        for command in read_commands(ROOT / "docs" / page)
    ]

    assert any("essai-2016-atelier" in each for each in told), told
    assert any("TY  - " in each for each in told), told


def test_the_how_tos_name_tests_and_commands_that_are_there(tmp_path):
    commands = [
        line
        for block in read_commands(ROOT / "CONTRIBUTING.md")
        for line in block.splitlines()
        if line.startswith(("python -m pytest", "renvois"))
    ]
    assert len(commands) >= 5
    for command in commands:
        if command.startswith("renvois"):
            run(command, tmp_path)
            continue
        for path in re.findall(r"tests/\S+", command):
            assert (ROOT / path).exists(), command


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")), ids=lambda path: path.name)
def test_the_links_of_a_page_beside_the_code_lead_somewhere(path):
    """Those under docs/ are checked when they are built (`make docs`, strict)."""
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
