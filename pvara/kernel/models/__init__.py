"""The rows of the ground floor, one noun a module."""

from .audit import AuditEntry
from .clock import ClockFlag, ClockInterval, Holiday
from .figures import Figure
from .outbox import Job
from .people import RoleAssignment, User
from .seals import SealedHead, SealedLeaf

__all__ = [
    "AuditEntry",
    "ClockFlag",
    "ClockInterval",
    "Figure",
    "Holiday",
    "Job",
    "RoleAssignment",
    "SealedHead",
    "SealedLeaf",
    "User",
]
