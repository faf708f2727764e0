"""The lines of bulk requests: what a file from elsewhere may say of an evaluation."""

from services.evaluation.domain import EVALUATION
from services.evaluation.domain.commands import ImportScores
from shared.contracts.types import Code, NamedIdea
from shared.runtime.bulk import Line, Target, command_of


class ScoreLine(Line, NamedIdea, ImportScores):
    """What one rater said of an idea at a stage."""

    stage: Code

    def target(self) -> Target:
        """See `Line`."""
        return EVALUATION, f"{self.named_id}/{self.stage}", command_of(ImportScores, self)
