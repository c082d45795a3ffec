"""What the law says of the acts reported: by the law of the place, and of the day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reputation.complaints.incidents import Incident
from reputation.models import Provision, ProvisionAct

# What somebody may report without naming an act, and the act that it is nonetheless. Whether the
# calls were repeated is for the reporter to say.
ACT_OF_CATEGORY = {"threat": "threats"}


@dataclass(frozen=True, slots=True)
class Citation:
    """A provision and what it says of the acts of an incident; `first` to `last` are their days."""

    provision: Provision
    acts: tuple[ProvisionAct, ...]
    first: date
    last: date


def acts_of(incident: Incident) -> tuple[str, ...]:
    """The acts that an incident was, as values of Report.Conduct."""
    implied = ACT_OF_CATEGORY.get(incident.category)
    if implied is None or implied in incident.conduct:
        return incident.conduct
    return (implied, *incident.conduct)


def cite(*, country: str, incidents: Iterable[Incident]) -> list[Citation]:
    """The provisions of `country` that name the acts, each in the wording of the incident's day."""
    by_day: dict[date, list[Provision]] = {}
    found: dict[int, tuple[Provision, dict[str, ProvisionAct], list[date]]] = {}
    for incident in incidents:
        acts = set(acts_of(incident))
        if not acts:
            continue
        day = incident.day
        if day not in by_day:
            by_day[day] = list(Provision.objects.in_force(country, day))
        for provision in by_day[day]:
            named = {act.conduct: act for act in provision.acts.all() if act.conduct in acts}
            if named:
                _, gathered, days = found.setdefault(provision.pk, (provision, {}, []))
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
            found.values(),
            key=lambda each: (each[0].statute.slug, min(each[2]), each[0].slug),
        )
    ]


def in_force(*, country: str, day: date, conduct: str = "") -> list[Provision]:
    """What was law in a country on a day and names an act, or any act."""
    return [
        provision
        for provision in Provision.objects.in_force(country, day)
        if not conduct or conduct in {act.conduct for act in provision.acts.all()}
    ]
