"""Compare results with those that are kept, so that who changes them raises a version number.

`python -m tests.golden` writes the kept results anew; it refuses where results changed and the
number did not.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

COMMAND: Final = "python -m tests.golden"


@dataclass(frozen=True, kw_only=True)
class Golden:
    """Results, each as a digest, with what they were made with."""

    version: int
    libraries: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, str]


def digest(facts: Any) -> str:
    text = json.dumps(facts, ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def find_fault(held: Golden, made: Golden, *, constant: str) -> str:
    """Say what is to be done before `made` can be kept in place of `held`; "" for nothing."""
    changed = sorted(
        name for name, value in made.results.items() if held.results.get(name, value) != value
    )
    if not changed or made.version != held.version:
        return ""
    named = ", ".join(changed[:5]) + (" …" if len(changed) > 5 else "")
    moved = {
        name: f"{held.libraries.get(name)} -> {release}"
        for name, release in made.libraries.items()
        if held.libraries.get(name) != release
    }
    if moved:  # the releases stand in the fingerprint: what is stored is read again without us
        return ""
    return (
        f"{len(changed)} results changed ({named}) and {constant} is still {made.version}. "
        f"If that is meant, raise it, so that what is stored is read again; then `{COMMAND}`."
    )


def check(path: Path, made: Golden, *, constant: str) -> None:
    """Fail where results are not those kept, and say what to do."""
    held = read(path)
    fault = find_fault(held, made, constant=constant)
    assert not fault, fault
    assert held == made, (
        f"{path.name} was made with {constant} {held.version} and {dict(held.libraries)}, these "
        f"are {made.version} and {dict(made.libraries)}, or cases were added: run `{COMMAND}`."
    )


def read(path: Path) -> Golden:
    return Golden(**json.loads(path.read_text(encoding="utf-8")))


def write(path: Path, made: Golden, *, constant: str) -> str:
    """Keep results in place of those kept until now; what was done, or why not."""
    fault = find_fault(read(path), made, constant=constant) if path.exists() else ""
    if fault:
        return fault
    kept = {
        "version": made.version,
        "libraries": dict(sorted(made.libraries.items())),
        "results": dict(sorted(made.results.items())),
    }
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return ""


def main() -> int:
    from tests.bibliography import test_reading_cache as readings
    from tests.extract import test_golden_results as extract
    from tests.links import test_zoo as links
    from tests.pipeline import test_stamps as stamps

    makers: list[tuple[Path, str, Callable[[], Golden]]] = [
        (extract.GOLDEN, extract.CONSTANT, extract.make_golden),
        (links.GOLDEN, links.CONSTANT, _make_links),
        (stamps.GOLDEN, stamps.CONSTANT, _make_stamps),
        (readings.GOLDEN, readings.CONSTANT, readings.make_golden),
    ]
    faults = [write(path, make(), constant=constant) for path, constant, make in makers]
    for fault in filter(None, faults):
        print(fault, file=sys.stderr)
    return int(any(faults))


def _make_links() -> Golden:
    from tests.links.test_zoo import make_golden, visit_zoo

    with tempfile.TemporaryDirectory() as folder:
        return make_golden(visit_zoo(Path(folder)))


def _make_stamps() -> Golden:
    from tests.pipeline.test_stamps import make_golden

    with tempfile.TemporaryDirectory() as folder:
        return make_golden(Path(folder))


if __name__ == "__main__":
    raise SystemExit(main())
