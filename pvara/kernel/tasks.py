"""Periodic and queued work of the ground floor."""
