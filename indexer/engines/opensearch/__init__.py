"""The engine of many machines: an index in a cluster of OpenSearch, behind the door of `protocol`.

Nothing of French nor of what was typed is known to the cluster: it keeps terms that `rows` makes
with our analysis, and carries out plans (`compile`) by our formula (`mapping`).
"""
