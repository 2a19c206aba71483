"""Give texts and notes ids that stay, whatever is mended in the files of the bibliography.

`settling` recognises what was there before, `register` keeps it in the catalogue's file. What an
identity and a name are, `model.identity` says.
"""

from indexer.identities.register import IDENTITY_TABLES, RegisterFile, read_register
from indexer.identities.settling import (
    Register,
    identify_notes,
    identify_texts,
    is_named,
    list_names,
    read_names,
    restore_register,
)

__all__ = [
    "IDENTITY_TABLES",
    "Register",
    "RegisterFile",
    "identify_notes",
    "identify_texts",
    "is_named",
    "list_names",
    "read_names",
    "read_register",
    "restore_register",
]
