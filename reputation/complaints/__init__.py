"""From reports to a complaint that an authority accepts: the addressee, the provisions, the letter,
the evidence, and a pack that anybody can verify.
"""

from reputation.complaints import cases, filing, upkeep
from reputation.complaints.cases import MOST_CALLS, MOST_REPORTS, Call, ComplaintError, Details
from reputation.complaints.channels import Filled
from reputation.complaints.citing import in_force
from reputation.complaints.filing import (
    REFERENCE_LENGTH,
    ComplaintNotFound,
    QuotaUsed,
    StatusWrong,
    where_to_complain,
)
from reputation.complaints.guides import unchecked_laws
from reputation.complaints.incidents import Incident, incidents_of, total
from reputation.complaints.letters import Person
from reputation.complaints.packs import Pack
from reputation.complaints.seeding import load
from reputation.complaints.wording import PLACEHOLDERS, unknown_placeholders
from reputation.complaints.words import LANGUAGES
