"""The guide of installation, followed to the letter on a clean Debian that its own systemd starts.

debootstrap unpacks the system into a folder; namespaces of mounts and processes make it a machine
that shares the network of this one. Every block of shell of docs/deploy.md runs there, in order, as
root; its French twin has the same blocks (`test_docs.py`).
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests import BIBLIOGRAPHY, ROOT
from tests.replay import ReplayServer
from tests.serving import find_free_port

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1800)]
NEEDED = ("debootstrap", "unshare", "nsenter")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
GUIDE = ROOT / "docs" / "deploy.md"
UNSHARE = ("unshare", "--mount", "--pid", "--cgroup", "--fork", "--propagation", "private")
ENTER = ("nsenter", "--mount", "--pid", "--root", "--wd")
TRAP = """cd; trap 'echo "FAILED: $BASH_COMMAND" >&2' ERR"""
# They end with 1 where they have something to say, which the guide tells.
MAY_COMPLAIN = ("bibliography check", "renvois crawl")

# What a container gives to systemd: /proc, devices, and a hierarchy of control groups.
BOOT = """
mount --bind "$0" "$0"; cd "$0"
mount -t proc proc proc; mount -t sysfs -o ro sysfs sys; mount --rbind /dev dev
mount -t tmpfs tmpfs run; mount -t tmpfs tmpfs tmp
if test -e /sys/fs/cgroup/cgroup.controllers; then
  mount -t cgroup2 cgroup sys/fs/cgroup
else
  mount -t tmpfs tmpfs sys/fs/cgroup; mkdir sys/fs/cgroup/systemd
  mount -t cgroup -o none,name=systemd,xattr cgroup sys/fs/cgroup/systemd
fi
exec chroot . env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
"""


class Machine:
    """A Debian in a folder, started by its systemd."""

    def __init__(self, root: Path) -> None:
        self._root = root
        packages = "systemd-sysv,dbus,ca-certificates"
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", str(root)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        # Packages come from where this machine has them from.
        for name in ("/etc/pip.conf", "/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt"):
            if Path(name).exists():
                shutil.copy(name, root / name[1:])
        self._started = subprocess.Popen(
            [*UNSHARE, "bash", "-eu", "-c", BOOT, str(root)],
            stdout=subprocess.DEVNULL,
        )
        self._init = self._find_init()
        self.wait("systemctl is-system-running | grep -E 'running|degraded'")

    def _find_init(self) -> int:
        """Give the number of the process that is the first one there, once it is systemd."""
        children = Path(f"/proc/{self._started.pid}/task/{self._started.pid}/children")
        for _ in range(600):
            for pid in children.read_text(encoding="ascii").split():
                if Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip() == "systemd":
                    return int(pid)
            time.sleep(0.1)
        pytest.fail("systemd did not start")

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a block of shell as root; commands that fail are named on stderr as "FAILED: …"."""
        kept = {name: text for name, text in os.environ.items() if name.startswith("PIP_")}
        return subprocess.run(
            [*ENTER, f"--target={self._init}", "bash", "-c", f"{TRAP}\n{command}"],
            env={"PATH": PATH, "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"} | kept,
            capture_output=True,
            text=True,
            check=False,
        )

    def wait(self, command: str) -> None:
        """Run a command until it succeeds."""
        for _ in range(600):
            if self.run(command).returncode == 0:
                return
            time.sleep(0.2)
        pytest.fail(f"{command}: never")

    def end(self) -> None:
        """Stop everything that runs there, and remove the folder."""
        os.kill(self._init, signal.SIGKILL)
        self._started.wait()
        shutil.rmtree(self._root)


@pytest.fixture
def machine(tmp_path) -> Iterator[Machine]:
    missing = [name for name in NEEDED if shutil.which(name, path=PATH) is None]
    if missing or os.geteuid() != 0:
        pytest.skip(f"needs root and {', '.join(NEEDED)}: `apt-get install debootstrap util-linux`")
    machine = Machine(tmp_path / "root")
    yield machine
    machine.end()


def pack_sources(file: Path, port: int) -> None:
    """Pack what a release holds, with another port than 8000, which may be taken here."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\n")
    folder = file.parent / "renvois"
    for name in filter(None, listed):
        if not name.startswith(("tests/", "benchmarks/", "corpus/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    shutil.copytree(BIBLIOGRAPHY, folder / "corpus" / "bibliography")
    for each in (folder / "deploy").iterdir():
        text = each.read_text(encoding="utf-8")
        each.write_text(text.replace("8000", str(port)), encoding="utf-8")
    subprocess.run(
        ["tar", "--create", "--gzip", "--file", file, "-C", file.parent, "renvois"], check=True
    )


def test_the_guide_puts_a_site_online_and_systemd_keeps_it_there(machine, tmp_path):
    port, public = find_free_port(), find_free_port()
    root = tmp_path / "root"
    pack_sources(tmp_path / "renvois.tar.gz", port)
    shutil.move(tmp_path / "renvois.tar.gz", root / "root")
    guide = GUIDE.read_text(encoding="utf-8")
    (settings,) = re.findall(r"^```toml\n(.*?)^```$", guide, re.M | re.S)
    install, crawl, services, proxy = re.findall(r"^```bash\n(.*?)^```$", guide, re.M | re.S)
    site = root / "etc" / "nginx" / "sites-available" / "default"

    def follow(block: str) -> None:
        done = machine.run(block)
        failed = re.findall(r"^FAILED: (.*)$", done.stderr, re.M)
        unforeseen = [each for each in failed if not any(one in each for one in MAY_COMPLAIN)]
        assert unforeseen == [], done.stdout + done.stderr

    with ReplayServer() as pages:
        follow(install)
        (root / "srv/renvois/renvois.toml").write_text(settings, encoding="utf-8")
        # The pages that are cited are stand-ins; the environment file of the units says where.
        (root / "etc/renvois.env").write_text(f"http_proxy={pages.url}\n", encoding="utf-8")
        follow(f"export http_proxy={pages.url} RENVOIS_RETRY_DELAY_S=0\n{crawl}")
        follow(services)
        site.write_text(
            f"server {{ listen 127.0.0.1:{public}; include snippets/renvois.conf; }}\n",
            encoding="utf-8",
        )
        machine.run("touch /etc/nginx/snippets/renvois.conf && systemctl restart nginx")
        follow(proxy)

        def ask(path: str) -> requests.Response:
            with requests.Session() as session:
                session.trust_env = False
                address = f"http://127.0.0.1:{public}/biblio{path}"
                return session.get(address, headers={"Host": "exemple.fr"}, timeout=60)

        machine.wait(f"systemctl is-active nginx && (echo >/dev/tcp/127.0.0.1/{port})")
        assert "Bibliographie du labo" in ask("/").text
        assert ask("/api/v1/search?q=territoires").json()["total"] > 0
        assert ask("/oai?verb=Identify").status_code == 200
        machine.wait("journalctl --unit renvois-watch | grep --quiet round=done")
        assert ask("/sante").status_code == 200

        # Killed, both come back; stopped, they end at once and leave nothing.
        for unit in ("renvois", "renvois-watch"):
            follow(f"systemctl kill --signal KILL {unit}")
        machine.wait("test $(systemctl show renvois --property NRestarts --value) = 1")
        machine.wait(f"systemctl is-active renvois && (echo >/dev/tcp/127.0.0.1/{port})")
        assert ask("/recherche?q=territoires").status_code == 200
        follow("systemctl stop renvois renvois-watch")
        assert machine.run("systemctl show renvois --property Result --value").stdout == "success\n"
        assert ask("/").status_code == 502
