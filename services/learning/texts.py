"""Why a command was refused, for people. The codes are stable, the words may be improved."""

from shared.runtime.problems import Text, Texts

TEXTS: Texts = {
    # who may
    "not_the_lead": Text("학습조직장만 처리할 수 있습니다", "Only the group's lead may do this", 403),
    "not_the_department_in_charge": Text(
        "소관 부서의 사례만 확산할 수 있습니다",
        "A head of department offers the own department's cases",
        403,
        "소관 부서: {department}",
        "In charge: {department}",
    ),
    "not_the_target": Text(
        "대상 부서장이나 담당자만 회신할 수 있습니다",
        "Only the head of the target department or the owner there may answer",
        403,
        "대상 부서: {target}",
        "Target: {target}",
    ),
    # groups
    "unknown_pack": Text("없는 규칙 묶음입니다", "There is no such rule pack", 422, "{pack}", "{pack}"),
    "pack_not_in_force": Text(
        "지금 시행 중이 아닌 규칙입니다",
        "This rule pack is not in force yet",
        422,
        "시행일: {in_force_from}",
        "In force from {in_force_from}",
    ),
    "name_required": Text("학습조직 이름이 필요합니다", "The group needs a name"),
    "already_registered": Text("이미 등록된 학습조직입니다", "This group was registered already"),
    "group_closed": Text("활동이 끝난 학습조직입니다", "This group has ended"),
    "too_few_members": Text(
        "구성원이 부족합니다", "There are too few members", 422, "최소 {least}명", "At least {least}"
    ),
    "too_many_members": Text(
        "구성원이 너무 많습니다", "There are too many members", 422, "최대 {most}명", "At most {most}"
    ),
    "already_a_member": Text("이미 구성원입니다", "That person is a member already", 0, "{person_id}", "{person_id}"),
    "not_a_member": Text("구성원이 아닌 사람이 있습니다", "These are no members", 422, "{persons}", "{persons}"),
    "lead_may_not_leave": Text("학습조직장은 제외할 수 없습니다", "The lead can't leave the group"),
    "attendees_required": Text("참석자가 필요합니다", "Say who took part"),
    "before_registration": Text(
        "등록 이전의 활동은 기록할 수 없습니다", "That was before the group was registered", 422
    ),
    "after_the_term": Text(
        "활동 기간이 끝났습니다",
        "That is after the group's term",
        422,
        "활동 기간: {ends_on}까지",
        "Its last day is {ends_on}",
    ),
    "case_failed": Text(
        "실패사례는 도입하도록 확산할 수 없습니다", "A case of failure is there to learn from, not to be taken over"
    ),
    "date_in_future": Text(
        "미래의 날짜는 입력할 수 없습니다", "This date is still to come", 422, "{field}: {date}", "{field}: {date}"
    ),
    # outputs
    "kind_not_allowed": Text(
        "학습성과로 낼 수 없는 제안 유형입니다", "An output can't become an idea of this kind", 422, "{kind}", "{kind}"
    ),
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
    "author_not_a_member": Text(
        "제안자는 학습조직 구성원이어야 합니다", "Authors of an output are members", 422, "{persons}", "{persons}"
    ),
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
    # spread
    "own_department": Text(
        "소관 부서에는 확산을 요청할 수 없습니다", "A case is not offered to the department it comes from", 422
    ),
    "already_offered": Text(
        "이미 확산을 요청한 부서입니다", "The case was offered to this department already", 0, "{target}", "{target}"
    ),
    "already_answered": Text("이미 회신했습니다", "This was answered already", 0, "{answer}", "{answer}"),
    "answer_not_allowed": Text(
        "이 규칙에 없는 회신입니다", "The pack does not know this answer", 422, "{answer}", "{answer}"
    ),
    "reason_required": Text("사유가 필요합니다", "A reason is needed"),
    "date_in_past": Text("이미 지난 날짜입니다", "This date has passed", 422, "{field}: {date}", "{field}: {date}"),
}
