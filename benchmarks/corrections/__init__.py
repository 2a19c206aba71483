"""How many right words are searched as another because no text of a corpus has them.

    python -m benchmarks.corrections --collections DIR [--only NAME] [--show]

The words are those that the other collections of DIR have most often and that one lacks; what is
asked of an engine is that it replaces none of them. The list is made here each time.
"""
