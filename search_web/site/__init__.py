"""The ground of every page: its address, language, head, and what the site holds at hand."""
