"""The items that wait for moderators, with the harm at stake of each, in one SQL statement.

    harm = (1 + lookups a day) × uncertainty × dispute × attack

- lookups a day: how many people get an answer about the number (reputation.lookup.traffic),
  counting lookups with a key;
- uncertainty, 0 to 1: 4·p·(1−p) of the published probability, since a decision tells most at even
  odds; at least UNDECIDED where only a decision helps (disputes, spoofing, contradiction);
- dispute: 1, or 2 once the holder objects, rising to 3 within the last week before the deadline;
- attack: 1, rising to 4 with the share of the reports' weight that the caps withheld, since
  brigades pile on; for reporters, 4 if they act as one, else by the share of their errors.

The statement reads about as many rows of a large service as of a small one: the waiting items that
are `due` (refreshing); the numbers reported last, or since the last refresh, from the front of
an index; and a slice of all others. The slices of a day cover all numbers, up to SLICE each: within
a day they find items that arose without a report (a ring that the trust pass found, an import).
Slices go by ids, not by time, since all numbers of an imported file have the same time.
"""

from typing import Final

from reputation.lookup import traffic
from reputation.models import SLICES
from reputation.scoring import GATE_FRESH_DAYS

UNDECIDED: Final = 0.5
LEAST_UNCERTAIN: Final = 0.05
# A campaign is offered from this many reporters on. One number is enough: a campaign confirmed on
# its first number is known when the second calls.
CAMPAIGN_REPORTERS: Final = 3
# Numbers below this score are neither published as unwanted nor close to it.
SCORE_FROM: Final = 30
# A number reported only by newcomers waits from this many networks on: one account is cheap.
NETWORKS: Final = 2
# Log-odds withheld by the caps at which half of the suspicion counts: about four accounts too many.
# The caps withhold part of a single new account's report, too.
PILED_ON: Final = 4.0
# Disagreements with settled truth from which a reporter enters the queue.
DISAGREEMENTS: Final = 3.0
# Days in which a drawn number rises from the last of the audits to the first.
DRAWS_RISE: Final = 14.0
# No team works through more items; further ones wait until these are done. Disputes have a
# deadline, so they are added whatever the count.
MOST: Final = 5_000
# Messages among these, the oldest: anybody may send thousands, and each comes before the numbers
# that nobody asks about.
MESSAGES: Final = 500
# The most numbers that one refresh, every five minutes, reads: of those reported last, of those
# reported since the refresh before, and of its slice, where the last reported come first.
NEWEST: Final = 500
SINCE: Final = 6_000
SLICE: Final = 1_000
# Reporters that a refresh reads in turn, at most; if the reporters of a day are more, a round takes
# several days.
IN_TURN: Final = 500
# The newest reports, whose reporters may be suspect.
SPOKE: Final = 1_200
# Decided numbers that a refresh reads: the last reported, and those of its slice; and of each
# number the newest reports, besides those since the last refresh, that may contradict the decision.
DECIDED: Final = 200
DECIDED_SLICE: Final = 250
OF_ONE: Final = 100
# The most that a refresh reads: reports of one account; campaigns; and reports of a campaign, whose
# numbers' lookups are added up.
OF_ACCOUNT: Final = 200
CAMPAIGNS: Final = 50
OF_CAMPAIGN: Final = 10
# The lookups of these reports are scaled up to all reports of the campaign, at most this many.
CAMPAIGN_COUNTS: Final = 50

_TRAFFIC = traffic.A_DAY_NOW
# OFFSET keeps PostgreSQL from reading the traffic of all numbers for a few hundred of them.
_ASKED = """LEFT JOIN LATERAL (
    SELECT count, at FROM reputation_traffic WHERE number_id = n.id OFFSET 0) t ON true"""
_UNCERTAINTY = f"greatest({LEAST_UNCERTAIN}, n.score * (100 - n.score) / 2500.0)"
_ON_RECORD = "SELECT subject_id FROM reputation_queueitem WHERE kind = '{}'"
_ATTACK = f"""1 + 3 * n.saturated / greatest(n.saturated + n.gathered + n.legitimate, 1e-9)
    * n.saturated / (n.saturated + {PILED_ON})"""


def looked_at(which: str, newest: int, of_slice: int, *, columns: str, waiting: str) -> str:
    """SQL that selects columns of the numbers that a refresh reads: from two indexes, by time and
    by slice and time, without waiting ones; those reported since the last refresh; and those that
    are `waiting` (SELECT of ids from items) and due."""
    numbers = f"""SELECT n.id, {columns} FROM reputation_number n
        WHERE {which} AND n.last_reported_at >= %(lately)s"""  # noqa: S608 -- constants
    return f"""
    WITH fresh AS (
        ({numbers} ORDER BY n.last_reported_at DESC LIMIT {newest})
        UNION SELECT found.* FROM unnest(%(turns)s::bigint[]) turn CROSS JOIN LATERAL (
            {numbers} AND mod(n.id, {SLICES}) = mod(turn, {SLICES})
            ORDER BY n.last_reported_at DESC LIMIT {of_slice}) found
    ), looked AS MATERIALIZED (
        SELECT * FROM fresh WHERE id NOT IN ({waiting})
        UNION ({numbers} AND n.last_reported_at >= %(news)s
            ORDER BY n.last_reported_at DESC LIMIT {SINCE})
    )
    SELECT * FROM looked UNION ALL {numbers} AND n.id = ANY (ARRAY(
        {waiting} AND id = ANY(%(due)s) EXCEPT SELECT id FROM looked))
    """  # noqa: S608 -- constants


# The condition of the index number_doubted.
_DOUBTED = f"""n.moderated = 0 AND n.pinned = '' AND NOT n.disputed
    AND (n.networks >= {NETWORKS} OR n.established > 0 OR n.imported > 0 OR n.spoofed)
    AND (n.score >= {SCORE_FROM} OR n.spoofed)"""
_NUMBERS = f"""
SELECT 'number' AS kind, n.id AS subject_id, n.id AS number_id, NULL::bigint AS reporter_id,
    NULL::bigint AS report_id, {_TRAFFIC} AS traffic,
    CASE WHEN n.spoofed THEN greatest({UNDECIDED}, {_UNCERTAINTY}) ELSE {_UNCERTAINTY} END
        AS uncertainty,
    1.0 AS dispute, {_ATTACK} AS attack
FROM ({
    looked_at(
        _DOUBTED,
        NEWEST,
        SLICE,
        columns="n.spoofed, n.score, n.saturated, n.gathered, n.legitimate",
        waiting=_ON_RECORD.format("number"),
    )
}) n {_ASKED}
"""  # noqa: S608 -- constants

_DISPUTES = f"""
SELECT 'dispute', d.id, n.id, NULL::bigint, NULL::bigint, {_TRAFFIC},
    greatest({UNDECIDED}, {_UNCERTAINTY}),
    2 + least(1, greatest(0, 1 - date_part('epoch', d.deadline_at - %(now)s) / 86400 / 7)),
    {_ATTACK}
FROM reputation_dispute d JOIN reputation_number n ON n.id = d.number_id
{_ASKED}
WHERE d.status = 'open'
"""  # noqa: S608 -- constants

# Established reporters who contradict a decision or the directory: the moderator may be wrong. And
# those who report a number again whose confirmation has rested (scoring.confirmed_until).
_CONTRADICTIONS = f"""
SELECT 'report', r.id, n.id, r.reporter_id, r.id, {_TRAFFIC}, {UNDECIDED}::float8, 1.0::float8,
    1.0::float8
FROM ({
    looked_at(
        "(n.official OR n.moderated <> 0)",
        DECIDED,
        DECIDED_SLICE,
        columns="n.official, n.moderated, n.moderated_at, n.epoch_at, n.action",
        waiting="SELECT number_id FROM reputation_queueitem WHERE kind = 'report'",
    )
}) n CROSS JOIN LATERAL (
    (SELECT id, reporter_id, status, established, category, counted_at FROM reputation_report
        WHERE number_id = n.id AND counted_at >= %(lately)s
        ORDER BY counted_at DESC, id DESC LIMIT {OF_ONE})
    UNION SELECT id, reporter_id, status, established, category, counted_at FROM reputation_report
        WHERE number_id = n.id AND counted_at >= %(since)s
    -- What waits already goes on, however many report the number since.
    UNION SELECT w.id, w.reporter_id, w.status, w.established, w.category, w.counted_at
        FROM reputation_queueitem q JOIN reputation_report w ON w.id = q.subject_id
        WHERE q.kind = 'report' AND q.number_id = n.id AND w.counted_at >= %(lately)s
) r {_ASKED}
WHERE r.status = 'live' AND r.established
    AND (n.epoch_at IS NULL OR r.counted_at >= n.epoch_at)
    AND CASE WHEN r.category = 'legitimate'
        THEN n.moderated > 0 AND r.counted_at > coalesce(n.moderated_at, r.counted_at)
        ELSE n.official
            OR n.moderated < 0 AND r.counted_at > coalesce(n.moderated_at, '-infinity')
            OR n.moderated > 0 AND n.action = 'flag'
                AND r.counted_at > n.moderated_at + interval '{GATE_FRESH_DAYS} days'
        END
"""  # noqa: S608 -- constants

# Accounts that act as one, or that were wrong more often than not.
_SUSPECT = f"""p.blocked_at IS NULL AND (p.cluster IS NOT NULL
    OR (p.fp + p.fn >= {DISAGREEMENTS} AND p.fp + p.fn > p.tp + p.tn))"""
# One item for all reporters who act as one: its subject is the account whose id is the cluster's.
_REPORTERS = f"""
SELECT 'reporter', who, NULL::bigint, who, NULL::bigint, sum(traffic), {UNDECIDED}::float8,
    1.0::float8, 1 + 3 * max(doubt)
FROM (
    SELECT DISTINCT ON (p.who, n.id) p.who, {_TRAFFIC} AS traffic, p.doubt
    FROM (
        SELECT p.id, w.who, CASE WHEN p.cluster IS NOT NULL THEN 1.0
            ELSE (p.fp + p.fn) / (1 + p.tp + p.fn + p.tn + p.fp) END AS doubt
        FROM (
            SELECT who FROM (
                SELECT coalesce(p.cluster, p.id) AS who
                FROM (SELECT reporter_id FROM reputation_report ORDER BY id DESC LIMIT {SPOKE}) r
                JOIN reputation_reporter p ON p.id = r.reporter_id WHERE {_SUSPECT}
                UNION SELECT coalesce(p.cluster, p.id) FROM (
                    SELECT min(id) AS first, max(id) - min(id) AS ids,
                        least((max(id) - min(id)) / {SLICES} + 1, {IN_TURN}) AS wide
                    FROM reputation_reporter
                ) all_of_them CROSS JOIN unnest(%(turns)s::bigint[]) turn
                CROSS JOIN LATERAL (SELECT first + mod(turn, ids / wide + 1) * wide) slice(begin)
                JOIN reputation_reporter p ON p.id >= begin AND p.id < begin + wide
                WHERE {_SUSPECT}
            ) fresh WHERE who NOT IN ({_ON_RECORD.format("reporter")})
            UNION {_ON_RECORD.format("reporter")} AND id = ANY(%(due)s)
        ) w CROSS JOIN LATERAL (
            SELECT * FROM reputation_reporter WHERE cluster = w.who
            UNION ALL SELECT * FROM reputation_reporter WHERE id = w.who AND cluster IS NULL
        ) p WHERE {_SUSPECT}
    ) p CROSS JOIN LATERAL (
        SELECT number_id FROM reputation_report
        WHERE reporter_id = p.id AND status = 'live' AND counted_at >= %(spoke_lately)s
        LIMIT {OF_ACCOUNT}
    ) r JOIN reputation_number n ON n.id = r.number_id
    {_ASKED}
) spoken GROUP BY who
"""  # noqa: S608 -- constants

# A holder proved control of a number that is in no directory yet. Holders with a dispute are left
# out: the moderator who upheld it has just seen the number, and most disputes come from private
# people, whom no directory names.
_CLAIMS = f"""
SELECT 'claim', n.id, n.id, NULL::bigint, NULL::bigint, {_TRAFFIC},
    greatest({UNDECIDED}, {_UNCERTAINTY}), 1.0::float8, {_ATTACK}
FROM reputation_number n {_ASKED}
WHERE n.holder_verified AND NOT n.official AND NOT n.disputed AND NOT EXISTS (
    SELECT FROM reputation_dispute d WHERE d.number_id = n.id AND d.status = 'upheld')
"""  # noqa: S608 -- constants

# Campaigns on which a decision would tell most: those with several reporters; those whose
# confirmation is disputed; and confirmed ones that have since reached a number that is not blocked.
# Each counts the lookups of the numbers on which a decision changes something, of its newest
# reports.
_WAITING = f"""NOT held AND joined_to_id IS NULL AND reporters >= {CAMPAIGN_REPORTERS}
    AND last_at >= %(lately)s AND (confirmed_at IS NULL OR last_at >= confirmed_at)"""
_CAMPAIGNS = f"""
SELECT 'campaign', c.id, NULL::bigint, NULL::bigint, NULL::bigint,
    coalesce(undecided.traffic, 0)
        * greatest(1.0, least(c.reports, {CAMPAIGN_COUNTS})::float8 / {OF_CAMPAIGN}),
    {UNDECIDED}::float8, CASE WHEN c.held THEN 2.0 ELSE 1.0 END, 1.0::float8
FROM (
    SELECT * FROM (SELECT * FROM reputation_campaign WHERE {_WAITING}
        ORDER BY last_at DESC, id DESC LIMIT {CAMPAIGNS}) newest
    WHERE id NOT IN ({_ON_RECORD.format("campaign")})
    UNION SELECT * FROM reputation_campaign WHERE {_WAITING}
        AND id IN ({_ON_RECORD.format("campaign")} AND id = ANY(%(due)s))
    UNION SELECT * FROM reputation_campaign WHERE held
) c CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.confirmed_at IS NULL OR n.action <> 'block') AS numbers,
        sum({_TRAFFIC}) FILTER (WHERE n.action <> 'block') AS traffic
    FROM reputation_number n {_ASKED}
    WHERE n.moderated >= 0 AND NOT n.official AND n.id IN (
        SELECT number_id FROM (
            SELECT number_id, status, counted_at FROM reputation_report WHERE campaign_id = c.id
            ORDER BY id DESC LIMIT {OF_CAMPAIGN}
        ) newest
        WHERE status = 'live'
            AND (c.confirmed_at IS NULL OR c.held OR counted_at >= c.confirmed_at))
) undecided
WHERE c.held OR undecided.numbers > 0
"""  # noqa: S608 -- constants

# Messages that wait for a moderator (IntakeMessage.waiting): their senders got no answer.
_MESSAGES = """
SELECT 'message', id, NULL::bigint, NULL::bigint, NULL::bigint, 0::float8, 1.0::float8, 1.0::float8,
    1.0::float8
FROM unnest(%(messages)s::bigint[]) AS id
"""

# Decisions drawn to be judged again, whose number is shown only to the moderator who takes one;
# and, for a senior, those that the second moderator judged differently.
_REVIEWS = f"""
SELECT CASE WHEN s.judged_at IS NULL THEN 'review' ELSE 'split' END, s.id, NULL::bigint,
    NULL::bigint, NULL::bigint, {_TRAFFIC}, {UNDECIDED}::float8, 1.0::float8, 1.0::float8
FROM reputation_secondreview s JOIN reputation_auditentry a ON a.id = s.entry_id
LEFT JOIN reputation_traffic t ON t.number_id = a.number_id
WHERE NOT EXISTS (SELECT FROM reputation_auditentry u WHERE u.undoes_id = a.id)
    AND CASE WHEN s.judged_at IS NULL THEN s.sampled_at > %(lapsed)s
        ELSE s.settled_at IS NULL AND s.verdict <> a.verb END
"""  # noqa: S608 -- constants

# Organisations that ask for a key, or for a later end of one.
_KEY_GRANTS = """
SELECT 'keygrant', id, NULL::bigint, NULL::bigint, NULL::bigint, 0::float8, 1.0::float8,
    1.0::float8, 1.0::float8
FROM reputation_keygrant
WHERE ended_at IS NULL
    AND (granted_at IS NULL AND refused_at IS NULL OR renewal_asked_at IS NOT NULL)
"""

# The harm of a drawn number: that of the audit at its place, which rises while the draw waits; 0
# without other audits.
_PLACED = f"""coalesce((SELECT percentile_cont(least(0.99, d.place
    + greatest(0, date_part('epoch', %(now)s - d.drawn_at)) / 86400 / {DRAWS_RISE}))
    WITHIN GROUP (ORDER BY worth) FROM reputation_auditcandidate), 0)"""  # noqa: S608 -- constants

# The audits that the trust pass stored, and the draws. Not disputed numbers, which a moderator sees
# anyway.
_AUDITS = f"""
SELECT 'audit', n.id, n.id, NULL::bigint, NULL::bigint, coalesce(a.worth, {_PLACED}), {_TRAFFIC},
    {_UNCERTAINTY}, 1.0::float8, {_ATTACK},
    coalesce(a.accounts, greatest(1, n.established + n.newcomers + n.supporters)), d.id
FROM reputation_auditcandidate a
FULL JOIN (SELECT * FROM reputation_calibrationdraw WHERE entry_id IS NULL AND missing_at IS NULL) d
    ON d.number_id = a.number_id
JOIN reputation_number n ON n.id = coalesce(a.number_id, d.number_id)
{_ASKED}
WHERE n.moderated = 0 AND NOT n.official AND NOT n.disputed
"""  # noqa: S608 -- constants

_COLUMNS = (
    "kind, subject_id, number_id, reporter_id, report_id, traffic, uncertainty, dispute, attack"
)
_HARM = """
SELECT kind, subject_id, number_id, reporter_id, report_id,
    (1 + traffic) * uncertainty * dispute * attack AS harm, traffic, uncertainty, dispute, attack,
    0 AS accounts, NULL::bigint AS draw_id
FROM"""

# Items that somebody holds at this moment are left as they are until the next refresh: a refresh
# that waited for them could wait for ever, since it holds others.
REFRESH = f"""
WITH waits AS MATERIALIZED (
    (SELECT * FROM ({_HARM} ({_NUMBERS} UNION ALL {_CONTRADICTIONS} UNION ALL {_REPORTERS}
        UNION ALL {_CLAIMS} UNION ALL {_CAMPAIGNS} UNION ALL {_MESSAGES} UNION ALL {_KEY_GRANTS})
        found) found
        -- What is new has to come before the last of as many as wait at most.
        WHERE harm > %(least)s OR (kind, subject_id) IN (
            SELECT kind, subject_id FROM reputation_queueitem)
        ORDER BY harm DESC, kind, subject_id LIMIT {MOST})
    UNION ALL {_HARM} ({_DISPUTES} UNION ALL {_REVIEWS}) found ({_COLUMNS})
    UNION ALL {_AUDITS}
), held AS MATERIALIZED (
    SELECT q.kind, q.subject_id FROM reputation_queueitem q JOIN waits USING (kind, subject_id)
    FOR UPDATE OF q SKIP LOCKED
)
INSERT INTO reputation_queueitem (kind, subject_id, number_id, reporter_id, report_id, harm,
    traffic, uncertainty, dispute, attack, accounts, draw_id, found_at, seen_at)
SELECT waits.*, %(now)s, %(now)s FROM waits
WHERE (kind, subject_id) IN (SELECT kind, subject_id FROM held)
    OR (kind, subject_id) NOT IN (SELECT kind, subject_id FROM reputation_queueitem)
ON CONFLICT (kind, subject_id) DO UPDATE SET (number_id, reporter_id, report_id, harm, traffic,
    uncertainty, dispute, attack, accounts, draw_id, seen_at) = (excluded.number_id,
    excluded.reporter_id, excluded.report_id, excluded.harm, excluded.traffic, excluded.uncertainty,
    excluded.dispute, excluded.attack, excluded.accounts, excluded.draw_id, excluded.seen_at)
"""  # noqa: S608 -- constants
