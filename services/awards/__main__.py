"""`python -m services.awards` runs one replica."""

from shared.runtime.start import start

start("services.awards.service")
