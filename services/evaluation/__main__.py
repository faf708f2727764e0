"""`python -m services.evaluation` runs one replica."""

from shared.runtime.start import start

start("services.evaluation.service")
