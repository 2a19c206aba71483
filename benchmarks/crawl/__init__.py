"""How fast, in how much memory, and how near to the limit of politeness we crawl, beside peers."""
