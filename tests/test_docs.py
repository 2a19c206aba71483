"""The guides tell the truth: their commands run, their paths are there."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from indexer.settings import read_settings
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


DEPLOYED = ("deploy.md", "installer-au-labo.md")


@pytest.mark.parametrize("page", DEPLOYED)
def test_the_settings_of_a_site_put_online_are_read(tmp_path, page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (block,) = re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    file = tmp_path / "renvois.toml"
    file.write_text(block, encoding="utf-8")
    settings = read_settings(environ={}, file=file)

    assert settings.base_url == "https://exemple.fr/biblio"
    assert settings.trusted_proxies == 1
    named = set(re.findall(r"deploy/([\w.-]+\.\w+|Containerfile)", text))
    assert named <= {each.name for each in (ROOT / "deploy").iterdir()}


def test_both_languages_run_the_same_commands():
    blocks = [
        re.findall(r"^```bash\n(.*?)^```$", (ROOT / "docs" / page).read_text("utf-8"), re.M | re.S)
        for page in DEPLOYED
    ]

    assert blocks[0] == blocks[1]
    assert len(blocks[0]) == 4


def test_units_run_commands_that_are_there():
    for unit in (ROOT / "deploy").glob("*.service"):
        command = re.search(r"^ExecStart=\S+/renvois (.+)$", unit.read_text("utf-8"), re.M)
        assert command is not None
        run(f"renvois {command[1].split()[0]} --help >/dev/null", ROOT / "tests")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units(tmp_path):
    for unit in (ROOT / "deploy").glob("renvois*.[st]*"):
        text = unit.read_text("utf-8").replace("/srv/renvois/.venv/bin/renvois", sys.executable)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    units = sorted(map(str, tmp_path.iterdir()))
    assert len(units) == 4
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_container_copies_what_a_build_needs_and_names_its_registry():
    container = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", container, re.M)
    names = {name for line in copied for name in line.split()}
    needed = {*wheel["packages"], *project["project"]["license-files"]}
    needed |= {project["project"]["readme"], "pyproject.toml", "hatch_build.py"}
    needed |= {"requirements.lock", "requirements-build.lock"}
    assert "custom" in wheel["hooks"]  # which is hatch_build.py
    assert names == needed
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == names
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    images = [each["image"] for each in compose["services"].values()]
    images += re.findall(r"^FROM (\S+)", container, re.M)
    # Debian's podman knows no registry for a bare name.
    assert [each for each in images if not re.match(r"(docker\.io|localhost)/", each)] == []
