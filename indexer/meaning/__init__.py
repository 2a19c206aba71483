"""Here are documents, keep what they mean; here is a question, find what is near it in meaning.

passages    a document -> passages of 100 to 150 words, named by the digests of their words
embedders   texts -> vectors: the bundled model, or an ONNX model of a folder
vectors     vectors on disk: a log while they are made, one mapped file once they are published
building    what an index holds -> its vectors, resumably; how far that is; what is forgotten
nearest     a question -> an order of words and meaning, and passages; by `engines.nearness`

Nothing here is imported by a site that does not use it.
"""
