"""A cluster of OpenSearch beside the folder: relevance, equal answers, pages over HTTP, speed.

    python -m testbed.cluster start
    python -m benchmarks.distributed --collections DIR          # prints tables
    python -m testbed.cluster stop

Each collection is indexed in a folder and on a one-node cluster by the same code, and both are
asked the same questions in the same run, by turns. CPU of the client (this process and its
children) and of the node are told apart. What was measured is in benchmarks/results/distributed.md.
"""
