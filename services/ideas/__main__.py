"""`python -m services.ideas` runs one replica."""

from services.ideas.service import SERVICE
from shared.runtime.app import run

run(SERVICE)
