"""Why a step after a decision was refused. The codes are stable, the words may be improved."""

from shared.runtime.problems import Text, Texts

REVIEW_TEXTS: Texts = {
    # adoption in part
    "no_adoption_in_part": Text("이 규칙에는 일부 채택이 없습니다", "The pack knows no adoption in part"),
    "part_required": Text("채택하는 부분을 적어야 합니다", "Say which part is adopted", 422),
    "part_of_whole": Text(
        "전부 채택할 때는 채택 부분을 적지 않습니다", "What is adopted whole has no adopted part", 422
    ),
    "adopted_in_part_already": Text("이미 일부 채택된 제안입니다", "The idea is adopted in part already"),
    "planned_date_stands": Text(
        "실시 예정일은 실시 시기 변경으로만 바꿀 수 있습니다",
        "The planned date stands; it is moved by rescheduling the implementation",
        422,
    ),
    # rights
    "no_such_right": Text("행사할 수 있는 권리가 없습니다", "There is no such right here"),
    "right_used": Text("재심사는 한 번만 요청할 수 있습니다", "The right to a re-examination was used already"),
    "right_ended": Text(
        "청구할 수 있는 기간이 지났습니다", "The time for this is over", 409, "기한: {last}", "It ended on {last}"
    ),
    # re-examination
    "reexamination_open": Text("이미 재심사가 진행 중입니다", "A re-examination is under way"),
    "no_reexamination_open": Text("진행 중인 재심사가 없습니다", "No re-examination is under way"),
    "unknown_agency_ground": Text(
        "이 규칙에 없는 직권 재심사 사유입니다", "The pack knows no such ground for the agency", 422
    ),
    "authors_right_runs": Text(
        "제안자가 재심사를 요청할 수 있는 동안에는 직권으로 재심사하지 않습니다",
        "While the authors may ask for a re-examination, the agency does not begin one",
    ),
    # panels
    "panel_required": Text("심사위원회의 심의가 필요합니다", "This needs a panel's finding"),
    "panel_awaited": Text("심사위원회의 심의 결과를 기다리는 중입니다", "The panel has not found yet"),
    "no_panel": Text("구성된 심사위원회가 없습니다", "No panel was convened"),
    "panel_found_already": Text("이미 심의를 마친 심사위원회입니다", "The panel has found already"),
    "panel_too_small": Text(
        "심사위원회 위원이 부족합니다", "The panel is too small", 422, "{least}명 이상", "At least {least}"
    ),
    "panelist_named_twice": Text("같은 위원이 두 번 있습니다", "A member is named twice", 422),
    "panelist_unknown": Text("심사위원회 위원이 아닌 사람이 있습니다", "Somebody is no member of the panel", 422),
    "too_few_non_officials": Text(
        "위원의 절반 이상은 공무원이 아니어야 합니다",
        "Fewer than half of the panel are no officials",
        422,
        "공무원이 아닌 위원 {least}명 이상",
        "At least {least} who are no officials",
    ),
    "official_in_directory": Text(
        "명부에 소속이 있는 사람은 공무원이 아닌 위원이 될 수 없습니다",
        "Whoever has a department in the directory is an official",
        422,
    ),
    "another_panel_required": Text(
        "앞서 결정하거나 심의한 사람은 위원이 될 수 없습니다",
        "Nobody sits on the panel who decided on the idea or sat on an earlier one",
        422,
    ),
    "quorum_not_met": Text("의사정족수에 못 미칩니다", "Too few attended", 422, "{least}명 이상", "At least {least}"),
    "votes_do_not_fit": Text(
        "표 수가 참석 위원 수와 맞지 않습니다",
        "The votes don't fit those who attended",
        422,
        "참석 {attended}명",
        "{attended} attended",
    ),
    # claims and policies
    "claim_open": Text("이미 검토 중인 보상 신청이 있습니다", "A claim is open already"),
    "no_claim_open": Text("검토 중인 보상 신청이 없습니다", "No claim is open"),
    "unknown_match": Text(
        "이 제안에 알려진 유사 사례가 아닙니다", "The watch has told no such match", 422, "{match_id}", "{match_id}"
    ),
    "policy_empty": Text("시책의 이름과 내용이 필요합니다", "A policy has a title and a text", 422),
    "policy_recorded_already": Text("이미 등록된 시책입니다", "This policy was entered already"),
}
