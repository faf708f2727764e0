"""Why a step between submission and decision was refused. The codes are stable, the words may be improved."""

from shared.runtime.problems import Text, Texts

PROCESS_TEXTS: Texts = {
    # receipt and drafts
    "document_required": Text("문서 번호가 필요합니다", "The document it came in has to be named", 422),
    "draft_empty": Text("한 줄이라도 적어야 저장할 수 있습니다", "A draft begins with one line at least", 422),
    "draft_incomplete": Text(
        "제출하기에는 아직 빠진 항목이 있습니다",
        "Something is missing before this can be submitted",
        422,
        "빠진 항목: {fields}",
        "Missing: {fields}",
    ),
    # calls
    "unknown_call": Text("없는 공모입니다", "There is no such call", 422),
    "call_of_another_pack": Text(
        "이 공모는 다른 규칙을 따릅니다", "This call is under another rule pack", 422, "{pack}", "{pack}"
    ),
    "call_opened_already": Text("이미 공고한 공모입니다", "This call was opened already"),
    "call_closed": Text(
        "공모가 마감되었습니다", "The call has closed", 409, "마감일: {closed_on}", "It closed on {closed_on}"
    ),
    # supplements
    "supplement_awaited": Text(
        "보완을 기다리는 중이어서 요건 검토를 마칠 수 없습니다", "A supplement is awaited; the check comes after it"
    ),
    "supplement_too_late": Text(
        "보완을 요청할 수 있는 기간이 지났습니다",
        "The time in which a supplement may be asked for is over",
        409,
        "요청 기한: {last}",
        "It ended on {last}",
    ),
    "supplement_empty": Text("보완할 내용이 없습니다", "There is nothing in this supplement", 422),
    "supplement_not_unmet": Text(
        "보완 기한이 지나도록 보완하지 않은 제안에만 쓸 수 있는 사유입니다",
        "This ground needs a supplement that was asked for and did not come in time",
    ),
    "no_supplement_asked": Text("요청받은 보완이 없습니다", "No supplement is asked for"),
    "form_not_for_ground": Text("이 사유로는 종결만 할 수 있습니다", "On this ground an idea can only be closed", 422),
    "form_not_in_pack": Text("이 규칙에 없는 처리 방식입니다", "The pack knows no such way to end it", 422),
    "repeats_required": Text(
        "같은 내용으로 결과를 통지받은 이전 제안을 밝혀야 합니다",
        "Name the earlier ideas that it repeats",
        422,
        "{number}건 이상",
        "At least {number}",
    ),
    "not_a_repeat": Text(
        "같은 제안자가 결과를 통지받은 제안이 아닙니다",
        "This is no idea of the same author whose result was told",
        422,
        "{idea_id}",
        "{idea_id}",
    ),
    # transfer, opinions, re-opening
    "same_department": Text("이미 그 부서의 소관입니다", "This department is in charge already"),
    "question_required": Text("물을 내용이 필요합니다", "Say what is asked"),
    "department_named_twice": Text("같은 부서가 두 번 있습니다", "A department is named twice", 422),
    "opinion_of_own_department": Text(
        "소관 부서에는 의견을 조회하지 않습니다", "The department in charge is not asked for an opinion", 422
    ),
    "opinion_awaited": Text(
        "이미 의견을 기다리고 있는 부서입니다",
        "This department is being asked already",
        0,
        "{department}",
        "{department}",
    ),
    "no_opinion_asked": Text("의견을 요청받은 부서가 아닙니다", "No opinion is asked of this department", 403),
    "opinion_required": Text("의견 내용이 필요합니다", "Say what the opinion is"),
    "reopening_not_allowed": Text(
        "이 규칙에서는 종결된 제안을 재개하지 않습니다", "Under this pack a closed idea is not taken up again"
    ),
    "reopening_too_late": Text(
        "재개할 수 있는 기간이 지났습니다",
        "It is too late to take it up again",
        409,
        "기한: {last}",
        "That was possible until {last}",
    ),
    # clocks
    "extension_not_allowed": Text(
        "이 규칙에는 처리 기간 연장이 없습니다", "The pack knows no extension of the decision's term"
    ),
    "no_clock_running": Text("진행 중인 결정 기한이 없습니다", "No term for the decision is running"),
    "extended_already": Text("처리 기간은 한 번만 연장할 수 있습니다", "The term was extended already"),
    "no_such_notice": Text("그런 통지가 없습니다", "There is no such notice", 422),
    "delivered_already": Text("이미 도달로 기록된 통지입니다", "The notice was recorded as delivered already"),
}
