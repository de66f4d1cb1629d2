"""The registry's own cast: a programme, a treasury bill at each stage, and a licensed venue for which amina acts."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from guardian.shortcuts import assign_perm

from licensing.actions import measures
from licensing.models import Firm, Licence, LicenceApplication, NocApplication, SetUp, VenueStanding
from pvara.kernel import audit, figures
from pvara.kernel.machine import perform
from pvara.kernel.seen import mark
from tokenisation.actions.assets import issue_asset, propose_asset, record_approval
from tokenisation.actions.authorisations import authorise_venue, follow_standing
from tokenisation.actions.documents import hand_in_document
from tokenisation.actions.ledger import allocate
from tokenisation.actions.limits import propose_limit
from tokenisation.models import Asset, AssetDocument, DebtTerms, DistributionAuthorisation, FxRate, Programme
from tokenisation.models.described import said_of
from tokenisation.states import DocumentKind


@pytest.fixture(scope="session", autouse=True)
def uploads(tmp_path_factory):
    """Where the files of these tests go."""
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("uploads")):
        yield


def licensed_venue(name: str, *, at: datetime) -> VenueStanding:
    """A venue in good standing, without the walk that leads there: the journeys make that."""
    firm = Firm.objects.create(legal_name=name, country="Pakistan", invented=True, created_at=at)
    noc = NocApplication.objects.create(firm=firm, opened_at=at)
    done = SetUp.objects.create(firm=firm, noc=noc, opened_at=at)
    application = LicenceApplication.objects.create(firm=firm, setup=done, opened_at=at)
    licence = Licence.objects.create(
        firm=firm,
        application=application,
        holder_name=f"{name} Pakistan",
        activities=["exchange"],
        granted_at=at,
        valid_from=timezone.localdate(at),
        valid_to=timezone.localdate(at) + timedelta(days=3650),
    )
    venue = VenueStanding.objects.create(firm=firm, licence=licence, changed_at=at)
    return turn(venue, True, at=at)


def turn(venue: VenueStanding, may_distribute: bool, *, at: datetime) -> VenueStanding:
    """Change a venue's standing as `licensing.standing` does, whatever its licence and its score say."""
    with transaction.atomic():
        VenueStanding.objects.filter(pk=venue.pk).update(
            may_distribute=may_distribute, reasons=[] if may_distribute else ["The score is below the bar."]
        )
        venue = VenueStanding.objects.get(pk=venue.pk)
        audit.record(
            venue.licence,
            event="standing_changed",
            by=None,
            at=at,
            data={"may_distribute": may_distribute, "standing_version": venue.standing_version},
        )
        follow_standing(venue, by=None, at=at)
    return venue


def debt_terms(**changed: object) -> DebtTerms:
    """Twelve months of a bill, or ten years of what pays on the way.

    Whether a bill is still distributed the ledger asks its own clock and not the tests': so its year lies ahead.
    """
    given = {
        "issue_date": date(2035 if changed.get("coupon", "zero") == "zero" else 2026, 3, 1),
        "maturity_date": date(2036, 3, 1),
        "coupon": "zero",
        "rate_bp": 1100,
        "custody_account": "SGLA-0001",
    }
    return DebtTerms(**{**given, **changed})


SOURCE = "State Bank of Pakistan"


@pytest.fixture
def programme(db) -> Programme:
    figures.load(row for row in figures.shipped() if row["key"].startswith(("fx.", "programme.")))
    return Programme.objects.create(name="Tokenisation of sovereign assets", cap_usd_cents=200_000_000_000)


@pytest.fixture
def says(programme, at):
    """`says("fx.source", "…")`: a setting that says so from today, or from another day, on."""

    def said(key: str, value: object, on: date | None = None) -> None:
        shipped = {row["key"]: row for row in figures.shipped()}[key]
        figures.load([{**shipped, "value": value, "effective_from": str(on or timezone.localdate(at))}])

    return said


@pytest.fixture
def rate(db) -> FxRate:
    return FxRate.objects.create(currency="PKR", date=date(2026, 3, 2), per_usd=Decimal("280"), source=SOURCE)


@pytest.fixture
def propose(programme, rate, daud, at):
    """`propose(units=…, …)`: an asset in draft, proposed by daud; a bill of PKR 5,000 unless told otherwise."""

    def proposed(*, units: int = 1_000_000, **changed: object) -> Asset:
        terms = changed.pop("terms", None) or debt_terms()
        details = {
            "code": f"mtb-{Asset.objects.count() + 1}",
            "name": "Market treasury bill, 12 months",
            "kind": "tbill",
            "issuer": "Government of Pakistan",
            "legal_nature": "representation",
            "risk_text": "The unit represents a bill held at the State Bank.",
            "unit_nominal": 500_000,
        }
        return propose_asset(programme, terms=terms, by=daud, at=at, authorised_units=units, **{**details, **changed})

    return proposed


@pytest.fixture
def move(at):
    """`move(subject, name, by)`: one move from the version that the row has now."""

    def moved(subject, name, by, note="For the record."):
        fresh = type(subject)._base_manager.get(pk=subject.pk)
        return perform(fresh, name, by=by, at=at, expected_version=fresh.version, note=note)

    return moved


def hand_in(asset: Asset, kind: DocumentKind, *, words: str = "", title: str = "", by, at) -> AssetDocument:
    """A document of a kind, a text file of these words."""
    file = SimpleUploadedFile(f"{kind}.txt", (words or f"{kind.label} of {asset.code}.\n").encode(), "text/plain")
    return hand_in_document(asset, file=file, kind=kind, title=title or kind.label, by=by, at=at)


def seen(asset: Asset) -> str:
    """The mark of what the draft says now, for whoever amends it."""
    return mark(said_of(Asset.objects.get(pk=asset.pk)))


def hand_in_needed(asset: Asset, *, by, at) -> Asset:
    """Everything without which the asset is not reviewed."""
    for kind in asset.needed_documents:
        hand_in(asset, kind, by=by, at=at)
    return asset


@pytest.fixture
def reviewed(move, daud, at):
    """`reviewed(asset)`: daud hands in what a draft needs and submits it for review."""
    return lambda asset: move(hand_in_needed(asset, by=daud, at=at), "submit_for_review", daud)


@pytest.fixture
def approvable(reviewed, dua, at):
    """`approvable(asset)`: takes a draft to the point at which dua may approve it."""

    def made(asset: Asset) -> Asset:
        asset = reviewed(asset)
        for authority in asset.authorities:
            record_approval(asset, authority=authority, reference=f"{authority}/7/2026", by=dua, at=at)
        return asset

    return made


@pytest.fixture
def approve(approvable, move, dua):
    return lambda asset: move(approvable(asset), "approve", dua)


@pytest.fixture
def tbill(propose, approve, daud, at) -> Asset:
    """A million units of PKR 5,000, issued into the treasury."""
    asset = approve(propose())
    return issue_asset(asset, expected_version=asset.version, by=daud, at=at)


@pytest.fixture
def venue(db, amina, at) -> VenueStanding:
    venue = licensed_venue("Indus Exchange", at=at)
    assign_perm("licensing.represent_firm", amina, venue.firm)
    return venue


@pytest.fixture
def authorisation(tbill, venue, dua, at) -> DistributionAuthorisation:
    """The venue may distribute up to 10,000 units of the bill."""
    return authorise_venue(tbill, venue, limit_units=10_000, by=dua, at=at)


@pytest.fixture
def stocked(authorisation, daud, at) -> DistributionAuthorisation:
    """The venue has 1,000 units on its shelf."""
    allocate(authorisation, units=1_000, key="stock", by=daud, at=at)
    authorisation.refresh_from_db()
    return authorisation


@pytest.fixture
def suspend_licence(regime, nadia, basma, at):
    """`suspend_licence(venue)`: nadia proposes and basma confirms, as they would on its page."""

    def suspended(venue: VenueStanding) -> VenueStanding:
        licence = Licence.objects.get(pk=venue.licence_id)
        today = timezone.localdate(at)
        measures.propose(
            licence,
            "urgent_suspension",
            grounds=["client_harm"],
            particulars="Client money is missing.",
            starts_on=today,
            ends_on=today + timedelta(days=30),
            by=nadia,
            at=at,
        )
        note = "Client money is missing."
        # The proposal made a new version of the licence.
        licence.refresh_from_db()
        perform(licence, "urgent_suspend", by=basma, at=at, expected_version=licence.version, note=note)
        return VenueStanding.objects.get(pk=venue.pk)

    return suspended


# ── Sub-limits ───────────────────────────────────────────────────────────────────────────────────────────────────────
CENTS = 1786  # what a unit of PKR 5,000 counts at 280 rupees to the dollar
WORDS = {"source": "Board decision 7/2026", "reasons": "No class is to be the whole programme."}


@pytest.fixture
def propose_share(programme, daud, at):
    """`propose_share(scope, share_bp, …)`: so many basis points of the cap, from today unless told otherwise."""

    def proposed(scope, share_bp, *, days=0, **of):
        day = timezone.localdate(at) + timedelta(days=days)
        return propose_limit(programme, scope, share_bp=share_bp, effective_from=day, **of, **WORDS, by=daud, at=at)

    return proposed


@pytest.fixture
def limit(propose_share, move, dua):
    return lambda *said, **more: move(propose_share(*said, **more), "confirm", dua)


def bills(programme, units: int) -> None:
    """A cap of which each basis point is so many units of a bill."""
    type(programme).objects.filter(pk=programme.pk).update(cap_usd_cents=units * CENTS * 10_000)
    programme.refresh_from_db()
