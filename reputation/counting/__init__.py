"""Turns reports into evidence: folding, refolding, rescoring, reassessing, and the trust pass.

locking, publishing      locks on numbers; their public answers
folding, chapters        reports are added to a number's evidence, in chapters
refolding, revising      evidence anew from all reports; from the chapters concerned
rescoring                all numbers anew, and whether they equal what is stored
firsts, alike, apart     thousands of reports at once: on new numbers, equal ones, others
counted, bucket_rows     the rows that all of these read and write
settling                 credits for reporters once a number's truth is plain
reassessment             numbers whose action is due to change by decay
trust_pass               which reporters to believe, learned from all reports
regrouping               reports are grouped into campaigns; their rows (campaign_rows)
calibrating, samples     percentages fitted to decisions; these decisions
draws, agreeing          random draws for moderators; how established reporters agree
canaries, crowd          numbers that only liars report; whether reports alone can block
"""

from reputation.counting import (
    agreeing,
    calibrating,
    canaries,
    chapters,
    crowd,
    draws,
    trust_pass,
)
from reputation.counting.alike import (
    Alike,
    State,
    count_alike,
    load_numbers,
    states_of,
    write_alike,
)
from reputation.counting.apart import Apart
from reputation.counting.bucket_rows import Ahead, BucketRow
from reputation.counting.counted import Counted, block_case_of, newest_counted
from reputation.counting.firsts import (
    Start,
    begin,
    begin_with,
    begin_with_complaints,
    insert_starts,
)
from reputation.counting.folding import append_reports, count, place_last
from reputation.counting.locking import (
    Seen,
    known_keys,
    lock_number,
    lock_numbers,
    new_number,
    see_numbers,
)
from reputation.counting.publishing import find_campaigns, publish, publish_all
from reputation.counting.reassessment import reassess_due
from reputation.counting.refolding import DUE, REPORTED, refold
from reputation.counting.regrouping import concerned, group_anew, relink
from reputation.counting.rescoring import (
    Difference,
    Rescored,
    check,
    check_one,
    rescore,
    rescore_one,
)
from reputation.counting.revising import revise, take_back
from reputation.counting.samples import moderated_samples
from reputation.counting.settling import (
    assign_credits,
    early_reports,
    lock_reporters,
    note_truth,
    said_before,
    settle,
    settle_by_standing,
)
