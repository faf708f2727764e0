"""Why a command was refused, for people. The codes are stable, the words may be improved."""

from shared.runtime.problems import Text, Texts

TEXTS: Texts = {
    # who may
    "not_the_owner": Text(
        "이 회차를 맡은 부서가 아닙니다",
        "Another department runs this round",
        403,
        "담당: {department}",
        "It is run by {department}",
    ),
    "conflict_of_interest": Text(
        "본인의 제안이 있는 부문에는 관여할 수 없습니다",
        "Authors take no part in deciding on their own idea or on those beside it",
        403,
    ),
    "drafter_may_not_confirm": Text(
        "기안한 사람은 확정하거나 결재할 수 없습니다", "Whoever drafted the grades can't confirm or approve them", 403
    ),
    "not_on_panel": Text("이 회차의 공적심사위원이 아닙니다", "This is no member of the round's award panel", 403),
    "no_voice": Text("이 역할에는 투표권이 없습니다", "This role has no vote here", 403),
    # opening a round
    "unknown_pack": Text("없는 규칙 묶음입니다", "There is no such rule pack", 422, "{pack}", "{pack}"),
    "pack_not_in_force": Text(
        "지금 시행 중이 아닌 규칙입니다",
        "This rule pack is not in force yet",
        422,
        "시행일: {in_force_from}",
        "In force from {in_force_from}",
    ),
    "round_already_open": Text("이미 열린 회차입니다", "This round was opened already"),
    "panelist_named_twice": Text("같은 공적심사위원이 두 번 있습니다", "A member of the panel is named twice", 422),
    "panel_too_small": Text(
        "공적심사위원이 부족합니다",
        "The panel is too small",
        422,
        "최소 {least}명",
        "It needs at least {least} members",
    ),
    "panelist_unknown": Text(
        "공적심사위원 명단에 없는 사람입니다", "These are not on the panel", 422, "{persons}", "{persons}"
    ),
    "too_few_non_officials": Text(
        "공무원이 아닌 위원이 절반에 못 미칩니다",
        "Fewer than half of the panel are no officials",
        422,
        "최소 {least}명",
        "At least {least} are needed",
    ),
    "closes_in_the_past": Text(
        "투표 마감이 이미 지난 시각입니다", "Voting can't end before it begins", 422, "{closes_at}", "{closes_at}"
    ),
    # voting
    "voting_not_open": Text("아직 투표를 시작하지 않았습니다", "The voting has not begun"),
    "voting_closed": Text(
        "투표가 마감되었습니다", "The voting has ended", 0, "마감: {closes_at}", "It ended at {closes_at}"
    ),
    "not_nominated": Text(
        "이 부문에 추천된 제안이 아닙니다", "This idea is not nominated in this category", 0, "{idea_id}", "{idea_id}"
    ),
    "invalid_points": Text(
        "배점 범위를 벗어난 점수입니다",
        "These points are not on the scale",
        0,
        "{lowest}점부터 {highest}점까지 {step}점 단위",
        "From {lowest} to {highest} in steps of {step}",
    ),
    "category_already_closed": Text("이미 마감된 부문입니다", "This category was closed already"),
    "no_quorum": Text(
        "의결 정족수에 못 미친 후보가 있습니다",
        "Not every nominee has a quorum of the panel",
        0,
        "후보마다 위원 {quorum}명이 투표해야 합니다",
        "{quorum} members must have voted on each",
    ),
    # confirming
    "category_unknown": Text(
        "이 회차의 부문이 아닙니다", "The round has no such category", 422, "{category_id}", "{category_id}"
    ),
    "category_not_closed": Text("아직 투표가 끝나지 않은 부문입니다", "The voting in this category goes on"),
    "already_confirmed": Text("이미 확정된 부문입니다", "The grades of this category are confirmed already"),
    "authority_required": Text("결재 정보가 필요합니다", "The authority it stands on is needed"),
    "date_in_future": Text(
        "미래의 날짜는 입력할 수 없습니다", "This date is still to come", 422, "{field}: {date}", "{field}: {date}"
    ),
    "order_required": Text(
        "동점 제안의 순서를 정해야 합니다",
        "Somebody has to put these equal ideas in order",
        422,
        "{ideas}",
        "{ideas}",
    ),
    "not_proposed": Text(
        "등급이 제안되지 않은 제안입니다", "No grade is proposed for this idea", 422, "{idea_id}", "{idea_id}"
    ),
    "withheld_with_prize": Text(
        "수여하지 않기로 한 제안에는 시상금을 정할 수 없습니다",
        "An award that is withheld has no prize",
        422,
        "{ideas}",
        "{ideas}",
    ),
    "winner_required": Text(
        "이 규칙에서는 수상작이 있어야 합니다", "This pack does not allow a category without a winner"
    ),
    "prize_out_of_range": Text(
        "이 등급의 시상금 범위를 벗어납니다",
        "This prize is outside the range of the grade",
        422,
        "{lowest}원부터 {highest}원까지",
        "From {lowest} to {highest} won",
    ),
    "over_budget": Text(
        "예산을 초과합니다",
        "This exceeds the budget",
        0,
        "시상금 {prizes}원, 남은 예산 {left}원",
        "Prizes of {prizes} won, {left} won are left",
    ),
}
