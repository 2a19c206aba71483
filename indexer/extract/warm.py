"""Import this to have the libraries and the language model in memory.

The fork server of `workers` does, once; its workers are then ready as soon as they are forked,
and what is there for good is not walked through again at each collection of garbage.
"""

import gc

from indexer.extract import article as _article  # noqa: F401 - imported to be there
from indexer.extract.language import find_language

find_language("Les textes sont lus un par un, chacun dans un processus à part. " * 4)
gc.freeze()
