"""What the house forbids and imports cannot see, as functions from a module's source to what is wrong with it.

Each finding is a line number and a sentence. test_house.py runs them over the house, and over one bad line each.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("pvara", "licensing", "tokenisation")


@dataclass(frozen=True)
class Module:
    """A Python module of the house."""

    path: str  # from the project's folder
    source: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def is_face(self) -> bool:
        """Whether it stands between people and actions: pages, endpoints, tasks."""
        return bool(re.search(r"/faces/|/tasks\.py$|^pvara/home\.py$|^pvara/kernel/(web|api)(\.py$|/)", self.path))

    @property
    def tells_the_time(self) -> bool:
        """Where time may enter: at the faces, in commands, and in the programs that start everything.

        Signing makes the demonstration's certificates, whose validity is the machine's own time and nobody's `at`.
        """
        top = r"/management/|^pvara/(supervisor|install|settings)\.py$|^pvara/kernel/signing\.py$"
        return self.is_face or bool(re.search(top, self.path))


def modules() -> Iterator[Module]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            relative = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in relative:
                yield Module(relative, path.read_text())


Finding = tuple[int, str]
Check = Callable[[Module], Iterator[Finding]]


def _calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call, with the name that is called: `save` of `form.save()`, `print` of `print()`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield node, name


def _is_queryset(node: ast.expr) -> bool:
    """Whether an expression reads like rows of a table: `Model.objects…`, `…filter(…)`, `…all()`."""
    said = ast.unparse(node)
    return "objects" in said or bool(re.search(r"\.(filter|all|exclude|get_queryset|visible_to)\(", said))


# ── Faces and tasks never write ──────────────────────────────────────────────────────────────────────────────────────
WRITES = {"save", "create", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
WRITES |= {"asave", "acreate", "adelete", "abulk_create", "abulk_update", "aget_or_create", "aupdate_or_create"}
WRITES |= {"create_user", "perform_create", "perform_update", "perform_destroy", "cursor", "executemany", "setattr"}


def faces_write_nothing(module: Module) -> Iterator[Finding]:
    if not module.is_face:
        return
    for node, name in _calls(module):
        on_rows = isinstance(node.func, ast.Attribute) and _is_queryset(node.func.value)
        if name in WRITES or (name in {"update", "aupdate"} and on_rows):
            yield node.lineno, f"A face or a task writes with {name}(): that is an action's work."


# ── Nobody but the machine changes a state ───────────────────────────────────────────────────────────────────────────
SQL_UPDATE = re.compile(r"\bUPDATE\s+(\S+)(?:\s+AS\s+\w+)?\s+SET\b(.*?)(?:\bWHERE\b|$)", re.I | re.S)
NO_MACHINES = {"kernel_job"}  # whether a job is done is its workers' bookkeeping: no person moves it, no gate guards it


def states_are_moved_not_set(module: Module) -> Iterator[Finding]:
    if module.path == "pvara/kernel/machine.py":
        return
    for node in ast.walk(module.tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in (part for each in targets if each is not None for part in ast.walk(each)):
            if isinstance(target, ast.Attribute) and isinstance(target.ctx, ast.Store) and target.attr == "state":
                yield node.lineno, "A state is assigned: only a move changes it."
    for node, name in _calls(module):
        keywords = {each.arg for each in node.keywords}
        strings = {
            each.value for argument in node.args for each in ast.walk(argument) if isinstance(each, ast.Constant)
        }
        if (
            name in {"update", "aupdate", "create", "acreate", "get_or_create", "update_or_create"}
            and "state" in keywords
        ):
            yield node.lineno, f"{name}(state=…) goes past the machine."
        if name in {"bulk_update", "abulk_update", "setattr", "__setattr__"} and "state" in strings:
            yield node.lineno, f"{name}() sets a state past the machine."
        for keyword in node.keywords:
            keys = keyword.value.keys if isinstance(keyword.value, ast.Dict) else []
            if keyword.arg in {"defaults", "create_defaults"} and any(
                ast.unparse(key) == "'state'" for key in keys if key
            ):
                yield node.lineno, "A state among the defaults goes past the machine."
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for table, changes in SQL_UPDATE.findall(node.value):
                if re.search(r"\bstate\s*=", changes) and table not in NO_MACHINES:
                    yield node.lineno, f"SQL sets a state of {table} past the machine."


def transitions_are_empty(module: Module) -> Iterator[Finding]:
    """What a move does stands in its row; a body would be a second place to look."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        called = {each.func for each in node.decorator_list if isinstance(each, ast.Call)}
        if not any(ast.unparse(each).split(".")[-1] in {"move", "transition"} for each in called):
            continue
        idle = [isinstance(each, ast.Pass) or _is_constant(each) for each in node.body]
        if not all(idle):
            yield node.lineno, f"The body of the move {node.name} is not empty."


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


# ── Time, environment, exceptions, side doors ────────────────────────────────────────────────────────────────────────
def time_enters_at_the_faces(module: Module) -> Iterator[Finding]:
    if module.tells_the_time:
        return
    for node, name in _calls(module):
        said = ast.unparse(node.func)
        if name in {"now", "utcnow", "today", "localdate"} and not (name == "localdate" and node.args):
            yield node.lineno, f"{said}() below the faces: take `at`."


def only_settings_reads_the_environment(module: Module) -> Iterator[Finding]:
    if module.path == "pvara/settings.py":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            names = {each.name for each in node.names} & {"environ", "getenv", "environb"}
            if names:
                yield node.lineno, f"os.{names.pop()} is read outside pvara/settings.py."
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}:
            yield node.lineno, f"os.{node.attr} is read outside pvara/settings.py."


def only_the_programs_name_the_settings(module: Module) -> Iterator[Finding]:
    """`os.environ.setdefault("DJANGO_SETTINGS_MODULE", …)` is how Django's programs begin; it reads nothing."""
    allowed = re.compile(r"""os\.environ\.setdefault\(["']DJANGO_SETTINGS_MODULE["'], ["']pvara\.settings["']\)""")
    yield from only_settings_reads_the_environment(Module(module.path, allowed.sub("pass", module.source)))


def exceptions_are_named(module: Module) -> Iterator[Finding]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            said = ast.unparse(node.type) if node.type else "everything"
            reraised = any(isinstance(each, ast.Raise) and each.exc is None for each in ast.walk(node))
            if re.search(r"\b(everything|Exception|BaseException)\b", said) and not reraised:
                yield node.lineno, f"except {said} swallows what nobody thought of."


def no_side_doors(module: Module) -> Iterator[Finding]:
    """No signals and no `save()` of a model's own: what happens stands where it is called."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(("signals", "django.dispatch")):
            yield node.lineno, "Signals make things happen that nobody called."
        if isinstance(node, ast.ClassDef) and "/models" in module.path:
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and each.name in {"save", "delete"}:
                    yield each.lineno, f"{node.name}.{each.name}() is overridden."


# ── Size and names ───────────────────────────────────────────────────────────────────────────────────────────────────
LONGEST = 400
BANNED_MODULES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "services", "misc"}
# Django's own names for parts of a middleware.
DJANGOS = {"process_view", "process_exception", "process_template_response", "process_request", "process_response"}


def modules_are_short(module: Module) -> Iterator[Finding]:
    lines = module.source.count("\n")
    if lines > LONGEST:
        yield lines, f"{lines} lines: make it a package of the same name."


def modules_say_what_lives_here(module: Module) -> Iterator[Finding]:
    """A module of any size opens with it; a management command says it in its help."""
    short = module.source.count("\n") < 15
    if not short and "/management/" not in module.path and ast.get_docstring(module.tree) is None:
        yield 1, "The module does not say what lives here."


def names_say_something(module: Module) -> Iterator[Finding]:
    stem = Path(module.path).stem
    parts = {stem, *Path(module.path).parts[:-1]} | set(stem.split("_"))
    if parts & BANNED_MODULES:
        yield 1, f"{module.path} is named by what it is not."
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            named_badly = node.name.startswith(("handle_", "process_", "do_")) and node.name not in DJANGOS
            if named_badly or re.search(r"(Helper|Utils?|Service)$", node.name):
                yield node.lineno, f"{node.name} is named by what it is not."


KERNEL_NEVER_SAYS = re.compile(r"licen[cs]|\bvasp\b|\bnoc\b|tokenis|\bassets?\b|\bledger\b", re.I)


def the_kernel_knows_no_regime(module: Module) -> Iterator[Finding]:
    """Names and texts in its code; its comments and docstrings may give an example."""
    if not module.path.startswith("pvara/kernel/"):
        return
    tree = module.tree
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        words = [str(getattr(node, each, None) or "") for each in ("id", "attr", "name", "arg", "module")]
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            words.append(node.value)
        for word in words:
            if KERNEL_NEVER_SAYS.search(word):
                yield getattr(node, "lineno", 1), f"The kernel says “{word[:40]}”, which it cannot know."


CHECKS: tuple[Check, ...] = (
    faces_write_nothing,
    states_are_moved_not_set,
    transitions_are_empty,
    time_enters_at_the_faces,
    only_the_programs_name_the_settings,
    exceptions_are_named,
    no_side_doors,
    modules_are_short,
    modules_say_what_lives_here,
    names_say_something,
    the_kernel_knows_no_regime,
)


def findings(check: Check) -> list[str]:
    """What a check finds in the whole house."""
    return [f"{module.path}:{line}: {said}" for module in modules() for line, said in check(module)]
