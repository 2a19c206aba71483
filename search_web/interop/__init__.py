"""Texts and references in the conventions of other programs: feeds, exports, OAI-PMH, Memento."""
