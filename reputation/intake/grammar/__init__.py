"""Reads a message: pure functions of its text, the sender's country and the time. No Django.

Nothing here raises, and nothing is lost: the parts of a reading, joined, are the text.
"""

from reputation.intake.grammar.html_words import words_of_html
from reputation.intake.grammar.mail import read_mail
from reputation.intake.grammar.reading import Command, Kind, Reading, Role
from reputation.intake.grammar.sms import read_sms
