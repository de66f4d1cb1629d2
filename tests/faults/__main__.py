"""`python -m tests.faults SECONDS SEED`: the siege, run beside the test that asks for it."""

import os
import sys

import django


def main(seconds: float, seed: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pvara.settings")
    django.setup()
    # Models are there from here on.
    from tests.faults.siege import besiege

    besiege(seconds, seed)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
