"""The conditions for blocking a number, and in words how far each is met."""

import math
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reputation.scoring import (
    ANCHORS,
    GATE_DAYS,
    GATE_ESTABLISHED,
    GATE_FRESH_DAYS,
    GATE_NETWORKS,
    LEAD,
    NETWORKS,
    NETWORKS_EVER,
    TOGETHER_DAYS,
    BlockCase,
    Evidence,
    Obstacle,
    Standing,
    confirmed_until,
    rests_at,
)


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition for block. `have`: the degree to which it is met, in words."""

    name: str
    open: bool
    have: str


def of_answer(evidence: Evidence, standing: Standing, at: float) -> list[Gate]:
    """Each condition for block (scoring.policy.closed_gates), and how far it is met at `at`
    (days)."""
    span = 0.0
    if evidence.first_unwanted is not None and evidence.last_unwanted is not None:
        span = evidence.last_unwanted - evidence.first_unwanted
    until = confirmed_until(evidence, standing)
    confirmed = at < until
    shielded = standing.is_guarded
    apart, agreed, unshielded = _words(standing, confirmed=confirmed)
    counted = [
        Gate(name, confirmed or (have >= least and not shielded), apart or f"{have:g} / {least:g}")
        for name, have, least in (
            (_("networks"), evidence.networks, GATE_NETWORKS),
            (_("established reporters"), evidence.established_networks, GATE_ESTABLISHED),
            (_("days between first and last"), round(span, 1), GATE_DAYS),
        )
    ]
    rests = until if confirmed else rests_at(evidence)
    since = "" if rests == math.inf else f"{at - rests + GATE_FRESH_DAYS:.0f} / {GATE_FRESH_DAYS:g}"
    agrees = standing.promoted and not shielded
    return [
        *counted,
        Gate(
            _("days since the last report or confirmation, at most"),
            (confirmed or not shielded) and at < rests,
            since if confirmed else apart or since,
        ),
        _gate(confirmed or agrees, agreed, _("The trust pass does not agree yet.")),
        _gate(
            confirmed or not shielded,
            unshielded,
            _("The directory, its holder or a clearance vouches for it."),
        ),
        _gate(not standing.disputed, _("No dispute is open."), _("A dispute is open.")),
        _gate(
            not standing.spoofed,
            _("Nobody is suspected of faking it."),
            _("Others are suspected of calling under it."),
        ),
    ]


def _words(standing: Standing, *, confirmed: bool) -> tuple[str, str, str]:
    """Why no reports are counted, empty if they are; why the pass agrees; why no voucher bars."""
    if standing.never_calls:
        faked = _("The holder never calls from this number: such calls are faked.")
        return _("never calls"), faked, faked
    if not confirmed:
        apart = _("does not count: vouched for") if standing.is_guarded else ""
        return apart, _("The trust pass agrees."), _("Nobody vouches for it.")
    outweighed = _("The confirmation outweighs those who vouch for the number.")
    unshielded = outweighed if standing.is_guarded else _("Nobody vouches for it.")
    return _("not needed: confirmed"), _("A moderator confirmed it."), unshielded


def _gate(met: bool, yes: str, no: str) -> Gate:
    return Gate(yes if met else no, met, "")


def of_trust_pass(case: BlockCase) -> list[Gate]:
    """The conditions of the trust pass (scoring.promotion), and how far each is met. All are met if
    and only if nothing stands in the way of `case`."""
    missing = set(case.obstacles())
    networks = _(
        "%(together)d within %(days)d days, %(ever)d in all; needs %(few)d or %(many)d"
    ) % {
        "together": case.most_together(),
        "days": TOGETHER_DAYS,
        "ever": case.networks(),
        "few": NETWORKS,
        "many": NETWORKS_EVER,
    }
    storm = _gate(
        Obstacle.STORM not in missing,
        _("Not one burst of unattested calls."),
        _("One burst, unattested: perhaps others call under this number."),
    )
    return [
        Gate(_("networks"), not missing & {Obstacle.NETWORKS, Obstacle.SCATTERED}, networks),
        Gate(
            _("proven reporters behind it"),
            Obstacle.PROVEN not in missing,
            f"{case.anchors()} / {ANCHORS}",
        ),
        storm,
        Gate(
            _("reports against objections"),
            Obstacle.CONTESTED not in missing,
            _("a lead of %(lead)s; needs %(needed)s")
            % {"lead": f"{case.lead():g}", "needed": f"{LEAD:g}"},
        ),
    ]
