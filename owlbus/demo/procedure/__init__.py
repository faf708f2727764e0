"""What the account says of the procedure: pauses and changed dates, merges, conflicts, scores and their calibration."""
