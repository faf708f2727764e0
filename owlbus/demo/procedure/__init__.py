"""What the account says of the procedure: pauses, merges, re-examinations, claims, conflicts, calibrated scores."""
