"""The regulator's pages: queue, case pages, evidence, ratings, letters, the audit log."""
