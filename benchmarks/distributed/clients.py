"""Write texts to a cluster, in a process of its own too: no other can import `__main__`."""

from collections.abc import Sequence

from benchmarks.relevance.collections import Text
from benchmarks.relevance.engines import make_document
from indexer.engines.opensearch.client import ClusterOptions
from indexer.engines.opensearch.writer import OpenSearchWriter


def write(options: ClusterOptions, texts: Sequence[Text]) -> None:
    """Index texts anew."""
    writer = OpenSearchWriter(options)
    writer.begin(is_anew=True)
    writer.put([make_document(each) for each in texts])
    writer.finish()
