"""The guided scenario and the account it ends with."""
