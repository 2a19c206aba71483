"""JSON for programs, and its description."""
