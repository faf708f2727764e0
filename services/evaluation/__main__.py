"""`python -m services.evaluation` runs one replica."""

from services.evaluation.service import SERVICE
from shared.runtime.app import run

run(SERVICE)
