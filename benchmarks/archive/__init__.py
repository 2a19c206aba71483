"""Count the records of others' archives, beside warcio and fastwarc."""
