"""The rows of the ground floor, one noun a module."""

from .people import RoleAssignment, User

__all__ = ["RoleAssignment", "User"]
