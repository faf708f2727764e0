"""Why a command was refused, for people. The codes are stable, the words may be improved."""

from shared.runtime.problems import Text, Texts

TEXTS: Texts = {
    "conflict_of_interest": Text(
        "이해관계가 있는 제안의 심사에는 관여할 수 없습니다",
        "Nobody takes part in the evaluation of an idea in which they have an interest",
        403,
    ),
    "not_the_organiser": Text(
        "이 회차를 맡은 부서가 아닙니다",
        "Another department organises this round",
        403,
        "담당: {department}",
        "It is organised by {department}",
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
    "results_disclosed": Text("이미 공개된 결과입니다", "These figures have been disclosed already"),
    "score_reason_required": Text(
        "점수의 사유가 필요합니다", "This score needs its reason", 422, "{criterion}", "{criterion}"
    ),
    "confidence_required": Text(
        "채점의 확신도를 적어야 합니다", "A sheet must say how sure its rater is", 422, "1부터 5까지", "From 1 to 5"
    ),
    "no_draft": Text("임시저장한 채점이 없습니다", "No draft has been saved"),
    # assignment
    "stage_not_open": Text(
        "진행 중인 단계가 아닙니다", "This stage is not the one that is open", 0, "단계: {stage}", "Stage: {stage}"
    ),
    "department_unknown": Text(
        "심사위원의 소속을 알 수 없습니다",
        "Nobody says in which department this rater works",
        422,
        "{person_id}",
        "{person_id}",
    ),
    "nothing_to_assign": Text("심사 중인 제안이 없습니다", "No idea of this stage is being scored"),
    "assignment_broken": Text(
        "배정이 조건에 맞지 않습니다",
        "This assignment breaks a constraint",
        0,
        "{fault}: {where}",
        "{fault}: {where}",
    ),
    # rounds
    "unknown_pack": Text("없는 규칙 묶음입니다", "There is no such rule pack", 422, "{pack}", "{pack}"),
    "pack_not_in_force": Text(
        "지금 시행 중이 아닌 규칙입니다",
        "This rule pack is not in force yet",
        422,
        "시행일: {in_force_from}",
        "In force from {in_force_from}",
    ),
    "round_already_open": Text("이미 열린 회차입니다", "This round was opened already"),
    "round_ended": Text("끝난 회차입니다", "This round has ended"),
    "due_too_early": Text(
        "마감은 {than}보다 늦어야 합니다", "This deadline must be later than {than}", 422, "{due}", "{due}"
    ),
    "admission_over": Text(
        "새 제안을 더 받지 않는 회차입니다", "This round takes no more ideas", 0, "단계: {stage}", "Stage: {stage}"
    ),
    "too_many_ideas": Text(
        "회차에 제안이 너무 많습니다", "These are too many ideas for a round", 422, "최대 {limit}건", "At most {limit}"
    ),
    "stage_over": Text(
        "이미 마감된 단계는 연장할 수 없습니다",
        "What has ended can't be extended",
        0,
        "단계: {stage}",
        "Stage: {stage}",
    ),
    "reason_required": Text("사유가 필요합니다", "A reason is needed", 422),
    # finals in pairs
    "final_already_open": Text("이미 연 결선입니다", "This final was opened already"),
    "final_closed": Text("쌍대비교가 끝났습니다", "The comparing has ended"),
    "no_final": Text("이 규칙에는 그런 결선이 없습니다", "This rule pack has no such final", 422, "{pack}", "{pack}"),
    "round_not_ended": Text(
        "모든 단계의 순위가 공개된 뒤에 결선을 열 수 있습니다",
        "A final opens once the orders of all stages have been disclosed",
    ),
    "not_in_pair": Text(
        "비교 대상이 아닌 제안입니다", "This idea is not one of the two", 422, "{idea_id}", "{idea_id}"
    ),
    # conflicts of interest
    "round_names_raters": Text(
        "이 심사의 심사위원은 회차에서 배정합니다",
        "The raters of this evaluation are named by its round",
        0,
        "회차: {round_id}",
        "Round: {round_id}",
    ),
    "not_in_round": Text(
        "이 단계에서 심사 중인 제안이 아닙니다",
        "This idea is not being scored in this stage",
        0,
        "{idea_id}",
        "{idea_id}",
    ),
    "statement_missing": Text(
        "이해관계 서약을 하지 않은 심사위원이 있습니다",
        "Not all of these raters have signed the statement",
        0,
        "{persons}",
        "{persons}",
    ),
    "statement_incomplete": Text(
        "신고하지 않은 이해관계가 없음을 확인해야 합니다",
        "The statement must say that there are no other conflicts of interest",
        422,
    ),
    "unknown_ground": Text("없는 이해관계 사유입니다", "The pack knows no such ground", 422, "{ground}", "{ground}"),
    "no_such_challenge": Text("이런 기피 신청이 없습니다", "There is no such challenge"),
    "challenge_decided": Text("이미 의결된 기피 신청입니다", "This challenge was decided already"),
    "challenged_may_not_vote": Text(
        "기피 신청을 받은 사람은 의결에 참여할 수 없습니다", "Whoever is challenged does not vote on challenges", 403
    ),
}
