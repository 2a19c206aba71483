"""Build the kernel of the embedded engine where there is a C compiler, and do without elsewhere.

Hatchling runs this when it makes a wheel or an editable install. A wheel with the kernel is of one
platform, a wheel without it of any.
"""

import os
import shutil
import subprocess
import sysconfig
import tempfile
import zlib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNEL = "indexer/engines/embedded/kernel"


def build_kernel(source: Path, built: Path, *, compiler: str = "cc") -> bool:
    """Compile `source` to the shared library `built`; False where there is no such compiler.

    What was built before is replaced at once (it may be in use), or removed.
    """
    found = shutil.which(compiler)
    flags = ["-O2", "-shared", "-fPIC", "-ffp-contract=off"]
    marked = f"-DSOURCE={zlib.crc32(source.read_bytes())}u"
    try:
        built.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(dir=built.parent) as place:
            fresh = Path(place) / built.name
            command = [str(found), *flags, marked, "-o", str(fresh), str(source), "-lm"]
            # The compiler is that of whoever builds; nothing of the command comes from elsewhere.
            subprocess.run(command, capture_output=True, check=True)  # noqa: S603
            fresh.replace(built)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


class KernelHook(BuildHookInterface[Any]):
    """Puts the kernel into what is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the kernel, and say for whom the wheel is then."""
        root = Path(self.root)
        if not build_kernel(
            root / f"{KERNEL}.c", root / f"{KERNEL}.bin", compiler=os.environ.get("CC", "cc")
        ):
            self.app.display_info("no C compiler: the engine ranks by numpy alone")
            return
        if version != "editable":
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["tag"] = f"py3-none-{platform}"
            build_data["pure_python"] = False
            build_data["artifacts"].append(f"{KERNEL}.bin")
