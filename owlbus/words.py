"""What things are called for people, in Korean and English."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

Language = Literal["ko", "en"]

SERVICES = {
    "ideas": ("제안", "ideas"),
    "evaluation": ("심사", "evaluation"),
    "awards": ("시상", "awards"),
    "learning": ("학습·확산", "learning"),
}

FUNNEL = {
    "submitted": ("제출", "submitted"),
    "received": ("접수", "received"),
    "evaluated": ("심사", "in evaluation"),
    "decided": ("결정", "decided"),
    "adopted": ("채택", "adopted"),
    "nominated": ("추천", "nominated"),
    "awarded": ("수상", "awarded"),
    "spread": ("확산", "spread"),
}
"""The steps of the way, each part of the one before it."""

COUNTED = {
    "ideas": ("제안", "ideas"),
    "screened_in": ("요건 충족", "screened in"),
    "screened_out": ("비제안 종결", "screened out"),
    "screening_open": ("요건 검토 전", "screening open"),
    "vote_rows": ("투표 기록", "votes ever cast"),
    "votes": ("유효한 투표", "votes that count"),
    "endorse": ("공감", "endorse"),
    "object": ("비공감", "object"),
    "pass": ("보류", "pass"),
    "reviews": ("심사 기록", "reviews"),
    "second_reviews": ("수행 후 심사 기록", "reviews of the second stage"),
}
"""What is counted of imported files."""

SIDEWAYS = {
    "closed": ("비제안 종결", "closed as no proposal"),
    "withdrawn": ("철회", "withdrawn"),
    "refused": ("불채택", "refused"),
    "overdue": ("결정 기한 넘김", "decided late"),
}
"""Where the way ends or halts."""

EVENTS = {
    "learning.MoveFollowed": ("업무 이관에 따른 조치 시작", "move followed"),
    "learning.ItemsSought": ("이관 대상 조회", "items sought"),
    "learning.LookEnded": ("이관 대상 조회 마침", "look ended"),
    "learning.GroupMoveOrdered": ("학습조직 이관 지시", "group to follow a duty"),
    "learning.GroupMoved": ("업무 이관에 따른 담당 부서 변경", "group followed a duty"),
    "learning.GroupMoveNoticed": ("담당 부서 변경 통지", "members told of another department"),
    "learning.CaseMoved": ("사례의 소관 부서 변경", "case followed its idea"),
    "learning.GroupRegistered": ("학습조직 등록", "learning group registered"),
    "learning.MemberJoined": ("구성원 참여", "member joined"),
    "learning.MemberLeft": ("구성원 탈퇴", "member left"),
    "learning.ActivityRecorded": ("학습활동", "activity recorded"),
    "learning.OutputHandedOver": ("학습성과 제안 연계", "output handed over"),
    "learning.GroupClosed": ("학습조직 종료", "group closed"),
    "ideas.DepartmentRegistered": ("부서 명부 등록", "department listed"),
    "ideas.PersonRegistered": ("인명 명부 등록", "person listed"),
    "ideas.UnitEntered": ("조직 명부 기재", "unit entered"),
    "ideas.PersonEntered": ("인명 명부 기재", "person entered"),
    "ideas.DutyAssigned": ("분장사무 지정", "duty assigned"),
    "ideas.DutyBegun": ("분장사무 시작", "duty begun"),
    "ideas.DutyMoved": ("업무 이관", "duty moved"),
    "ideas.MoveFollowed": ("업무 이관에 따른 조치 시작", "move followed"),
    "ideas.ItemsSought": ("이관 대상 조회", "items sought"),
    "ideas.LookEnded": ("이관 대상 조회 마침", "look ended"),
    "ideas.IdeaMoveOrdered": ("제안 이관 지시", "idea to follow a duty"),
    "ideas.IdeaMoved": ("업무 이관에 따른 소관 변경", "followed a duty"),
    "ideas.ImplementationMoved": ("업무 이관에 따른 실시 부서 변경", "implementation followed a duty"),
    "ideas.ChargeMoved": ("심사 건의 소관 변경", "another department in charge"),
    "ideas.IdeaSubmitted": ("제출", "submitted"),
    "ideas.EndorsementsDeclared": ("외부 집계 공감 수", "endorsements declared"),
    "ideas.IdeaReceived": ("접수", "received"),
    "ideas.IdeaWithdrawn": ("철회", "withdrawn"),
    "ideas.IdeaFoundComplete": ("요건 충족", "found complete"),
    "ideas.IdeaClosed": ("비제안 종결처리", "closed as no proposal"),
    "ideas.EvaluationRequested": ("심사 의뢰", "evaluation requested"),
    "ideas.VoteCast": ("투표", "votes"),
    "ideas.DecisionRequested": ("결정 요청", "decision requested"),
    "ideas.DecisionOverdue": ("결정 기한 지남", "decision overdue"),
    "ideas.IdeaAdopted": ("채택", "adopted"),
    "ideas.IdeaRefused": ("불채택", "refused"),
    "ideas.ImplementationPlanned": ("실시 예정", "implementation planned"),
    "ideas.ImplementationStarted": ("실시 시작", "implementation started"),
    "ideas.ImplementationRescheduled": ("실시 시기 변경", "implementation rescheduled"),
    "ideas.ImplementationCompleted": ("실시 완료", "implementation completed"),
    "ideas.ImplementationAbandoned": ("실시 중단", "implementation abandoned"),
    "ideas.IdeaSpread": ("확산 기록", "spread noted"),
    "ideas.IdeaAwarded": ("수상 기록", "award noted"),
    "ideas.NoticeIssued": ("통지", "notice issued"),
    "ideas.NoticeDelivered": ("통지 도달", "notice delivered"),
    "ideas.ReceiptNumberRequested": ("접수번호 요청", "receipt number requested"),
    "ideas.ReceiptNumberIssued": ("접수번호 발급", "receipt number issued"),
    "ideas.IdeaNumbered": ("접수번호 부여", "numbered"),
    "ideas.SupplementRequested": ("보완 요청", "supplement requested"),
    "ideas.SupplementReminded": ("보완 독촉", "supplement reminded"),
    "ideas.SupplementUnmet": ("보완 기한 지남", "supplement unmet"),
    "ideas.SupplementAnswered": ("보완 제출", "supplement answered"),
    "ideas.IdeaTransferred": ("이송", "transferred"),
    "ideas.OpinionRequested": ("의견 조회", "opinion requested"),
    "ideas.OpinionGiven": ("의견 회신", "opinion given"),
    "ideas.OpinionUnanswered": ("의견 회신 기한 지남", "opinion unanswered"),
    "ideas.IdeaReopened": ("재개", "taken up again"),
    "ideas.ClocksStarted": ("기한 시작", "clocks started"),
    "ideas.DecisionExtended": ("처리 기간 연장", "decision extended"),
    "ideas.ClockRanOut": ("기한 만료", "clock ran out"),
    "ideas.PlannedDatePassed": ("실시 예정일 지남", "planned date passed"),
    "ideas.CallOpened": ("공모 공고", "call opened"),
    "ideas.CallExtended": ("공모 기간 연장", "call extended"),
    "ideas.CallAnswered": ("공모 응모", "call answered"),
    "ideas.CallEntered": ("공모 응모 기록", "entered in the call"),
    "ideas.CallClosed": ("공모 마감", "call closed"),
    "ideas.DraftSaved": ("임시 저장", "draft saved"),
    "ideas.DraftDiscarded": ("임시 저장 삭제", "draft discarded"),
    "ideas.DraftSubmitted": ("임시 저장 제출", "draft submitted"),
    "ideas.SharesOpened": ("기여도 확인 요청", "shares to be confirmed"),
    "ideas.ShareConfirmed": ("기여도 확인", "share confirmed"),
    "ideas.ShareDisputed": ("기여도 이의", "shares disputed"),
    "ideas.SharesSet": ("기관의 기여도 결정", "shares set by the department"),
    "ideas.SharesSettled": ("기여도 확정", "shares settled"),
    "ideas.DuplicatesFound": ("유사 제안 발견", "similar ideas found"),
    "ideas.MergeProposed": ("병합 제안", "merge proposed"),
    "ideas.MergeAsked": ("병합 절차 요청", "merge step asked for"),
    "ideas.MergeHeard": ("병합 절차 회신", "merge step answered"),
    "ideas.MergeNoted": ("병합 대상 확인", "merge facts noted"),
    "ideas.MergeOpened": ("병합 동의 요청", "consent to merge asked for"),
    "ideas.MergeAnswered": ("병합 동의 회신", "consent to merge answered"),
    "ideas.MergeRevoked": ("병합 취소 결정", "merge revoked"),
    "ideas.MergeEnded": ("병합 절차 종료", "merge ended"),
    "ideas.IdeaShown": ("병합 상대에게 공개", "shown for a merge"),
    "ideas.IdeaMerged": ("다른 제안에 병합", "merged into another"),
    "ideas.IdeaUnmerged": ("병합 취소로 복귀", "back from a merge"),
    "ideas.IdeaWidened": ("다른 제안을 병합", "took up another"),
    "ideas.IdeaNarrowed": ("병합된 제안 분리", "let another go"),
    "ideas.MilestoneSet": ("추진 단계 설정", "milestone set"),
    "ideas.MilestoneMoved": ("추진 단계 시기 변경", "milestone moved"),
    "ideas.MilestoneReached": ("추진 단계 완료", "milestone reached"),
    "ideas.MilestoneMissed": ("추진 단계 지연", "milestone missed"),
    "ideas.FailureRecognised": ("실패사례 인정", "recognised as an honest failure"),
    "ideas.ForecastMade": ("기대 성과 제출", "forecast made"),
    "ideas.FirstEffectNoted": ("효과 발생", "first effect noted"),
    "ideas.BenefitsRecorded": ("성과 측정 기록", "benefits recorded"),
    "ideas.MeasurementEnded": ("성과 측정 종료", "measuring ended"),
    "ideas.OutcomeGraded": ("성과등급 결정", "outcome graded"),
    "ideas.ConsultationAsked": ("사전컨설팅 신청", "prior consultation asked for"),
    "ideas.ConsultationAnswered": ("사전컨설팅 의견", "prior consultation answered"),
    "ideas.ConsultationOverdue": ("사전컨설팅 기한 지남", "prior consultation overdue"),
    "ideas.PracticeChecked": ("실행사례 사실 확인", "facts of a practice checked"),
    "ideas.PracticeConfirmed": ("실행사례 인정", "practice confirmed"),
    "ideas.ReexaminationRequested": ("재심사 요청", "re-examination requested"),
    "ideas.IdeaReexamined": ("재심사 결정", "re-examined"),
    "ideas.PanelConvened": ("심사위원회 구성", "panel convened"),
    "ideas.PanelFound": ("심사위원회 심의", "panel found"),
    "ideas.ClaimFiled": ("사후 실시 보상 신청", "claim filed"),
    "ideas.ClaimDecided": ("보상 신청 결정", "claim decided"),
    "ideas.MatchFound": ("유사 사례 발견", "match found"),
    "ideas.PolicyRecorded": ("시책 등록", "policy entered"),
    "evaluation.MoveFollowed": ("업무 이관에 따른 조치 시작", "move followed"),
    "evaluation.ItemsSought": ("이관 대상 조회", "items sought"),
    "evaluation.LookEnded": ("이관 대상 조회 마침", "look ended"),
    "evaluation.RoundMoveOrdered": ("회차 이관 지시", "round to follow a duty"),
    "evaluation.RoundMoved": ("업무 이관에 따른 주관 부서 변경", "round followed a duty"),
    "evaluation.RoundMoveNoticed": ("주관 부서 변경 통지", "told of another organiser"),
    "evaluation.EvaluationMoved": ("소관 부서 변경", "another department in charge"),
    "evaluation.ChargePassedOn": ("다음 단계에 소관 부서 통보", "next stage told who is in charge"),
    "evaluation.EvaluationOpened": ("심사 시작", "evaluation opened"),
    "evaluation.RatersAssigned": ("심사위원 배정", "raters assigned"),
    "evaluation.ScoreRecorded": ("채점", "scored"),
    "evaluation.ScoreDrafted": ("채점 임시저장", "draft saved"),
    "evaluation.EvaluationClosed": ("심사 마감", "evaluation closed"),
    "evaluation.IdeaEvaluated": ("심사 결과", "evaluated"),
    "evaluation.EvaluationCancelled": ("심사 취소", "evaluation cancelled"),
    "evaluation.EvaluationExtended": ("심사 기간 연장", "evaluation extended"),
    "evaluation.AuthorNamed": ("제안자 관계 조회", "author looked up"),
    "evaluation.CoauthorsNoted": ("공동제안 이력", "co-authors noted"),
    "evaluation.TeamNoted": ("소속 기록", "team noted"),
    "evaluation.AuthorDescribed": ("제안자 관계 회신", "author described"),
    "evaluation.TeamNamed": ("소속 부서 조회", "team looked up"),
    "evaluation.DepartmentAsked": ("상위 부서 조회", "department asked"),
    "evaluation.TeamPlaced": ("팀의 상위 부서", "team placed"),
    "evaluation.TeamMoved": ("팀 편입·이탈", "team moved"),
    "evaluation.TeamsNoted": ("부서의 팀", "teams noted"),
    "evaluation.DepartmentDescribed": ("소속 부서 회신", "department described"),
    "evaluation.RelationsNoted": ("이해관계 확인", "relations noted"),
    "evaluation.StatementSigned": ("이해관계 서약", "statement signed"),
    "evaluation.ConflictDeclared": ("이해관계 신고", "conflict declared"),
    "evaluation.RatersNamed": ("심사위원 지명", "raters named"),
    "evaluation.RaterExcluded": ("심사위원 제외", "rater excluded"),
    "evaluation.RaterUnfit": ("심사 불가 통보", "rater unfit"),
    "evaluation.UnfitNoted": ("심사 불가 기록", "unfit noted"),
    "evaluation.ChallengeRaised": ("기피 신청", "challenge raised"),
    "evaluation.ChallengeVoted": ("기피 의결 투표", "challenge voted on"),
    "evaluation.ChallengeDecided": ("기피 의결", "challenge decided"),
    "evaluation.AssignmentAsked": ("배정 요청", "assignment asked for"),
    "evaluation.AssignmentMade": ("배정 완료", "raters assigned to the stage"),
    "evaluation.AssignmentImpossible": ("배정 불가", "assignment impossible"),
    "evaluation.FinalAsked": ("쌍대비교 결선 요청", "final in pairs asked for"),
    "evaluation.FinalDrawn": ("쌍대비교 추첨", "pairs of the final drawn"),
    "evaluation.FinalNotDrawn": ("쌍대비교 결선 불가", "final in pairs impossible"),
    "evaluation.PairCompared": ("쌍대비교", "pair compared"),
    "evaluation.JudgeSteppedBack": ("결선 심사위원 회피", "judge of the final stepped back"),
    "evaluation.FinalClosed": ("쌍대비교 마감", "comparing ended"),
    "evaluation.FinalRanked": ("결선 순위 산출", "order of the final computed"),
    "evaluation.FinalDisclosed": ("결선 순위 공개", "order of the final disclosed"),
    "evaluation.AdoptionNoted": ("채택 확인(성과 평가 대상)", "adoption noted, for the grading of its outcome"),
    "evaluation.OutcomeRequested": ("성과 평가 요청", "grading of the outcome asked for"),
    "evaluation.RoundBegun": ("회차 시작", "round begun"),
    "evaluation.IdeaAdmitted": ("회차 편입", "admitted to a round"),
    "evaluation.AdmissionEnded": ("회차 편입 종료", "no longer admitted to the round"),
    "evaluation.RoundAwaited": ("회차 편입 대기", "waits for its round"),
    "evaluation.RoundJoined": ("회차 참여", "joined the round"),
    "evaluation.RoundNotJoined": ("회차 참여 불가", "could not join the round"),
    "evaluation.RoundLeft": ("회차에서 빠짐", "left the round"),
    "evaluation.StageExtended": ("단계 연장 공고", "stage extended"),
    "evaluation.ExtensionOrdered": ("연장 통보", "extension ordered"),
    "evaluation.ClosingOrdered": ("마감 통보", "closing ordered"),
    "evaluation.ResultHandedIn": ("심사 결과 제출", "result handed in"),
    "evaluation.EntryNoted": ("회차 진행 기록", "entry noted"),
    "evaluation.EntryDropped": ("회차 제외", "entry dropped"),
    "evaluation.StageOverdue": ("단계 채점 마감", "scoring of the stage over"),
    "evaluation.StageRanked": ("단계 순위 확정", "stage ranked"),
    "evaluation.StandingDecided": ("단계 결과 통보", "standing decided"),
    "evaluation.StandingTaken": ("단계 결과 반영", "standing taken"),
    "evaluation.StageRequested": ("다음 단계 의뢰", "next stage requested"),
    "evaluation.StageWithdrawn": ("다음 단계 철회", "next stage withdrawn"),
    "evaluation.StageDisclosed": ("단계 순위 공개", "ranking disclosed"),
    "evaluation.RoundEnded": ("회차 종료", "round ended"),
    "evaluation.ResultsAsked": ("보정 점수·신뢰도 산출 의뢰", "figures asked for"),
    "evaluation.ResultsComputed": ("보정 점수·신뢰도 산출", "figures computed"),
    "evaluation.ResultsDisclosed": ("보정 점수·신뢰도 공개", "figures disclosed"),
    "awards.MoveFollowed": ("업무 이관에 따른 조치 시작", "move followed"),
    "awards.ItemsSought": ("이관 대상 조회", "items sought"),
    "awards.LookEnded": ("이관 대상 조회 마침", "look ended"),
    "awards.RoundMoveOrdered": ("회차 이관 지시", "round to follow a duty"),
    "awards.RoundMoved": ("업무 이관에 따른 운영 부서 변경", "round followed a duty"),
    "awards.RoundMoveNoticed": ("운영 부서 변경 통지", "told of another department"),
    "awards.CategoryMoveOrdered": ("부문 이관 지시", "category to follow its round"),
    "awards.CategoryMoved": ("회차와 함께 운영 부서 변경", "category followed its round"),
    "awards.NominationMoved": ("추천 제안의 소관 부서 변경", "nomination followed its idea"),
    "awards.RoundOpened": ("회차 시작", "round opened"),
    "awards.CategoryAnnounced": ("부문 공고", "category announced"),
    "awards.CategoryOpened": ("부문 투표 시작", "category opened"),
    "awards.IdeaNominated": ("추천", "nominated"),
    "awards.IdeaNotNominated": ("추천 안 됨", "not nominated"),
    "awards.NomineeListed": ("후보 등재", "nominee listed"),
    "awards.BallotCast": ("공적심사 투표", "ballots"),
    "awards.BallotsClosed": ("투표 마감", "ballots closed"),
    "awards.CategoryClosed": ("부문 개표", "category closed"),
    "awards.ResultNoted": ("부문 결과 접수", "result noted"),
    "awards.GradesConfirmed": ("등급 확정", "grades confirmed"),
    "awards.AwardGranted": ("시상 결정", "award granted"),
    "awards.AwardNotGranted": ("수상하지 못함", "no award"),
    "awards.SharesAwaited": ("기여도 확정 대기", "waits for shares"),
    "awards.SharesNoted": ("확정 기여도 반영", "shares noted"),
    "awards.SettlementHeld": ("정산 보류", "settlement held"),
    "awards.NominationSettled": ("시상금 정산", "settled by shares"),
    "awards.NominationEnded": ("추천 종료", "nomination ended"),
    "awards.RoundClosed": ("회차 종료", "round closed"),
    "learning.CaseOpened": ("사례 등록", "case opened"),
    "learning.CaseFailed": ("실패사례 등록", "case of a failure"),
    "learning.CaseOffered": ("확산 요청", "case offered"),
    "learning.CaseAnswered": ("도입 회신", "case answered"),
    "learning.OfferOverdue": ("회신 기한 지남", "answer overdue"),
    "engine.CommandRefused": ("거절된 요청", "request refused"),
    "engine.Redriven": ("대기 건 다시 처리", "tried again"),
    "engine.Rewound": ("기록 재전송", "sent again"),
    "engine.Recovered": ("저장소 복구", "store recovered"),
    "engine.Resumed": ("정지 해제", "resumed"),
    "engine.Rebuilt": ("상태 재구성", "states rebuilt"),
    "engine.Repartitioned": ("파티션 수 변경", "more partitions"),
    "engine.EvidenceRead": ("격리 원문 열람", "evidence read"),
}

ANSWERS = {
    "adopted": ("도입", "adopted"),
    "adapted": ("고쳐서 도입", "adapted"),
    "declined": ("도입 안 함", "declined"),
    "overdue": ("기한 넘김", "overdue"),
    "offered": ("회신 대기", "waiting"),
}

UNANSWERED = ("overdue", "offered")
"""Of these the day is the one by which an answer is owed."""

ROLES = {
    "author": "제안자",
    "receiver": "접수담당",
    "department": "소관부서장",
    "rater": "심사위원",
    "chair": "심사위원장",
    "award_officer": "창의상 담당",
    "panelist": "공적심사위원",
    "group_lead": "학습조직장",
    "member": "학습조직원",
    "union": "노조 대표",
    "citizen": "시민",
    "auditor": "감사",
    "operator": "운영",
    "system": "시스템",
}

NOTICES = {
    "submitted": ("제출됨", "submitted"),
    "received": ("접수됨", "received"),
    "numbered": ("접수번호 부여됨", "numbered"),
    "closed": ("종결됨", "closed"),
    "returned": ("반려됨", "returned"),
    "complaint": ("민원으로 처리됨", "passed on as a complaint"),
    "supplement_requested": ("보완 요청됨", "supplement requested"),
    "supplement_reminded": ("보완 독촉됨", "supplement reminded"),
    "supplement_answered": ("보완됨", "supplemented"),
    "supplement_unmet": ("보완되지 않음", "not supplemented"),
    "transferred": ("이송됨", "transferred"),
    "duty_moved": ("소관 부서 변경(업무 이관)", "another department is in charge, by a move of a duty"),
    "opinion_asked": ("의견 조회 안내", "opinions are asked for"),
    "reopened": ("재개됨", "taken up again"),
    "evaluation_extended": ("심사 기간 연장됨", "evaluation extended"),
    "decision_extended": ("처리 기간 연장됨", "decision extended"),
    "planned_date_passed": ("실시 예정일 지남", "planned date passed"),
    "withdrawn": ("철회됨", "withdrawn"),
    "adopted": ("채택됨", "adopted"),
    "refused": ("불채택됨", "refused"),
    "adopted_in_part": ("일부 채택됨", "adopted in part"),
    "reexamination_requested": ("재심사 요청됨", "re-examination requested"),
    "reexamination_begun": ("직권 재심사 시작", "re-examination begun by the agency"),
    "reexamination_kept": ("재심사 결과 결정 유지", "decision kept after re-examination"),
    "reexamination_overdue": ("재심사 기한 넘김", "re-examination late"),
    "claim_filed": ("보상 신청됨", "claim filed"),
    "claim_granted": ("보상 신청 인정", "claim granted"),
    "claim_refused": ("보상 신청 불인정", "claim refused"),
    "claim_overdue": ("보상 신청 처리 기한 넘김", "answer to the claim late"),
    "match_found": ("유사 사례 알림", "something alike was found"),
    "awarded": ("수상", "awarded"),
    "spread": ("확산", "spread"),
    "share_disputed": ("기여도 이의", "shares disputed"),
    "shares_proposed": ("기여도 재협의 요청", "other shares proposed"),
    "shares_settled": ("기여도 확정", "shares settled"),
    "shares_set": ("기관의 기여도 결정", "shares set by the department"),
    "merge_proposed": ("병합 동의 요청", "consent to merge asked for"),
    "merge_ended": ("병합 절차 종료", "merge ended"),
    "merged": ("다른 제안에 병합됨", "merged into another"),
    "unmerged": ("병합 취소됨", "back from a merge"),
    "widened": ("다른 제안이 병합됨", "another was merged in"),
    "narrowed": ("병합된 제안이 분리됨", "another was let go"),
    "implementation_started": ("실시 시작", "implementation started"),
    "implementation_rescheduled": ("실시 시기 변경", "implementation rescheduled"),
    "implementation_completed": ("실시 완료", "implementation completed"),
    "implementation_abandoned": ("실시 중단", "implementation abandoned"),
    "milestone_reached": ("추진 단계 완료", "milestone reached"),
    "milestone_moved": ("추진 단계 시기 변경", "milestone moved"),
    "milestone_missed": ("추진 단계 지연", "milestone missed"),
    "failure_recognised": ("실패사례로 인정됨", "recognised as an honest failure"),
    "first_effect": ("효과 발생", "first effect"),
    "outcome_graded": ("성과등급 결정됨", "outcome graded"),
    "consultation_answered": ("사전컨설팅 의견 나옴", "prior consultation answered"),
    "practice_checked": ("실행사례 사실 확인됨", "facts of the practice confirmed"),
    "practice_confirmed": ("실행사례로 인정됨", "practice confirmed"),
    "practice_unconfirmed": ("실행사례 사실 확인 안 됨", "facts of the practice not confirmed"),
}

MATCHED = {
    "adoption": ("채택된 제안", "an adopted idea"),
    "output": ("학습성과", "a learning group's output"),
    "policy": ("시책", "a policy"),
}
"""What a refused idea may read like."""

SECONDS = {
    "stack": ("시스템 시작", "stack"),
    "scenario": ("시나리오 진행", "scenario"),
    "account": ("기록 확인", "account"),
    "total": ("모두", "total"),
}
"""What the time of a run went into."""

CLOSED_BY = {
    "complete": ("모두 채점", "all have scored"),
    "deadline": ("기한 도래", "deadline reached"),
    "command": ("위원장 마감", "closed by the chair"),
}


def say(language: Language, korean: str, english: str) -> str:
    """The words of one language."""
    return korean if language == "ko" else english


def who(kind: str, role: str) -> str:
    """Who an event is by, in Korean; those who vote have many roles."""
    return "투표자" if kind in ("ideas.VoteCast", "awards.BallotCast") else ROLES.get(role, role)


def won(amount: int) -> str:
    """An amount as it is written on a certificate."""
    return f"{amount:,}원"


def detail(kind: str, said: Mapping[str, Any], language: Language = "ko") -> str:
    """The one thing worth saying of an event beside its name; empty where its name says all.

    Raises KeyError, TypeError or ValueError where the data is not that of such an event.
    """
    in_words = partial(say, language)
    match kind:
        case "ideas.IdeaReceived":
            day = str(said["received_on"])
            return in_words(f"접수일 {day}", f"received on {day}") + _until(said.get("decision_due"), language)
        case "evaluation.EvaluationOpened":
            raters = said["raters_needed"]
            return in_words(f"심사위원 {raters}명", f"{raters} raters") + _until(said.get("due"), language)
        case "evaluation.ScoreRecorded":
            points = " · ".join(str(score["points"]) for score in said["scores"])
            return points + (in_words(" (다시 채점)", " (scored again)") if said["replaces"] else "")
        case "evaluation.EvaluationClosed":
            return in_words(*CLOSED_BY[str(said["closed_by"])])
        case "evaluation.IdeaEvaluated":
            points = said["score"]
            return (
                in_words(f"{points}점", str(points))
                if points is not None
                else in_words("심사위원 수 부족", "too few raters")
            )
        case "ideas.IdeaAdopted":
            day = said["planned_date"]
            part = in_words("일부 채택, ", "in part, ") if said.get("extent") == "in_part" else ""
            return part + (in_words(f"실시 예정일 {day}", f"planned for {day}") if day else "")
        case "ideas.IdeaReexamined":
            kept = said["outcome"] == "kept"
            return in_words("결정 유지", "decision kept") if kept else in_words("결정 변경", "decision changed")
        case "ideas.ClaimDecided":
            granted = said["outcome"] == "granted"
            return in_words("인정", "granted") if granted else in_words("불인정", "refused")
        case "ideas.MatchFound":
            return in_words(*MATCHED[said["matched"]]) + f" {said['similarity']} %"
        case "ideas.EndorsementsDeclared":
            return in_words(f"{said['endorsements']:,}명", f"{said['endorsements']:,}")
        case "ideas.NoticeIssued":
            code = str(said["notice"])
            return in_words(*NOTICES.get(code, (code, code)))
        case "awards.AwardGranted" | "awards.NominationSettled":
            amount, persons = said["prize_won"], len(said["payments"])
            return in_words(f"{won(amount)}, {persons}명에게", f"{amount:,} won to {persons}")
        case "engine.CommandRefused":
            return str(said["code"])
        case "learning.CaseOffered" | "learning.OfferOverdue":
            return str(said["target"])
        case "learning.CaseAnswered":
            return f"{said['target']}: {in_words(*ANSWERS[said['answer']])}"
        case "ideas.IdeaSpread":
            return f"{said['department']}: {in_words(*ANSWERS[said['answer']])}"
        case _:
            return ""


def _until(moment: str | None, language: Language) -> str:
    return say(language, f", 기한 {moment[:10]}", f", due {moment[:10]}") if moment else ""
