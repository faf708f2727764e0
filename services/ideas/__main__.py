"""`python -m services.ideas` runs one replica."""

from shared.runtime.start import start

start("services.ideas.service")
