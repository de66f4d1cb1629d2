"""The API of licensing: cases and their moves, what assesses them, letters, the public register, the audit log.

Each endpoint reads what the person may see, or calls one action; nothing here writes.
"""
