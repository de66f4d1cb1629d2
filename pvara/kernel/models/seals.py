"""The rows of the seal: which entry is which leaf of the Merkle tree, and the signed heads of that tree."""

from django.db import models

from .audit import AuditEntry


class SealedLeaf(models.Model):
    """An audit entry's place in the tree. Its hash is kept again here, so that an altered entry can be named."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="leaf")
    hash = models.BinaryField()

    class Meta:
        ordering = ["index"]

    def __str__(self) -> str:
        return f"leaf {self.index}"


class SealedHead(models.Model):
    """The tree's root at one size, signed. A copy is kept as a file outside the database (`kernel/sealing.py`)."""

    tree_size = models.BigIntegerField(primary_key=True)
    previous_size = models.BigIntegerField()
    root = models.BinaryField()
    # The roots of the full subtrees at the tree's right edge: all that is needed to go on growing it.
    frontier = models.BinaryField()
    sealed_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField()
    # Where to go on reading: every entry of a transaction below this number has been sealed.
    sealed_below = models.BigIntegerField()
    # Transaction numbers begin again on another server, so they are compared on the same one only.
    server = models.CharField(max_length=20)

    class Meta:
        ordering = ["tree_size"]
        constraints = [
            models.CheckConstraint(condition=models.Q(tree_size__gt=models.F("previous_size")), name="head_has_grown"),
        ]

    def __str__(self) -> str:
        return f"head at {self.tree_size}"
