"""What every engine must do: the same tests for each (`engines.ENGINES`), through the door alone.

No test here names a file, an array or a library: an engine that passes may stand behind the pages.
What is found, totals, facets, sorts and windows are the same for all; the ranked order that tests
ask for is one that every sensible formula gives.
"""
