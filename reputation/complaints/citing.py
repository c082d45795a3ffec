"""Provisions about the reported acts, by the law of the country and of the day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from reputation.complaints import patterns
from reputation.complaints.incidents import Incident
from reputation.models import Provision, ProvisionAct, Statute

# Categories that imply an act even if the reporter names none. Only the reporter can say whether
# calls were repeated.
ACT_OF_CATEGORY = {"threat": "threats"}


@dataclass(frozen=True, slots=True)
class Citation:
    """A provision and the acts that it covers; `first` to `last` are the incidents' days.

    `counted`: by pattern (ProvisionAct.Pattern), how many calls the log shows of it.
    """

    provision: Provision
    acts: tuple[ProvisionAct, ...]
    first: date
    last: date
    counted: Mapping[str, int] = field(default_factory=dict)


def acts_of(incident: Incident) -> tuple[str, ...]:
    """The acts of an incident, as values of Report.Conduct."""
    implied = ACT_OF_CATEGORY.get(incident.category)
    if implied is None or implied in incident.conduct:
        return incident.conduct
    return (implied, *incident.conduct)


def cite(
    *, country: str, incidents: Sequence[Incident], zone: ZoneInfo, authority_kind: str = ""
) -> list[Citation]:
    """The provisions of `country` about the acts, each in its wording of the incident's day.

    Hours are those of `zone`. With `authority_kind` only provisions that such an authority enforces
    or heeds.
    """
    provisions = list(Provision.objects.of(country))
    cited: dict[int, _Case] = {}
    for incident in incidents:
        acts = set(acts_of(incident))
        for provision in provisions:
            if not provision.is_in_force(incident.day):
                continue
            if not _applies(provision.statute, incident.category, authority_kind):
                continue
            case = cited.setdefault(provision.pk, _Case(provision))
            case.incidents.append(incident)
            for act in provision.acts.all():
                if act.conduct in acts:
                    case.add(act, [incident])
    for case in cited.values():
        for act in case.provision.acts.all():
            if found := patterns.calls_of(act, case.incidents, zone):
                case.add(act, found)
                case.counted[act.conduct] = len(found)
    found_cases = [case for case in cited.values() if case.acts]
    return [
        Citation(
            provision=case.provision,
            acts=tuple(sorted(case.acts.values(), key=lambda act: (act.item, act.pk))),
            first=min(case.days),
            last=max(case.days),
            counted=case.counted,
        )
        for case in sorted(
            found_cases,
            key=lambda each: (each.provision.statute.slug, min(each.days), each.provision.slug),
        )
    ]


@dataclass(slots=True)
class _Case:
    """A provision, with the incidents and acts that it is cited for."""

    provision: Provision
    incidents: list[Incident] = field(default_factory=list)
    acts: dict[str, ProvisionAct] = field(default_factory=dict)
    days: list[date] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)

    def add(self, act: ProvisionAct, incidents: Iterable[Incident]) -> None:
        self.acts[act.conduct] = act
        self.days += [each.day for each in incidents]


def _applies(statute: Statute, category: str, authority_kind: str) -> bool:
    return (not statute.categories or category in statute.categories) and (
        not authority_kind
        or not statute.authority_kinds
        or authority_kind in statute.authority_kinds
    )


def in_force(*, country: str, day: date, conduct: str) -> list[Provision]:
    """The provisions in force in a country on a day, about this act, or if "" about any."""
    return [
        provision
        for provision in Provision.objects.of(country)
        if provision.is_in_force(day)
        and (not conduct or conduct in {act.conduct for act in provision.acts.all()})
    ]
