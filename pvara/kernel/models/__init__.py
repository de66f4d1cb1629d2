"""The rows of the ground floor, one noun a module."""

from .audit import AuditEntry
from .people import RoleAssignment, User
from .seals import SealedHead, SealedLeaf

__all__ = ["AuditEntry", "RoleAssignment", "SealedHead", "SealedLeaf", "User"]
