"""Scoring: arithmetic only. No Django, no clock, no I/O; the caller passes `now`.

One number:
    categories, mix                  what people report, and the leading category of a number
    trust                            the weight of a reporter's report; how settled truth changes it
    evidence                         reports folded into a number's evidence; its probability
    curves, fitting                  published probabilities for raw ones; how they are fitted
    policy, reassessing              allow, flag or block; when decay alone may change that
    reasons, sentences               reasons as codes with figures, and their sentences
    campaigns                        which reports speak of the same caller, by their words
    days                             time in days since the Unix epoch
Many numbers at once, over arrays:
    folds, crossings                 evidence, and when it crosses a threshold
    judging, rounding                judgements, and where rounding leaves them in doubt
    reading, telling, texts          judgements and reasons, for bulk lookups
The trust pass, which learns the reliability of reporters from all reports together:
    learning, rounds, hearing        its rounds; each round within one shard
    shards, relations, chains, pairs the shards; relations and sums that a round needs
    records, moves                   the records of all reporters; which of them moved
    anchors, company, support        which accounts back which; confirmation; mutual support
    clusters                         reporters who act as one
    promotion                        its conditions for block
    audit, agreement                 what moderators should decide; reliability without them
    batch, replay                    the pass, and all of this, without a database (evaluation)
"""

from reputation.scoring import agreement, audit, campaigns, fitting, folds, trust
from reputation.scoring.anchors import BACKERS, NO_BACKER
from reputation.scoring.categories import (
    CATEGORIES,
    LEGITIMATE_HALF_LIFE,
    LONG_HALF_LIFE,
    SHORT_HALF_LIFE,
    UNWANTED,
    Side,
    is_unwanted,
)
from reputation.scoring.chains import Bools, Floats, Ints
from reputation.scoring.clusters import ALONE, clusters_of, put_clusters
from reputation.scoring.curves import (
    BLOCK_AT,
    CURVES,
    FLAG_AT,
    curves_in_use,
    prior_for,
    use_curves,
)
from reputation.scoring.days import EPOCH, from_days, microseconds, to_days
from reputation.scoring.evidence import (
    EMPTY,
    PRIOR,
    Bucket,
    BucketKey,
    BucketKind,
    Evidence,
    Voice,
    bucket_keys,
    day_of,
    decayed,
    fold,
    goes_on,
    joined,
    log_odds,
    logit,
)
from reputation.scoring.fitting import Curves, Sample
from reputation.scoring.judging import ACTIONS, STATUSES, Decided, Figures
from reputation.scoring.learning import learn, learn_records
from reputation.scoring.mix import fold_mix, joined_mix, leading
from reputation.scoring.moves import behind, moved
from reputation.scoring.pairs import Pairs, merged
from reputation.scoring.policy import (
    GATE_DAYS,
    GATE_ESTABLISHED,
    GATE_FRESH_DAYS,
    GATE_NETWORKS,
    NOBODY,
    Action,
    Judgement,
    Standing,
    Status,
    confirmed_until,
    is_alone,
    judge,
    moderation,
    percent,
    rests_at,
)
from reputation.scoring.promotion import (
    ANCHORS,
    LEAD,
    NETWORKS,
    NETWORKS_EVER,
    TOGETHER_DAYS,
    BlockCase,
    Obstacle,
    may_pass,
)
from reputation.scoring.reading import Readings, read_many
from reputation.scoring.reasons import Campaign, explain
from reputation.scoring.reassessing import reassess_all, reassess_at
from reputation.scoring.records import FN, FP
from reputation.scoring.sentences import Code, Reason, in_english, in_language
from reputation.scoring.shards import Complaints, Crew, Desk, Desks, Reports
from reputation.scoring.texts import Texts
from reputation.scoring.trust import ATTESTATION_FACTORS, Record, sensitivity, specificity
