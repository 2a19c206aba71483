"""Here is a folder of references and notes; give me References, Notes, Citations, Problems.

The files that people edit are the truth: there is no import step. In reading order:

    folder          the only shell: files -> one Bibliography; keeps how each file was read
    readers         bytes -> text, or "this is no text"; who reads a file
    plaintext, markdown, webpage     a page -> blocks
    parting         blocks that hold several things (labels, rows, lines) -> one thing each
    linked          a block with links -> its references and what is said of them
    page, surroundings               blocks -> roles: heading, reference, note, entry, furniture
    annotated       which note comments on which reference
    lines/          one free-text line -> the fields of a Reference (`law`: laws, norms, decisions)
    formats/        the formats of other programs: one module each
    findings, latex                  records -> findings, and what is left of them; LaTeX
    corrections     what a person says of a line; it always wins
    gathering       many files -> one Bibliography: merged, with identifiers that hold
    checking        what is to mend, with file and line
"""

from indexer.bibliography.folder import read_bibliography

__all__ = ["read_bibliography"]
