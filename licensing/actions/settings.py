"""Changing a setting of the regime: the proposal, checked against what the setting can say, and its publication."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F

from licensing.access import PROPOSE_SETTINGS
from licensing.actions import changes
from licensing.actions.fees import require
from licensing.models import ActivityKind, SettingChange, TariffRow
from licensing.models.settings import CAPITAL, FEE, Setting, clocks_of, setting_called
from licensing.states import Activity, FeeKind
from pvara.kernel.machine import follows
from pvara.kernel.models import AuditEntry, Figure, User

TERMS = ("working_days", "days")
WHOLE = (*TERMS, "months", "count")
# Of each pair the first stays below the second, whatever is changed.
BELOW = (
    ("silence.warning", "silence.lapse"),
    ("impact.medium.client_assets_pkr", "impact.high.client_assets_pkr"),
    ("impact.medium.users", "impact.high.users"),
    ("impact.medium.programme_share", "impact.high.programme_share"),
)


def propose(
    key: str,
    value: Any,
    *,
    effective_from: date,
    source: str,
    reasons: str,
    by: User,
    at: datetime,
    unit: str = "",
) -> SettingChange:
    """Propose that a setting says something else from a day to come. `value` is as the face got it: text or JSON.

    Raises ValidationError by field for a value that the setting cannot have, the value it has already, a day that has
    begun or that a published version passes, no source or reasons, or a proposal that is open already.
    """
    require(by, PROPOSE_SETTINGS)
    setting = _setting_of(key)
    unit = unit or setting.newest.unit
    wrong: dict[str, str] = {}
    said = setting.newest.value
    try:
        said = worded(setting, value, unit)
    except ValidationError as refusal:
        wrong["value"] = refusal.messages[0]
    else:
        if (said, unit) == (setting.newest.value, setting.newest.unit):
            wrong["value"] = f"It says so already: {setting.newest.words}."
        elif clash := _out_of_order(key, said, effective_from):
            wrong["value"] = clash
    wrong |= changes.faults_of(
        effective_from=effective_from,
        newest=None if setting.unset else setting.newest.effective_from,
        source=source,
        reasons=reasons,
        at=at,
    )
    if wrong:
        raise ValidationError(wrong)
    change = SettingChange(
        key=key,
        title=setting.title,
        was=setting.newest.value,
        was_unit=setting.newest.unit,
        value=said,
        unit=unit,
        effective_from=effective_from,
        source=source.strip(),
        reasons=reasons.strip(),
        proposed_by=by,
        proposed_at=at,
    )
    changes.put(
        change,
        data=_told(change),
        alone="setting_one_proposal_at_a_time",
        field="value",
        template="setting_proposed",
        at=at,
    )
    return change


def _setting_of(key: str) -> Setting:
    setting = setting_called(key)
    if setting is None:
        raise ValidationError({"key": f"There is no setting “{key}”."})
    return setting


def _told(change: SettingChange) -> dict[str, Any]:
    return {
        "setting": change.key,
        "was": change.was_words,
        "becomes": change.words,
        "effective_from": str(change.effective_from),
    }


# ── What a setting can say ───────────────────────────────────────────────────────────────────────────────────────────
def worded(setting: Setting, value: Any, unit: str) -> Any:
    """A value as its row keeps it, from text or JSON. Raises ValidationError with one sentence that says what to do."""
    newest = setting.newest
    # Only the terms of clocks are counted in either kind of day, wherever they are read.
    if unit != newest.unit and not ({unit, newest.unit} <= set(TERMS) and clocks_of(setting.key)):
        raise ValidationError(f"It is given in {Figure.Unit(newest.unit).label}.")
    if unit == Figure.Unit.SWITCH:
        return _switch(value)
    if unit == Figure.Unit.DAY:
        return _day(value)
    if unit == Figure.Unit.WORDS:
        return _words(setting, value)
    return _amount(value, unit)


def _switch(value: Any) -> bool:
    found = {"on": True, "off": False, "true": True, "false": False}.get(str(value).strip().lower())
    if found is None:
        raise ValidationError("Say “on” or “off”.")
    return found


def _day(value: Any) -> str:
    """The day in ISO's way, or nothing at all."""
    if value is None or value == "":
        return ""
    try:
        return str(value if isinstance(value, date) else date.fromisoformat(str(value).strip()))
    except ValueError:
        raise ValidationError("Give a day, such as 2027-01-31, or leave it empty.") from None


def _words(setting: Setting, value: Any) -> str | list[str]:
    if not isinstance(setting.newest.value, list):
        if not isinstance(value, str) or not value.strip():
            raise ValidationError("Write something here.")
        return " ".join(value.split())
    lines = value.splitlines() if isinstance(value, str) else value
    if not isinstance(lines, list) or not all(isinstance(each, str) for each in lines):
        raise ValidationError("Give a list, one entry a line.")
    entries = [" ".join(each.split()) for each in lines if each.strip()]
    if not entries or len(set(entries)) < len(entries):
        raise ValidationError("Give each entry once, one a line, and at least one.")
    return entries


def _amount(value: Any, unit: str) -> int | str:
    try:
        amount = Decimal(str(value).replace(",", "").strip())
    except InvalidOperation:
        raise ValidationError("Give a number, such as 20.") from None
    if isinstance(value, bool) or not amount.is_finite():
        raise ValidationError("Give a number, such as 20.")
    if unit in WHOLE and (amount != amount.to_integral_value() or not 1 <= amount <= 100_000_000):
        raise ValidationError("Give a whole number of 1 or more.")
    if unit == "percent" and not 0 <= amount <= 100:
        raise ValidationError("Give a percentage from 0 to 100.")
    if unit in ("pkr", "usd") and not (0 <= amount < Decimal(10) ** 20 and amount == round(amount, 2)):
        raise ValidationError("Give an amount of zero or more, with two decimals at most.")
    # What has decimals is kept as text: a float would not be what was written.
    return (
        int(amount)
        if unit not in ("pkr", "usd") and amount == amount.to_integral_value()
        else f"{amount.normalize():f}"
    )


def _out_of_order(key: str, value: Any, on: date) -> str:
    for lower, upper in BELOW:
        if key not in (lower, upper):
            continue
        other = _setting_of(upper if key == lower else lower)
        beside = other.on(on)
        if beside is None:
            continue
        low, high = (value, beside.value) if key == lower else (beside.value, value)
        if Decimal(str(low)) >= Decimal(str(high)):
            return f"It must stay {'below' if key == lower else 'above'} “{other.title}”, which is {beside.words}."
    return ""


# ── Publishing ───────────────────────────────────────────────────────────────────────────────────────────────────────
@follows(SettingChange, "publish")
def write_version(change: SettingChange, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    """Add the row that says so from that day on, to the table in which the setting lives."""
    row: dict[str, Any] = {
        "effective_from": change.effective_from,
        "mark": Figure.Mark.FACT,
        "source": f"{change.source} ({change.reference})",
    }
    if change.key.startswith(FEE):
        kind, _, activity = change.key.removeprefix(FEE).partition(".")
        TariffRow.objects.create(
            kind=FeeKind(kind),
            activity=Activity(activity) if activity else "",
            amount_pkr=Decimal(change.value),
            entered_by=by,
            entered_at=at,
            **row,
        )
    elif change.key.startswith(CAPITAL):
        code = change.key.removeprefix(CAPITAL)
        terms = ActivityKind.objects.filter(code=code).order_by(F("effective_from").desc())[0]
        # Whatever else the terms say, the criteria and what is inspected above all, goes on from the row before.
        kept = {
            each.attname: getattr(terms, each.attname) for each in terms._meta.concrete_fields if each.attname != "id"
        }
        ActivityKind.objects.create(**{**kept, "minimum_capital_pkr": Decimal(change.value), **row})
    else:
        Figure.objects.create(key=change.key, title=change.title, value=change.value, unit=change.unit, **row)
    changes.tell_proposer(change, "setting_published", "published", at=at)


@follows(SettingChange, "refuse")
def tell_of_refusal(change: SettingChange, *, by: User | None, at: datetime, entry: AuditEntry) -> None:
    changes.tell_proposer(change, "setting_refused", "refused", at=at)
