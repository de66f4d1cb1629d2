"""People and the roles they hold. What a role may do is code (`kernel/roles.py`), who holds it is data."""

from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, *, name: str = "") -> "User":
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **more: object) -> "User":
        # A superuser would hold every permission, so could decide every case: the house has none.
        raise NotImplementedError("There are no superusers here; grant a role with `manage.py grant_role`.")

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person: an applicant, a member of staff, or the owner of a machine's token. Signs in by e-mail."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="nobody_is_superuser"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def role_codes(self) -> frozenset[str]:
        """The roles this person holds; read once for the length of a request."""
        return frozenset(self.role_assignments.values_list("role", flat=True))

    @property
    def is_staff(self) -> bool:
        """Whether this person works for the regulator or the state, in any role."""
        return bool(self.role_codes)


class RoleAssignment(models.Model):
    """One role of one person; taken away by deleting the row, which the audit log remembers."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.CharField(max_length=40)
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="role_held_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"
