"""What an auditor asks of the log: whether it is whole, what it adds up to, what happened, who came first."""
