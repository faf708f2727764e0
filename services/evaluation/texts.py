"""Why a command was refused, for people. The codes are stable, the words may be improved."""

from shared.runtime.problems import Text, Texts

TEXTS: Texts = {
    "conflict_of_interest": Text(
        "제안자는 본인 제안의 심사에 관여할 수 없습니다",
        "Authors take no part in the evaluation of their own idea",
        403,
    ),
    "not_assigned": Text("배정된 심사위원이 아닙니다", "This evaluation was assigned to others", 403),
    "not_imported": Text(
        "가져온 제안의 심사가 아닙니다", "Scores are taken over for imported ideas only; raters score the others"
    ),
    "invalid_scored_at": Text("채점 시각에는 시간대가 있어야 합니다", "The moment of a score needs its time zone"),
    "date_in_future": Text(
        "미래의 날짜는 입력할 수 없습니다", "This date is still to come", 422, "{field}: {date}", "{field}: {date}"
    ),
    "evaluation_closed": Text("심사가 끝났습니다", "The scoring has ended"),
    "too_few_raters": Text(
        "심사위원이 부족합니다", "There are too few raters", 422, "최소 {needed}명", "At least {needed}"
    ),
    "rater_named_twice": Text("같은 심사위원이 두 번 있습니다", "A rater is named twice", 422),
    "criterion_named_twice": Text("같은 심사기준이 두 번 있습니다", "A criterion is scored twice", 422),
    "criterion_missing": Text(
        "점수가 빠진 심사기준이 있습니다", "A criterion was not scored", 422, "{criterion}", "{criterion}"
    ),
    "unknown_criterion": Text("없는 심사기준입니다", "There is no such criterion", 422, "{criterion}", "{criterion}"),
    "points_off_scale": Text(
        "배점 범위를 벗어난 점수입니다",
        "These points are not on the scale",
        422,
        "{criterion}: {min}점부터 {max}점까지 {step}점 단위",
        "{criterion}: from {min} to {max} in steps of {step}",
    ),
    "score_reason_required": Text(
        "점수의 사유가 필요합니다", "This score needs its reason", 422, "{criterion}", "{criterion}"
    ),
}
