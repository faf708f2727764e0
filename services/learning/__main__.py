"""`python -m services.learning` runs one replica."""

from services.learning.service import SERVICE
from shared.runtime.app import run

run(SERVICE)
