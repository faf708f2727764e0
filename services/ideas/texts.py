"""Why a command was refused, for people. The codes are stable, the words may be improved."""

from services.ideas.outcome_texts import OUTCOME_TEXTS
from services.ideas.process_texts import PROCESS_TEXTS
from services.ideas.review_texts import REVIEW_TEXTS
from shared.runtime.problems import Text, Texts

TEXTS: Texts = {
    # who may
    "conflict_of_interest": Text(
        "본인이 제안한 사안에는 관여할 수 없습니다", "Authors take no part in what happens to their own idea", 403
    ),
    "not_in_charge": Text(
        "소관 부서만 처리할 수 있습니다",
        "Only the department in charge may do this",
        403,
        "소관 부서: {department}",
        "In charge: {department}",
    ),
    "not_an_author": Text("제안자 본인만 제출할 수 있습니다", "An idea is submitted by one of its authors", 403),
    "backdating_not_allowed": Text(
        "지난 날짜는 접수담당만 입력할 수 있습니다", "Only the receiving office may enter an earlier date", 403
    ),
    "not_your_vote": Text("본인의 투표만 할 수 있습니다", "You can only vote for yourself", 403),
    "role_may_not_vote": Text("이 역할로는 투표할 수 없습니다", "This role has no vote here", 403),
    "own_idea": Text("본인의 제안에는 투표할 수 없습니다", "Authors have no vote on their own idea", 403),
    # when
    "already_submitted": Text("이미 제출된 제안입니다", "This idea was submitted already"),
    "wrong_stage": Text(
        "지금 단계에서는 처리할 수 없습니다",
        "This is not possible at the present stage",
        0,
        "현재: {stage}, 필요: {needed}",
        "It is at: {stage}; needed: {needed}",
    ),
    "too_late_to_withdraw": Text(
        "결정이 난 뒤에는 철회할 수 없습니다", "After the decision an idea can't be withdrawn"
    ),
    "voting_closed": Text("지금은 투표를 받지 않습니다", "No votes are taken now"),
    "date_in_future": Text(
        "미래의 날짜는 입력할 수 없습니다", "This date is still to come", 422, "{field}: {date}", "{field}: {date}"
    ),
    "date_too_early": Text(
        "날짜가 너무 이릅니다", "This date is too early", 422, "{first} 이후여야 합니다", "Not before {first}"
    ),
    "received_before_submission": Text(
        "접수일이 제출일보다 빠릅니다",
        "An idea can't be received before it was submitted",
        422,
        "제출일: {submitted_on}",
        "Submitted on {submitted_on}",
    ),
    "decided_before_receipt": Text(
        "결정일이 접수일보다 빠릅니다",
        "It was not decided before it was received",
        422,
        "접수일: {received_on}",
        "Received on {received_on}",
    ),
    "decided_on_required": Text("결정일이 필요합니다", "The day of the decision is needed"),
    "decided_by_required": Text("결정한 사람이 필요합니다", "Who decided is needed"),
    "not_imported": Text(
        "가져온 제안이 아닙니다", "Decisions are taken over for imported ideas only; departments decide on the others"
    ),
    "invalid_voted_at": Text("투표 시각에는 시간대가 있어야 합니다", "The moment of a vote needs its time zone"),
    "planned_date_required": Text("실시 예정일이 필요합니다", "A planned date is needed"),
    "planned_date_outside_period": Text(
        "실시 예정일이 관리 기간을 벗어납니다",
        "The planned date is outside the management period",
        422,
        "{first}부터 {last}까지",
        "From {first} to {last}",
    ),
    "same_planned_date": Text("실시 예정일이 이전과 같습니다", "That is the planned date already"),
    # what
    "work_named_twice": Text("같은 업무 분야를 두 번 적을 수 없습니다", "A duty names each sort of work once", 422),
    "too_many_entries": Text(
        "한 항목의 기록이 너무 많습니다",
        "There are too many entries about this",
        409,
        "최대 {limit}건",
        "At most {limit}",
    ),
    "too_many_holdings": Text(
        "한 업무의 이관 기록이 너무 많습니다",
        "This duty has moved too often",
        409,
        "최대 {limit}건",
        "At most {limit} times",
    ),
    "unknown_department": Text(
        "등록되지 않은 부서입니다", "There is no such department in the directory of departments", 422
    ),
    "unknown_person": Text("등록되지 않은 사람입니다", "There is no such person in the directory of people", 422),
    "name_required": Text("이름이 필요합니다", "A name is needed"),
    "own_parent": Text("부서는 자기 자신의 상위 부서가 될 수 없습니다", "A department isn't above itself", 422),
    "unknown_pack": Text("없는 규칙 묶음입니다", "There is no such rule pack", 422, "{pack}", "{pack}"),
    "pack_not_in_force": Text(
        "제출일에 시행 중이 아닌 규칙입니다",
        "This rule pack was not in force on the day of submission",
        422,
        "시행일: {in_force_from}",
        "In force from {in_force_from}",
    ),
    "kind_not_allowed": Text("이 규칙에서 받지 않는 제안 유형입니다", "This pack takes no ideas of this kind", 422),
    "title_required": Text("제목이 필요합니다", "A title is needed"),
    "title_too_long": Text(
        "제목이 너무 깁니다", "The title is too long", 422, "한도: {limit}자", "At most {limit} characters"
    ),
    "section_missing": Text("빠진 항목이 있습니다", "A section is missing", 422, "{section}", "{section}"),
    "section_unknown": Text(
        "이 규칙에 없는 항목입니다", "The pack knows no such section", 422, "{section}", "{section}"
    ),
    "section_empty": Text("비어 있는 항목이 있습니다", "A section is empty", 422, "{section}", "{section}"),
    "section_too_long": Text(
        "내용이 너무 깁니다",
        "A section is too long",
        422,
        "{section}: 한도 {limit}자",
        "{section}: at most {limit} characters",
    ),
    "too_many_authors": Text(
        "제안자가 너무 많습니다", "There are too many authors", 422, "한도: {limit}명", "At most {limit}"
    ),
    "author_named_twice": Text("같은 제안자가 두 번 있습니다", "An author is named twice", 422),
    "shares_do_not_total_100": Text(
        "기여도의 합이 100%가 아닙니다",
        "The shares don't add up to 100 %",
        422,
        "합계: {total}%",
        "They add up to {total} %",
    ),
    "lead_without_largest_share": Text(
        "주제안자의 기여도가 가장 커야 합니다", "The lead author has the largest share", 422
    ),
    "ground_required": Text("종결처리 사유를 골라야 합니다", "A ground for closing is needed"),
    "unknown_ground": Text("이 규칙에 없는 종결처리 사유입니다", "The pack knows no such ground", 422),
    "ground_not_for_kind": Text(
        "이 제안 유형에는 쓸 수 없는 종결처리 사유입니다", "This ground doesn't apply to this kind of idea", 422
    ),
    "reason_required": Text("사유가 필요합니다", "A reason is needed"),
    "authority_required": Text("결재 정보가 필요합니다", "The authority it stands on is needed"),
    "learnt_required": Text("얻은 교훈을 적어야 합니다", "Say what was learnt"),
    # shares
    "not_among_authors": Text("이 제안의 제안자가 아닙니다", "Only its authors may do this", 403),
    "shares_not_open": Text("확인을 기다리는 기여도가 없습니다", "The shares are settled and wait for nobody"),
    "shares_settled": Text("기여도가 이미 확정되었습니다", "The shares were settled; they can't be disputed any more"),
    "shares_already_paid": Text(
        "수상한 뒤에는 기여도를 바꿀 수 없습니다", "Once the idea has won, its shares stay as they are"
    ),
    "only_author": Text("제안자가 한 사람입니다", "There is only one author"),
    "lead_required": Text(
        "기여도가 같으므로 주제안자를 지정해야 합니다",
        "The largest shares are equal: name the lead author",
        422,
        "해당자: {persons}",
        "One of {persons}",
    ),
    "lead_not_among_equals": Text(
        "주제안자는 기여도가 가장 큰 사람이어야 합니다",
        "The lead author is one of those with the largest share",
        422,
        "해당자: {persons}",
        "One of {persons}",
    ),
    "authors_differ": Text(
        "제안자를 더하거나 뺄 수 없습니다",
        "Other shares name the same authors",
        422,
        "다른 사람: {persons}",
        "Not the same: {persons}",
    ),
    "author_left_out": Text(
        "빠진 제안자가 있습니다", "An author is left out", 422, "빠진 사람: {persons}", "Left out: {persons}"
    ),
    "agency_may_not_set_shares": Text(
        "이 규칙에서는 기관이 기여도를 정하지 않습니다", "Under this pack no department sets shares"
    ),
    # duplicates and merges
    "not_a_candidate": Text(
        "유사 제안으로 찾은 것이 아닙니다",
        "This idea was not found to read alike, or was not received first",
        409,
        "{idea_id}",
        "{idea_id}",
    ),
    "same_idea": Text("같은 제안끼리는 병합할 수 없습니다", "An idea isn't merged with itself", 422),
    "merge_under_way": Text(
        "병합이 이미 진행 중입니다", "This merge is under way", 0, "현재: {phase}", "It is at: {phase}"
    ),
    "merge_not_open": Text(
        "지금은 동의를 받지 않습니다", "No consent is asked for now", 0, "현재: {phase}", "It is at: {phase}"
    ),
    "merge_answered_already": Text("이미 답했습니다", "You have answered already"),
    "not_a_lead": Text("주제안자만 답할 수 있습니다", "Only the lead authors are asked", 403),
    "not_merged": Text("병합된 상태가 아닙니다", "The ideas aren't merged", 0, "현재: {phase}", "It is at: {phase}"),
    "too_late_to_undo": Text(
        "병합을 취소할 수 있는 기간이 지났습니다",
        "It is too late to take this merge back",
        0,
        "{until}까지",
        "Until {until}",
    ),
    "choice_not_offered": Text("이 규칙에 없는 선택지입니다", "The pack doesn't offer this choice", 422),
    **PROCESS_TEXTS,
    **OUTCOME_TEXTS,
    **REVIEW_TEXTS,
}
