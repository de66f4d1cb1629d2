import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from pvara.kernel import machine, pictures, regime

PICTURES = Path(settings.BASE_DIR) / "docs" / "regime"
MARKS = re.compile(r"(<!-- regime: begin -->\n).*?(<!-- regime: end -->)", re.S)


def as_markdown() -> str:
    """Every machine's table under its name, as the README carries them."""
    parts = []
    for model in machine.machines():
        title = str(model._meta.verbose_name)
        parts.append(f"**{title[0].upper()}{title[1:]}**\n\n{regime.as_markdown(model)}\n\n")
    return "".join(parts)


def written_into(text: str) -> str:
    """A text with the tables between its two marks."""
    return MARKS.sub(lambda found: f"{found[1]}\n{as_markdown()}{found[2]}", text)


def drawn() -> dict[str, str]:
    """Every machine's picture and the page that shows them, by the name of the file."""
    models = machine.machines()
    return {"README.md": pictures.index(models)} | {pictures.file_name(each): pictures.as_svg(each) for each in models}


def draw_into(folder: Path) -> None:
    """Write the pictures; one of a machine that is no more is taken away."""
    folder.mkdir(parents=True, exist_ok=True)
    files = drawn()
    for old in folder.glob("*.svg"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


class Command(BaseCommand):
    help = "Print every state machine of the house, as a table and as a diagram."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("machine", nargs="?", help="one machine, by its model: app.model")
        parser.add_argument("--markdown", action="store_true", help="as the README carries it: tables alone")
        parser.add_argument("--format", choices=["text", "svg"], default="text", help="svg: pictures, with an index")
        parser.add_argument("--folder", type=Path, default=PICTURES, help="where the pictures are written")
        parser.add_argument("--into", type=Path, metavar="FILE", help="write the tables between the marks of a file")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["into"]:
            text = options["into"].read_text()
            if not MARKS.search(text):
                raise CommandError(f"{options['into']} has no marks to write between.")
            options["into"].write_text(written_into(text))
            return
        if options["format"] == "svg":
            draw_into(options["folder"])
            return
        if options["markdown"]:
            self.stdout.write(as_markdown())
            return
        for model in machine.machines():
            if options["machine"] not in (None, model._meta.label_lower):
                continue
            title = str(model._meta.verbose_name)
            self.stdout.write(f"{title.upper()} ({model._meta.label_lower})\n{regime.as_text(model)}\n\n")
            self.stdout.write(regime.diagram(model) + "\n\n")
