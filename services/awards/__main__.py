"""`python -m services.awards` runs one replica."""

from services.awards.service import SERVICE
from shared.runtime.app import run

run(SERVICE)
