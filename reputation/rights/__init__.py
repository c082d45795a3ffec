"""People's rights to their data: a copy of all stored data about them, and its erasure."""

from reputation.rights.copying import write_copy
from reputation.rights.data_subjects import DataSubject, Name, hold, voices_of
from reputation.rights.erasing import Erased, erase, erase_again, erase_report
from reputation.rights.erasure_list import FOLDER, erasures, forget
