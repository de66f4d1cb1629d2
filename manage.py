#!/usr/bin/env python
"""The door to every management command.

When no DATABASE_URL is set, the bundled PostgreSQL is up for as long as the command runs.
"""

import os
import sys
from contextlib import AbstractContextManager, nullcontext

# They look at the code, not at the rows, so they need no server.
WITHOUT_DATABASE = {
    "help",
    "version",
    "--help",
    "--version",
    "check",
    "collectstatic",
    "compilemessages",
    "makemessages",
}
WITHOUT_DATABASE |= {"diffsettings", "regime", "spectacular"}


def database(command: str) -> AbstractContextManager[None]:
    """The server that the command needs, when it is ours to start."""
    from django.conf import settings

    from pvara.kernel import embedded

    if command in WITHOUT_DATABASE or settings.DATABASE_URL:
        return nullcontext()
    return embedded.held(settings.VAR)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pvara.settings")
    from django.core.management import execute_from_command_line

    from pvara.kernel.embedded import EmbeddedError

    try:
        with database(sys.argv[1] if sys.argv[1:] else "help"):
            execute_from_command_line(sys.argv)
    except EmbeddedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
