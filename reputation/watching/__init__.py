"""People watch a number, or wait for an answer to a complaint, and get a mail.

watches     who watches what
mails       what changed since the person last heard: one mail a day at most
reminders   the day on which an answer is due: one mail
"""

from reputation.watching.mails import PAUSE, send_changes
from reputation.watching.reminders import (
    DayRefused,
    NotFiled,
    due_on,
    forget_reminder,
    remind,
    send_reminders,
)
from reputation.watching.watches import MOST, TooManyWatches, unwatch, watch, watched_by
