"""How a firm is told of its score: the colour of each domain, and the total only where the Authority says so."""

from datetime import datetime

from django.utils import timezone

from licensing.faces.panels import Panel
from licensing.models import LicenceApplication, NocApplication, SetUp
from pvara.kernel import figures
from pvara.kernel.machine import Stateful
from pvara.kernel.models import User

ASSESSED = (NocApplication, SetUp, LicenceApplication)


def score_panel(case: Stateful, user: User, at: datetime) -> Panel | None:
    """The colours of a case that has been submitted, once anything is rated."""
    if not isinstance(case, ASSESSED) or case.state == "draft":
        return None
    score = case.score(at)
    if score.is_untouched:
        return None
    untouched = score.untouched_domains
    shown = {
        "score": score,
        "domains": [
            {"title": f"{code} {score.framework.domains[code]}", "value": value, "is_touched": code not in untouched}
            for code, value in score.domains.items()
        ],
        "total_shown": figures.value("score.total_shown", on=timezone.localdate(at)),
    }
    return Panel("Your assessment", "assessment", "portal/panels/score.html", shown)
