"""Judge from the outside whether anything is lost, leaks, or is wrong in silence.

Everything is asked of the real command, each time in a process of its own, and of the real pages
over HTTP on loopback; corpora are made by the real crawl of servers written here.

    make campaign                                       # every part, at length
    python -m tests.campaign --list
    python -m tests.campaign flips=500 kills=100 --seed 1
"""
