"""What every template of the house may use: elements, the moves of a row, and numbers and dates in people's words.

An element is a file of `templates/elements/`, the only place with CSS classes; `{% element "card" title="…" %}…
{% endelement %}` fills its `slot`. Nothing here writes.
"""

from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from pvara.kernel import audit, flags, machine, roles
from pvara.kernel.machine import Stateful

register = template.Library()

ENTRIES_SHOWN = 50


@register.simple_block_tag(takes_context=True)
def element(context: template.Context, content: str, which: str, **attributes: Any) -> SafeString:
    """Render an element around its content."""
    outside: Any = context.flatten()
    return render_to_string(f"elements/{which}.html", {**outside, **attributes, "slot": content})


@register.inclusion_tag("elements/moves.html", takes_context=True)
def moves_panel(
    context: template.Context,
    subject: Stateful,
    back: str = "",
    title: str = "What you can do",
    level: int = 2,
    only_mine: bool = False,
    only: str = "",
) -> dict[str, Any]:
    """Every move out of the present state that this person may make: open ones as forms, shut ones with reasons.

    One whose premise is missing is left out: nobody can do anything about it.
    `only` names the moves to show, where others are made by an action of their own.
    With `only_mine` nothing is said of what others may do, and nothing at all when there is nothing to do oneself.
    """
    user = context["request"].user
    offers = [offer for offer in machine.moves(subject, by=user, at=context["at"]) if not offer.is_idle]
    if only:
        offers = [offer for offer in offers if offer.name in only.split()]
    rows = machine.moves_of(type(subject))
    return {
        "subject": subject,
        "label": subject._meta.label_lower,
        "title": title,
        "level": level,
        "back": back or context["request"].get_full_path(),
        "offers": [offer for offer in offers if offer.permitted],
        "others": [(offer, who_may(rows[offer.name])) for offer in offers if not offer.permitted and not only_mine],
        "only_mine": only_mine,
        "csrf_token": context.get("csrf_token"),
    }


def who_may(row: machine.Move) -> str:
    """The titles of those who may make a move; an applicant's permission is held on their own firm."""
    titles = [role.title for role in roles.ROLES.values() if set(row.permissions) & role.permissions]
    return " or ".join(titles).lower() or "the applicant"


@register.inclusion_tag("elements/timeline.html")
def timeline(subject: Any) -> dict[str, Any]:
    """What the audit log holds on a row, newest first; a long history is cut, and says so."""
    entries = list(audit.history(subject).order_by("-seq")[: ENTRIES_SHOWN + 1])
    return {"entries": entries[:ENTRIES_SHOWN], "cut": len(entries) > ENTRIES_SHOWN}


def machine_of(entry: Any) -> type[Stateful] | None:
    """The machine of the row that an audit entry speaks of, if it is one."""
    return next((each for each in machine.machines() if each._meta.label_lower == entry.subject_type), None)


@register.filter
def state_title(entry: Any) -> str:
    """The state that an audit entry led to, in words."""
    model = machine_of(entry)
    return machine.label(model, entry.to_state) if model else str(entry.to_state)


@register.filter
def event_title(entry: Any) -> str:
    """What happened, in words: the move's title where the event is a move."""
    model = machine_of(entry)
    if model is not None and entry.event in machine.moves_of(model):
        return machine.moves_of(model)[entry.event].title
    return str(entry.event).replace("_", " ").capitalize()


@register.filter
def dressed(field: BoundField) -> SafeString:
    """A form's field as the house draws it, tied to its hint and its error for a screen reader."""
    widget = field.field.widget
    match widget:
        case CheckboxInput():
            looks = "form-check-input"
        case RadioSelect() | CheckboxSelectMultiple():
            looks = "form-check-input me-2"
        case Select():
            looks = "form-select"
        case _:
            looks = "form-control"
    described = [f"{field.auto_id}_hint"] if field.help_text else []
    described += [f"{field.auto_id}_error"] if field.errors else []
    attributes: dict[str, str | bool] = {"class": f"{looks}{' is-invalid' if field.errors else ''}"}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attributes)


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether the field is several inputs, which need a fieldset and a legend."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def is_tick(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def dollars(cents: int | None) -> str:
    """US cents as dollars: US$2,000,000,000.00."""
    if cents is None:
        return "not known"
    return f"{'-' if cents < 0 else ''}US${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


@register.filter
def rupees(amount: Decimal | None) -> str:
    """Rupees with their paisa and the thousands apart: 1,234,567.00."""
    return "" if amount is None else f"{amount:,.2f}"


@register.filter
def grouped(number: int | None) -> str:
    """A whole number with its thousands apart."""
    return "" if number is None else f"{number:,}"


@register.filter
def hundredths(number: Decimal | None) -> str:
    """A score or share with two places, rounded half up, for display only."""
    return "" if number is None else f"{Decimal(number).quantize(Decimal('0.01'), rounding='ROUND_HALF_UP')}"


@register.filter
def item(mapping: dict[Any, Any], key: Any) -> Any:
    """A mapping's value for a key that only the template knows."""
    return mapping.get(key)


@register.filter
def moment(at: Any) -> str:
    """A moment in Pakistan's time, such as “4 March 2026, 10:00”."""
    if not at:
        return ""
    local = timezone.localtime(at)
    return f"{local.day} {local:%B %Y, %H:%M}"


@register.filter
def day(of: Any) -> str:
    """A date, such as “4 March 2026”; of a moment, its date in Pakistan."""
    if not of:
        return ""
    if hasattr(of, "hour"):
        of = timezone.localtime(of)
    return f"{of.day} {of:%B %Y}"


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changed: Any) -> str:
    """The address's query with some values changed; None takes one out. Filters live in the address."""
    asked = context["request"].GET.copy()
    for key, value in changed.items():
        asked.pop(key, None)
        if value not in (None, ""):
            asked[key] = value
    return f"?{asked.urlencode()}" if asked else "?"


@register.filter
def role_title(code: str) -> str:
    """A role by the title that people know."""
    return flags.role_title(code)


@register.filter
def flag_title(flag: Any) -> str:
    """A flag in one line, such as “Breach: case officer”; a later one says to whom it was escalated."""
    verb = "Breach" if flag.level == flag.BREACH else "Escalated"
    return f"{verb}: {flags.role_title(flag.role).lower()}"


@register.filter
def kind_of(row: Any) -> str:
    """What kind of thing a row is, in words."""
    name = str(row._meta.verbose_name)
    return name[0].upper() + name[1:]


@register.filter
def same(one: Any, other: Any) -> bool:
    return bool(one == other)


@register.filter
def short_hash(digest: Any) -> str:
    """The first twelve signs of a hash, to compare by eye."""
    return bytes(digest).hex()[:12]
