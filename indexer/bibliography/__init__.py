"""Here is a folder of references and notes; give me References, Notes, Citations, Problems.

In reading order:

    folder        the only shell: files -> one Bibliography
    plaintext     a format's text -> blocks
    page          blocks -> roles: heading, reference, note, entry, furniture
    headings      which lines are headings, and of which level
    furniture     navigation, cards of events and tools
    annotated     which note comments on which reference
    lines/        one free-text line -> the fields of a Reference
    gathering     many files -> one Bibliography
    keys          identifiers that hold when files are edited
"""

from indexer.bibliography.folder import read_bibliography

__all__ = ["read_bibliography"]
