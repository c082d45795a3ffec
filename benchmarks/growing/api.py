"""What lookups and reports over HTTP cost, of benchmarks/growth.py."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import orjson

from benchmarks import _numbers, _world
from benchmarks.growing.costs import LOOKUP, REPORT, Act
from benchmarks.report_costs import ask
from config.wsgi import application
from reputation.counting import rescore_one
from reputation.models import Report
from reputation.reports import withdraw_report

TOKENS = 100


def acts(
    known: Callable[[], str], asked_for: Callable[[], str], chance: random.Random
) -> dict[str, Act]:
    api = _Api(chance)
    for token in api.tokens:  # a key's use is noted once a minute
        ask(application, token, "GET", f"/v1/numbers/{api.hot}")
    turn = iter(range(TOKENS))

    def any_token() -> str:
        return chance.choice(api.tokens)

    def unknown() -> str:
        return f"+852{chance.randrange(51_000_000, 70_000_000)}"

    return {
        LOOKUP: Act(lambda times: [asked_for() for _ in range(times)], api.look_up),
        "lookup, any number alike": Act(lambda times: [known() for _ in range(times)], api.look_up),
        "lookup of a number never reported": Act(
            lambda times: [unknown() for _ in range(times)], api.look_up
        ),
        REPORT: Act(lambda times: [(any_token(), known()) for _ in range(times)], api.report),
        "report again": Act(lambda times: [each[:2] for each in api.filed[-times:]], api.report),
        "report withdrawn": Act(
            lambda times: [api.filed.pop() for _ in range(times)],
            lambda each: ask(application, each[0], "DELETE", f"/v1/reports/{each[2]}"),
        ),
        "report on the most reported number": Act(
            lambda times: [(api.tokens[next(turn)], api.hot) for _ in range(times)], api.report
        ),
        "report again on the most reported number": Act(api.repeats, api.report),
        "any report on the most reported number withdrawn": Act(api.any_reports, api.withdraw),
    }


class _Api:
    """Clients of the API, and the reports that they filed. hot: the most reported number."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.tokens = _world.tokens(datetime.now(UTC))
        self.hot = _numbers.key_of(0)
        self.filed: list[tuple[str, str, str]] = []  # token, number, id
        self.is_counted = False

    def look_up(self, key: str) -> object:
        token = self.chance.choice(self.tokens)
        return ask(application, token, "GET", f"/v1/numbers/{key}")

    def report(self, said: tuple[str, str]) -> None:
        token, key = said
        body = orjson.dumps({"number": key, "category": "loan_scam"})
        answer = orjson.loads(ask(application, token, "POST", "/v1/reports", body))
        self.filed.append((token, key, answer["id"]))

    def repeats(self, times: int) -> list[tuple[str, str]]:
        self._count_hot()
        return [(self.tokens[place], self.hot) for place in range(times)]

    def any_reports(self, times: int) -> list[Report]:
        """Reports of any age by reporters without an API key."""
        self._count_hot()
        reports = Report.objects.live().filter(
            number__key=self.hot, reporter__handle__regex="^.{32}$"
        )
        return list(reports.order_by("?").select_related("reporter")[:times])

    def withdraw(self, report: Report) -> None:
        withdraw_report(reporter=report.reporter, public_id=report.public_id, now=datetime.now(UTC))

    def _count_hot(self) -> None:
        """What the reports of the most reported number come to, once: PostgreSQL has made the rows,
        which add up to nothing."""
        if not self.is_counted:
            rescore_one(key=self.hot, now=datetime.now(UTC))
            self.is_counted = True
