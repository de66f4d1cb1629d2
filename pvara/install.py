"""Prepares a machine for the project: Debian packages, the virtual environment, the hash-locked Python packages.

Standard library only and readable by older Pythons than the project needs, because the system's own Python runs it and
a wrong one must get a sentence and not a syntax error. Nothing is started here: pvara/supervisor.py does that.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
OLDEST = (3, 11)

# WeasyPrint's libraries with the letters' fonts, and libmagic, which tells an uploaded file by its content.
DEBIAN_RUN = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "libmagic1"]
DEBIAN_RUN += ["fonts-crosextra-carlito", "fonts-crosextra-caladea", "fonts-dejavu-core"]
# The browser of the journeys, and pdfsig and pdftotext as a second opinion on our letters.
DEBIAN_DEV = [*DEBIAN_RUN, "chromium", "poppler-utils"]
DEBIAN = {"run": DEBIAN_RUN, "dev": DEBIAN_DEV}


def say(line: str, end: str = "\n") -> None:
    sys.stdout.write(line + end)
    sys.stdout.flush()


# ── The right Python ─────────────────────────────────────────────────────────────────────────────────────────────────
def the_right_python() -> str | None:
    """None when this Python will do, or else the path of one that does; ends with a sentence when there is none."""
    if sys.version_info >= OLDEST:
        return None
    for minor in range(OLDEST[1], OLDEST[1] + 10):
        found = shutil.which(f"python3.{minor}")
        # It is run before it is believed: version managers put names on the PATH with nothing behind them.
        if found and subprocess.call([found, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            return found
    mine = sys.version.split()[0]
    sys.exit(f"Python 3.11 or newer is needed; this is Python {mine}, and no newer one was found.")


# ── Steps that take a while ──────────────────────────────────────────────────────────────────────────────────────────
def step(title: str, command: list[str], *, counting: str = "", of: int = 0) -> int:
    """Run a command quietly, showing how far it has come; when it fails, show the end of what it said.

    `counting` is how a line begins that stands for one of the `of` pieces of work.
    """
    began, shown, done = time.monotonic(), 0.0, 0
    tail: deque[str] = deque(maxlen=15)
    alive = sys.stdout.isatty()
    back, rest, end = ("\r", " " * 12, "") if alive else ("", "", "\n")
    say(f"  {title} …", end=end)
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=str(ROOT)
    ) as child:
        try:
            for line in child.stdout or []:
                tail.append(line.rstrip())
                done += bool(counting) and line.startswith(counting)
                now = time.monotonic()
                if now - max(shown, began) > (0.2 if alive else 10):
                    shown = now
                    far = f"{min(done, of)} of {of}, " if of else ""
                    say(f"{back}  {title} … {far}{now - began:.0f} s", end=end)
        except BaseException:
            child.terminate()
            raise
    if child.returncode:
        say(f"{back}  {title} failed:{rest}")
        say("\n".join(f"    {line}" for line in tail))
    else:
        say(f"{back}  {title} … done in {time.monotonic() - began:.0f} s{rest}")
    return child.returncode


# ── Debian packages ──────────────────────────────────────────────────────────────────────────────────────────────────
def missing_debian_packages(wanted: list[str]) -> list[str]:
    """Those that are not installed; none where there is no dpkg to ask."""
    if shutil.which("dpkg-query") is None:
        return []
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *wanted],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    there = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in wanted if name not in there]


def install_debian_packages(purpose: str) -> None:
    wanted = list(DEBIAN[purpose])
    if importlib.util.find_spec("ensurepip") is None:
        # Debian cuts it out of Python; without it no virtual environment gets its pip.
        wanted.insert(0, f"python3.{sys.version_info[1]}-venv")
    missing = missing_debian_packages(wanted)
    if not missing:
        return
    if os.geteuid() != 0:
        sys.exit(
            "Some Debian packages are missing. Install them with this command, then run the same again:\n"
            "  sudo apt-get install -y --no-install-recommends " + " ".join(missing)
        )
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"]
    # A mirror that does not answer is no reason to stop yet: the packages may be known already.
    step("Asking Debian what there is", [*apt, "update"])
    install = [*apt, "install", "-y", "--no-install-recommends", *missing]
    if step("Installing Debian packages: " + " ".join(missing), install):
        sys.exit("The Debian packages could not be installed: " + " ".join(missing))


# ── Python packages ──────────────────────────────────────────────────────────────────────────────────────────────────
def lock(purpose: str) -> Path:
    return ROOT / ".lock" / (purpose + ".txt")


def fingerprint(purpose: str) -> str:
    return hashlib.sha256(lock(purpose).read_bytes()).hexdigest()


def works() -> bool:
    """Whether there is a virtual environment with a pip in it; its Python may have gone or its folder moved since."""
    return bool(shutil.which(str(PYTHON))) and not subprocess.call(
        [str(PYTHON), "-c", "import pip"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def installed() -> dict[str, str]:
    """The fingerprints of the locks that the virtual environment was made from, by purpose."""
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def install_python_packages(purpose: str) -> None:
    alive = works()
    if alive and installed().get(purpose) == fingerprint(purpose):
        return
    # Said in one sentence here, when the disk cannot be written, and in a dozen lines by what comes next.
    VENV.mkdir(exist_ok=True)
    # What a broken-off installation left is made anew.
    make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if not alive and step("Making the virtual environment", make):
        sys.exit(f"The virtual environment could not be made in {VENV}.")
    wanted = lock(purpose)
    count = sum(1 for line in wanted.read_text().splitlines() if "==" in line)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--progress-bar", "off"]
    # Wheels only: a source package would fetch its build tools without asking for their hashes.
    pip += ["--require-hashes", "--only-binary", ":all:", "-r", str(wanted)]
    if step("Installing Python packages", pip, counting="Collecting ", of=count):
        sys.exit(f"The Python packages could not be installed from {wanted.relative_to(ROOT)}.")
    # The development set has the running set in it, pin for pin (a test holds them together).
    purposes = ["run", "dev"] if purpose == "dev" else ["run"]
    STAMP.write_text(json.dumps({each: fingerprint(each) for each in purposes}))


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or arguments[0] not in DEBIAN:
        sys.exit("Say what for: install.py run, or install.py dev.")
    better = the_right_python()
    if better:
        os.execv(better, [better, "-I", str(Path(__file__).resolve()), *arguments])
    # What we make must be readable by the user whom PostgreSQL runs as, whatever root's own habit is.
    os.umask(0o022)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    try:
        install_debian_packages(arguments[0])
        install_python_packages(arguments[0])
    except OSError as error:
        sys.exit(f"{error.filename or ROOT} cannot be written: {error.strerror}.")
    except KeyboardInterrupt:
        sys.exit("\nStopped.")


if __name__ == "__main__":
    main(sys.argv[1:])
