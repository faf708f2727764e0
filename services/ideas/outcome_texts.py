"""Why a step after a decision, a consultation or a check of facts was refused. The codes are stable."""

from shared.runtime.problems import Text, Texts

OUTCOME_TEXTS: Texts = {
    # milestones and failures
    "unknown_milestone": Text("없는 추진 단계입니다", "There is no such milestone", 422, "{number}", "{number}"),
    "milestone_reached": Text("이미 완료한 추진 단계입니다", "This milestone is reached already"),
    "too_many_milestones": Text(
        "추진 단계가 너무 많습니다", "There are too many milestones", 409, "한도: {limit}개", "At most {limit}"
    ),
    "milestones_open": Text(
        "완료하지 않은 추진 단계가 있습니다",
        "There are milestones that are not reached yet",
        409,
        "남은 단계: {numbers}",
        "Still open: {numbers}",
    ),
    "failure_cases_not_kept": Text("이 규칙에는 실패사례 제도가 없습니다", "This pack keeps no cases of failure"),
    "failure_recognised_already": Text("이미 실패사례로 인정했습니다", "It is recognised as an honest failure already"),
    "completed_is_no_failure": Text("완료한 것은 실패사례가 아닙니다", "What was completed is no failure", 422),
    # outcomes
    "forecast_locked": Text(
        "확정된 기대 성과는 고칠 수 없습니다. 사유를 적어 새로 내야 합니다",
        "This forecast is locked; it can only be superseded, with the reason",
    ),
    "forecast_required": Text("기대 성과를 먼저 내야 합니다", "A forecast is needed first"),
    "basis_required": Text("산출 근거가 필요합니다", "Say what the forecast rests on", 422),
    "effect_required": Text("효과가 발생한 날을 먼저 알려야 합니다", "Say first since when it has an effect"),
    "effect_noted_already": Text("효과가 발생한 날은 이미 정해졌습니다", "Its first effect is noted already"),
    "evidence_required": Text("증빙이 필요합니다", "Say where this can be seen", 422),
    "too_many_records": Text(
        "성과 기록이 너무 많습니다", "There are too many records", 409, "한도: {limit}건", "At most {limit}"
    ),
    "period_outside_measurement": Text(
        "성과를 재는 기간을 벗어납니다",
        "That lies outside the time of measuring",
        422,
        "{first}부터 {last}까지",
        "From {first} to {last}",
    ),
    "period_counted_already": Text(
        "이미 기록한 기간과 겹칩니다",
        "Some of these days count already",
        409,
        "{number}번 기록: {begins}부터 {ends}까지",
        "Record {number}: from {begins} to {ends}",
    ),
    "unknown_record": Text(
        "없거나 이미 바로잡은 기록입니다",
        "There is no such record, or it is corrected already",
        422,
        "{number}",
        "{number}",
    ),
    "measurement_over": Text("성과를 재는 기간이 끝났습니다", "The time of measuring is over"),
    "measurement_not_over": Text(
        "성과를 재는 기간이 끝나지 않았습니다",
        "The time of measuring is not over yet",
        409,
        "종료일: {until}",
        "It ends on {until}",
    ),
    "graded_already": Text("성과등급이 이미 정해졌습니다", "The outcome is graded already"),
    "unknown_grade": Text("이 규칙에 없는 등급입니다", "The pack knows no such grade", 422, "{grade}", "{grade}"),
    "points_do_not_fit": Text(
        "점수를 매길 항목이 규칙과 다릅니다",
        "These are not the dimensions that take points",
        422,
        "빠진 항목: {missing}, 없는 항목: {unknown}",
        "Missing: {missing}; unknown: {unknown}",
    ),
    # prior consultation
    "consultation_not_offered": Text("이 규칙에는 사전컨설팅이 없습니다", "This pack offers no prior consultation"),
    "consultation_not_by_role": Text(
        "사전컨설팅을 신청할 수 없는 역할입니다",
        "This role may not ask for a prior consultation",
        403,
        "{role}",
        "{role}",
    ),
    "facts_required": Text("사실관계를 적어야 합니다", "Say what the facts are", 422),
    "too_many_questions": Text(
        "사전컨설팅이 너무 많습니다", "There are too many consultations", 409, "한도: {limit}건", "At most {limit}"
    ),
    "unknown_question": Text("없는 사전컨설팅입니다", "There is no such consultation", 422, "{number}", "{number}"),
    "question_answered": Text("이미 의견이 나온 사전컨설팅입니다", "This consultation is answered already"),
    # practices
    "facts_not_checked": Text(
        "실행사례는 사실 확인을 거쳐야 합니다", "A running practice goes through a check of its facts"
    ),
    "facts_not_for_pack": Text("이 규칙에서는 사실 확인을 하지 않습니다", "This pack wants no facts checked"),
    "not_a_practice": Text("실행사례가 아닙니다", "This is no running practice"),
    "findings_required": Text("확인한 내용을 적어야 합니다", "Say what was found", 422),
    "running_since_required": Text("언제부터 실행했는지 필요합니다", "Say since when it has been running", 422),
    "practice_too_young": Text(
        "실행한 기간이 짧습니다",
        "It has not been running for long enough",
        409,
        "{earliest}부터 확인할 수 있습니다",
        "It can be confirmed from {earliest} on",
    ),
}
