"""Classify a web page: an article, or a page shown instead, with the words that decided.

`page` reads a page from bytes, markup or a tree; `classify` names its kind by the table of
rules (`gates`, `notices`), then by the words of notices (`weak`), then by its running text.
"""
