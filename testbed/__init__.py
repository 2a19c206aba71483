"""What tests and benchmarks both run against; it imports neither of them.

hostile      a server that misbehaves on purpose, over real sockets
zoo          servers in every state that a link can be in, and a visitor with a turned clock
exhaustive   a plan carried out by Whoosh's own search, over every document
"""
