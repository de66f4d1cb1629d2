"""The only code of the registry that writes, one noun a module. Importing it registers what follows a move."""

from . import assets, authorisations, ledger, night, programme

__all__ = ["assets", "authorisations", "ledger", "night", "programme"]
