"""`python -m services.learning` runs one replica."""

from shared.runtime.start import start

start("services.learning.service")
