"""Scores of many firms at once, and what became of each over time.

`scored` says who is scored, at which phases and by which version, and asks the database for their figures.
"""
