"""How far assessors agreed who rated the same criteria blindly: by domain, over a span of days."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from licensing.models.ratings import Rating
from licensing.scoring import Agreement, agreement, in_order


@dataclass(frozen=True)
class AgreedOn:
    """One domain, or all of them with an empty code. `not_compared`: one of the two said that it does not apply."""

    code: str
    title: str
    agreement: Agreement
    not_compared: int


def agreement_by_domain(since: date, until: date) -> list[AgreedOn]:
    """Every pair that was opened from one day through another, whatever became of the rating. One query.

    Domains by their code, the last title that any of their versions gives them; all of them together come last.
    """
    rows = Rating.objects.filter(second_at__date__gte=since, second_at__date__lte=until).order_by("pk")
    pairs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    apart: dict[str, int] = defaultdict(int)
    titles: dict[str, str] = {}
    domain = "criterion__domain__"
    for code, title, first, second in rows.filter(~Q(second_assessor=None)).values_list(
        f"{domain}code", f"{domain}title", "rating", "second_rating"
    ):
        titles[code] = title
        if first is None or second is None:
            # Both may say that it does not apply; the scale has no place for that, so it is no pair of marks.
            apart[code] += 1
        else:
            pairs[code].append((first, second))
    found = [
        AgreedOn(code, titles[code], agreement(pairs[code]), apart[code])
        for code in sorted(titles, key=lambda each: in_order(each.removeprefix("D")))
    ]
    if found:
        everything = [pair for each in pairs.values() for pair in each]
        found.append(AgreedOn("", "All domains", agreement(everything), sum(apart.values())))
    return found
