"""Every reason and gate with figures, and what it is in English."""

from reputation.scoring.sentences import Code, Reason

ONE_DAY = Reason(Code.MORE_DAYS, {"missing": 1})


TWO_NETWORKS = Reason(Code.MORE_NETWORKS, {"missing": 2})


BY_MANY = {"unwanted": 12, "established": 5, "newcomers": 7, "networks": 9}


BY_ONE = {"unwanted": 1, "established": 0, "newcomers": 1, "networks": 1}


SENTENCES = [
    (Code.PINNED_TO_ALLOW, {}, "A moderator fixed the action to allow."),
    (Code.PINNED_TO_FLAG, {}, "A moderator fixed the action to flag."),
    (Code.PINNED_TO_BLOCK, {}, "A moderator fixed the action to block."),
    (
        Code.IMPERSONATION,
        {},
        "This call claims an official number but failed attestation: impersonation.",
    ),
    (
        Code.OFFICIAL,
        {},
        "A moderator entered this official number: reports alone neither flag nor block it.",
    ),
    (Code.NEVER_CALLS, {}, "This number never calls anybody."),
    (
        Code.SAME_WORDS,
        {"words": "您的包裹被扣", "reports": 41, "alike": 9},
        "Same words as “您的包裹被扣”: 41 reports on 9 numbers.",
    ),
    (
        Code.SAME_CAMPAIGN,
        {"reports": 1, "alike": 1},
        "Same campaign as other numbers: 1 report on 1 number.",
    ),
    (
        Code.SAME_AS_OTHERS,
        {},
        "Reports describe a campaign that is known from other numbers.",
    ),
    (Code.CAMPAIGN_CONFIRMED, {}, "A moderator confirmed that this campaign is unwanted."),
    (
        Code.LINKED_FOR_NOW,
        {},
        "This counts for some days, longer if others report the same.",
    ),
    (Code.CONFIRMED, {}, "A moderator confirmed that calls from this number are unwanted."),
    (Code.CLEARED, {}, "A moderator judged this number legitimate."),
    (Code.HOLDER_VERIFIED, {}, "The holder has proved control of the number."),
    (
        Code.IMMUNE,
        {"until": 20_870},
        "The holder's dispute was upheld: reports alone do not list the number before 2027-02-21.",
    ),
    (
        Code.DISPUTED,
        {},
        "The holder disputes the listing; it is not blocked until that is decided.",
    ),
    (Code.SPOOFED, {}, "Others appear to call under this number; it is not blocked for that."),
    (Code.REASSIGNED, {}, "The number has a new holder; earlier reports no longer count."),
    (Code.NOTHING_COUNTS, {}, "Nothing that still counts is known about this number."),
    (
        Code.REPORTS_ON_RECORD,
        {"reports": 1},
        "On record, but too old to count: 1 report.",
    ),
    (
        Code.REPORTS_ON_RECORD,
        {"reports": 2},
        "On record, but too old to count: 2 reports.",
    ),
    (
        Code.COMPLAINTS_ON_RECORD,
        {"complaints": 1},
        "On record, but too old to count: 1 imported complaint.",
    ),
    (
        Code.COMPLAINTS_ON_RECORD,
        {"complaints": 42},
        "On record, but too old to count: 42 imported complaints.",
    ),
    (
        Code.BOTH_ON_RECORD,
        {"reports": 1, "complaints": 2},
        "On record, but too old to count: 1 report and 2 imported complaints.",
    ),
    (Code.PRIOR, {"percent": 45}, "Before any report: 45% likely to be unwanted."),
    (
        Code.REPORTED,
        BY_MANY,
        "12 unwanted reports: 5 by established reporters, 7 by new accounts.",
    ),
    (
        Code.REPORTED,
        BY_ONE,
        "1 unwanted report: 0 by established reporters, 1 by new accounts.",
    ),
    (
        Code.REPORTED_FROM_NETWORKS,
        BY_MANY,
        "12 unwanted reports from 9 networks: 5 by established reporters, 7 by new accounts.",
    ),
    (
        Code.IMPORTED,
        {"imported": 1},
        "1 imported complaint from public sources, each source counted as one limited voice.",
    ),
    (
        Code.IMPORTED,
        {"imported": 1000},
        "1000 imported complaints from public sources, each source counted as one limited voice.",
    ),
    (Code.RAISES, {"times": 3.0}, "This evidence raises the odds 3.0 times today."),
    (
        Code.RAISES,
        {"times": 5.184705528587072e21},
        "This evidence raises the odds 5184705528587072045056.0 times today.",
    ),
    (Code.AGED, {"percent": 7}, "Age has taken 7% of its weight."),
    (
        Code.SUPPORTED,
        {"supporters": 1, "times": 1.3},
        "1 report to the contrary (legitimate): this lowers the odds 1.3 times today.",
    ),
    (
        Code.SUPPORTED,
        {"supporters": 9, "times": 22.0},
        "9 reports to the contrary (legitimate): this lowers the odds 22.0 times today.",
    ),
    (Code.ADDED_UP, {"raw": 98, "published": 99}, "Added up: 98%; after calibration: 99%."),
    (
        Code.WITHHELD,
        {"log_odds": 0.5},
        "Limits on one network, one day and all new accounts together withheld 0.50 of log-odds.",
    ),
    (
        Code.CEILING,
        {"percent": 90},
        "New accounts alone cannot lift this number above 90%.",
    ),
    (Code.NEEDS, {"gates": (ONE_DAY,)}, "Blocking needs one more day."),
    (
        Code.NEEDS,
        {"gates": (TWO_NETWORKS, ONE_DAY)},
        "Blocking needs two more networks; one more day.",
    ),
    (Code.DECISION_ON_DISPUTE, {}, "a decision on the holder's dispute"),
    (Code.DECISION_ON_SPOOFING, {}, "a moderator's decision on the suspected spoofing"),
    (Code.CONFIRMATION_BY_MODERATOR, {}, "a moderator's confirmation"),
    (Code.CONFIRMATION_BY_PASS, {}, "confirmation by the trust pass"),
    (Code.MORE_NETWORKS, {"missing": 1}, "one more network"),
    (Code.MORE_NETWORKS, {"missing": 3}, "three more networks"),
    (Code.MORE_ESTABLISHED, {"missing": 1}, "one more established reporter"),
    (Code.MORE_ESTABLISHED, {"missing": 2}, "two more established reporters"),
    (Code.MORE_DAYS, {"missing": 1}, "one more day"),
    (Code.MORE_DAYS, {"missing": 7}, "seven more days"),
    (Code.MORE_DAYS, {"missing": 8}, "8 more days"),
    (Code.RECENT_REPORT, {"days": 60}, "a report of the last 60 days"),
]
