"""`python -m benchmarks`: run what can be run here, one benchmark after the other.

Those that need data of others are run where an environment variable says where it is, and named
as left out where none does.
"""

import os
import subprocess
import sys

# Module, its arguments, and the variable that names the folder it needs ("": none).
BENCHMARKS = (
    ("benchmarks.bibliography", (), ""),
    ("benchmarks.crawl", (), ""),
    ("benchmarks.links", (), ""),
    ("benchmarks.relevance", (), "BENCH_COLLECTIONS"),
    ("benchmarks.search", (), "BENCH_COLLECTIONS"),
    ("benchmarks.extract", ("--layout", "scrapinghub"), "BENCH_SCRAPINGHUB"),
    ("benchmarks.extract", ("--layout", "trafilatura"), "BENCH_TRAFILATURA"),
    ("benchmarks.extract", ("--layout", "wcxb"), "BENCH_WCXB"),
)
TAKES_FOLDER = frozenset({"benchmarks.extract"})  # as an argument, not from the environment


def main() -> int:
    """Run them; give 1 when one of them failed."""
    failed = []
    for module, arguments, variable in BENCHMARKS:
        name = " ".join((module, *arguments))
        folder = os.environ.get(variable, "") if variable else ""
        if variable and not folder:
            print(f"\n## {name}: left out, {variable} names no folder", flush=True)
            continue
        print(f"\n## {name}", flush=True)
        given = [folder] if module in TAKES_FOLDER else []
        command = [sys.executable, "-m", module, *arguments, *given]
        if subprocess.run(command, check=False).returncode != 0:
            failed.append(name)
    for name in failed:
        print(f"failed: {name}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
