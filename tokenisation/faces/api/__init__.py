"""The API of the registry: the programme, its assets, who may distribute them, and the entries of the ledger.

Each endpoint reads what the person may see, or calls one action; nothing here writes.
"""
