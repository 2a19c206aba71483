"""Import this to have the libraries and the language model in memory.

The fork server of `workers` does, once; its workers are then ready as soon as they are forked,
and what is there for good is not walked through again at each collection of garbage.
"""

import gc

import ftfy as _ftfy  # noqa: F401 - imported to be there, like the next ones
from charset_normalizer import from_bytes as _from_bytes  # noqa: F401

from indexer.extract import document as _document  # noqa: F401
from indexer.extract import page as _page  # noqa: F401
from indexer.extract.metadata import find_language

find_language("Les textes sont lus un par un, chacun dans un processus à part. " * 4)
gc.freeze()
