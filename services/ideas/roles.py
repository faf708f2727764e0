"""Groups of roles that several routes of `ideas` take."""

VOTERS = ("author", "member", "group_lead", "union", "citizen", "department")
"""Who may vote where a pack lets them."""

PEOPLE = (*VOTERS, "receiver")
"""Who may submit: everybody for themselves, the office for others."""

READERS = (*PEOPLE, "rater", "chair", "award_officer", "panelist", "auditor")
