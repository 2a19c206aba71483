"""Where the catalogue of a corpus of the tests is: in its folder, or on a server of PostgreSQL.

`make test-postgresql` starts a server, names it in TEST_POSTGRESQL, and runs on it what else runs
on files; what is about the files themselves is marked `sqlite` and left out there.
"""

import hashlib
import os
from pathlib import Path

from indexer.postgresql import ServerAddress

ADDRESS = "TEST_POSTGRESQL"
PASSWORD = "TEST_POSTGRESQL_PASSWORD"


def find_place(folder: Path) -> Path | ServerAddress:
    """Where the catalogue of the corpus in a folder is: in a file, or in a schema of its own."""
    if ADDRESS not in os.environ:
        return folder / "catalogue.sqlite"
    return ServerAddress(
        address=os.environ[ADDRESS], schema=name_schema(folder), password=os.environ[PASSWORD]
    )


def name_schema(folder: Path) -> str:
    return "t_" + hashlib.blake2b(str(folder.resolve()).encode(), digest_size=8).hexdigest()


def write_settings(file: Path, address: str, schema: str) -> None:
    """Write a settings file that names a server."""
    file.write_text(
        f'[catalogue]\naddress = "{address}"\nschema = "{schema}"\n'
        f'password_variable = "{PASSWORD}"\n'
    )


def list_settings(corpus: Path) -> dict[str, str]:
    """List the environment that has a command use the server of the tests, where there is one."""
    if ADDRESS not in os.environ:
        return {}
    file = corpus.parent / f".{corpus.name}.toml"
    corpus.parent.mkdir(parents=True, exist_ok=True)
    write_settings(file, os.environ[ADDRESS], name_schema(corpus))
    return {"RENVOIS_CONFIG": str(file), PASSWORD: os.environ[PASSWORD]}
