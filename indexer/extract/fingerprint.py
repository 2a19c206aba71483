"""Say which extractor this is, so that what an older one read is read again.

The fingerprint changes with any line of this room and with the version of any library that
reads for it: what was extracted is rebuilt from the archive, and never stale.
"""

import hashlib
from importlib import metadata, resources
from typing import Final

LIBRARIES: Final = (
    "trafilatura",
    "htmldate",
    "lxml",
    "beautifulsoup4",
    "readability-lxml",
    "resiliparse",
    "py3langid",
    "charset-normalizer",
    "ftfy",
    "pypdfium2",
)


def compute_fingerprint() -> str:
    """Twelve hexadecimal digits, of this room's sources and its libraries' versions."""
    digest = hashlib.sha256()
    room = resources.files("indexer.extract")
    for module in sorted(room.iterdir(), key=lambda entry: entry.name):
        if module.name.endswith(".py"):
            digest.update(module.name.encode() + b"\0" + module.read_bytes() + b"\0")
    for library in LIBRARIES:
        digest.update(f"{library}={metadata.version(library)}\0".encode())
    return digest.hexdigest()[:12]


FINGERPRINT: Final = compute_fingerprint()
