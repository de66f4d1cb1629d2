from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from pvara.kernel import roles
from pvara.kernel.models import User


class Command(BaseCommand):
    help = "Give a person a role: the first administrator of a new installation gets theirs so."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("role", help=f"one of: {', '.join(sorted(roles.ROLES))}")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["role"] not in roles.ROLES:
            raise CommandError(
                f"There is no role “{options['role']}”. The roles are: {', '.join(sorted(roles.ROLES))}."
            )
        try:
            user = User.objects.get_by_natural_key(options["email"])
        except User.DoesNotExist:
            raise CommandError(f"Nobody has the e-mail address {options['email']}.") from None
        try:
            roles.grant(user, options["role"], by=None, at=timezone.now())
        except roles.RolesClash as clash:
            raise CommandError(str(clash)) from None
        self.stdout.write(f"{user.email} is now: {roles.ROLES[options['role']].title}.")
