"""What every page stands on: its address, language, head, and what the site holds at hand."""
