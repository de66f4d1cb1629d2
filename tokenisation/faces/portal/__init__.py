"""A venue's pages: its shelf of tokenised assets and the placements that it records."""
