"""Provisions about the reported acts, by the law of the country and of the day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reputation.complaints.incidents import Incident
from reputation.models import Provision, ProvisionAct, Statute

# Categories that imply an act even if the reporter names none. Only the reporter can say whether
# calls were repeated.
ACT_OF_CATEGORY = {"threat": "threats"}


@dataclass(frozen=True, slots=True)
class Citation:
    """A provision and the acts that it covers; `first` to `last` are the incidents' days."""

    provision: Provision
    acts: tuple[ProvisionAct, ...]
    first: date
    last: date


def acts_of(incident: Incident) -> tuple[str, ...]:
    """The acts of an incident, as values of Report.Conduct."""
    implied = ACT_OF_CATEGORY.get(incident.category)
    if implied is None or implied in incident.conduct:
        return incident.conduct
    return (implied, *incident.conduct)


def cite(
    *, country: str, incidents: Iterable[Incident], authority_kind: str = ""
) -> list[Citation]:
    """The provisions of `country` about the acts, each in its wording of the incident's day.

    With `authority_kind` only those that such an authority enforces or heeds.
    """
    by_day: dict[date, list[Provision]] = {}
    cited: dict[int, tuple[Provision, dict[str, ProvisionAct], list[date]]] = {}
    for incident in incidents:
        acts = set(acts_of(incident))
        if not acts:
            continue
        day = incident.day
        if day not in by_day:
            by_day[day] = list(Provision.objects.in_force(country, day))
        for provision in by_day[day]:
            named = {act.conduct: act for act in provision.acts.all() if act.conduct in acts}
            if named and _applies(provision.statute, incident.category, authority_kind):
                _, gathered, days = cited.setdefault(provision.pk, (provision, {}, []))
                gathered.update(named)
                days.append(day)
    return [
        Citation(
            provision=provision,
            acts=tuple(sorted(named.values(), key=lambda act: (act.item, act.pk))),
            first=min(days),
            last=max(days),
        )
        for provision, named, days in sorted(
            cited.values(),
            key=lambda row: (row[0].statute.slug, min(row[2]), row[0].slug),
        )
    ]


def _applies(statute: Statute, category: str, authority_kind: str) -> bool:
    return (not statute.categories or category in statute.categories) and (
        not authority_kind
        or not statute.authority_kinds
        or authority_kind in statute.authority_kinds
    )


def in_force(*, country: str, day: date, conduct: str = "") -> list[Provision]:
    """The provisions in force in a country on a day, about one act or any."""
    return [
        provision
        for provision in Provision.objects.in_force(country, day)
        if not conduct or conduct in {act.conduct for act in provision.acts.all()}
    ]
