"""The voices about a number: how many on each side, and which of them act as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextField
from django.db.models.functions import MD5, Concat, Lower

from reputation.counting import Counted
from reputation.models import Report
from reputation.scoring import is_unwanted


@dataclass(frozen=True, slots=True)
class Cluster:
    """The reports of one cluster on one number.

    `key`: the id of the account that names the cluster; `opened`: when its first and its last
    account were opened; `spoke`: when the first and the last of the reports counted. `worded` of
    them have text, in `wordings` different versions.
    """

    key: int
    unwanted: int
    legitimate: int
    opened: tuple[datetime, datetime]
    spoke: tuple[datetime, datetime]
    worded: int
    wordings: int

    @property
    def reports(self) -> int:
        return self.unwanted + self.legitimate


@dataclass(frozen=True, slots=True)
class Crowd:
    """The newest counted reports on a number. `clusters` with two or more, the largest first;
    `alone`: reports outside of them."""

    unwanted: int
    legitimate: int
    clusters: Sequence[Cluster]

    @property
    def reports(self) -> int:
        return self.unwanted + self.legitimate

    @property
    def alone(self) -> int:
        return self.reports - sum(cluster.reports for cluster in self.clusters)


def crowd(reports: Sequence[Counted]) -> Crowd:
    """The voices behind `reports`. One query, for the texts of clusters."""
    members: dict[int, list[Counted]] = {}
    for report in reports:
        if report.cluster is not None:
            members.setdefault(report.cluster, []).append(report)
    members = {key: several for key, several in members.items() if len(several) > 1}
    texts = _texts([report.pk for several in members.values() for report in several])
    clusters = [_cluster(key, several, texts) for key, several in members.items()]
    unwanted = sum(is_unwanted(report.category) for report in reports)
    return Crowd(
        unwanted,
        len(reports) - unwanted,
        sorted(clusters, key=lambda cluster: (-cluster.reports, cluster.key)),
    )


def _cluster(key: int, reports: Sequence[Counted], texts: dict[int, str]) -> Cluster:
    opened = sorted(report.reporter_created_at for report in reports)
    spoke = sorted(report.counted_at for report in reports)
    worded = [texts[report.pk] for report in reports if report.pk in texts]
    unwanted = sum(is_unwanted(report.category) for report in reports)
    return Cluster(
        key=key,
        unwanted=unwanted,
        legitimate=len(reports) - unwanted,
        opened=(opened[0], opened[-1]),
        spoke=(spoke[0], spoke[-1]),
        worded=len(worded),
        wordings=len(set(worded)),
    )


def _texts(reports: Sequence[int]) -> dict[int, str]:
    """A digest of each report's masked text, ignoring case, by the report's id. Reports without
    text are left out."""
    words = Lower(Concat("comment_public", "transcript_public", output_field=TextField()))
    worded = Report.objects.filter(pk__in=reports).exclude(comment_public="", transcript_public="")
    return dict(worded.values_list("pk", MD5(words)))
