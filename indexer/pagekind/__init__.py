"""What is this page? An article, or what stands in its place, and the words that say so.

`page` reads a page from bytes, markup or a tree; `classify` names its kind by the table of
rules (`gates`, `notices`), then by the words of notices (`weak`), then by its running text.
"""
