"""What things are called for people, in Korean and English."""

from collections.abc import Mapping
from typing import Any

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
    "learning.GroupRegistered": ("학습조직 등록", "learning group registered"),
    "learning.ActivityRecorded": ("학습활동", "activity recorded"),
    "learning.OutputHandedOver": ("학습성과 제안 연계", "output handed over"),
    "learning.GroupClosed": ("학습조직 종료", "group closed"),
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
    "evaluation.EvaluationOpened": ("심사 시작", "evaluation opened"),
    "evaluation.RatersAssigned": ("심사위원 배정", "raters assigned"),
    "evaluation.ScoreRecorded": ("채점", "scored"),
    "evaluation.EvaluationClosed": ("심사 마감", "evaluation closed"),
    "evaluation.IdeaEvaluated": ("심사 결과", "evaluated"),
    "evaluation.EvaluationCancelled": ("심사 취소", "evaluation cancelled"),
    "awards.IdeaNominated": ("추천", "nominated"),
    "awards.IdeaNotNominated": ("추천 안 됨", "not nominated"),
    "awards.NomineeListed": ("후보 등재", "nominee listed"),
    "awards.BallotCast": ("공적심사 투표", "ballots"),
    "awards.AwardGranted": ("시상 결정", "award granted"),
    "awards.AwardNotGranted": ("수상하지 못함", "no award"),
    "awards.NominationSettled": ("시상금 정산", "settled by shares"),
    "awards.NominationEnded": ("추천 종료", "nomination ended"),
    "learning.CaseOpened": ("사례 등록", "case opened"),
    "learning.CaseOffered": ("확산 요청", "case offered"),
    "learning.CaseAnswered": ("도입 회신", "case answered"),
    "learning.OfferOverdue": ("회신 기한 지남", "answer overdue"),
    "engine.CommandRefused": ("거절된 요청", "request refused"),
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
    "submitted": "제출됨",
    "received": "접수됨",
    "closed": "종결됨",
    "withdrawn": "철회됨",
    "adopted": "채택됨",
    "refused": "불채택됨",
    "awarded": "수상",
    "spread": "확산",
    "implementation_started": "실시 시작",
    "implementation_rescheduled": "실시 시기 변경",
    "implementation_completed": "실시 완료",
    "implementation_abandoned": "실시 중단",
}


SECONDS = {
    "stack": ("시스템 시작", "stack"),
    "scenario": ("시나리오 진행", "scenario"),
    "account": ("기록 확인", "account"),
    "total": ("모두", "total"),
}
"""What the time of a run went into."""

CLOSED_BY = {"complete": "모두 채점", "deadline": "기한 도래", "command": "위원장 마감"}


def who(kind: str, role: str) -> str:
    """Who an event is by, in Korean; those who vote have many roles."""
    return "투표자" if kind in ("ideas.VoteCast", "awards.BallotCast") else ROLES.get(role, role)


def won(amount: int) -> str:
    """An amount as it is written on a certificate."""
    return f"{amount:,}원"


def detail(kind: str, said: Mapping[str, Any]) -> str:
    """The one thing worth saying of an event beside its name, in Korean; empty where its name says all."""
    match kind:
        case "ideas.IdeaReceived":
            return f"접수일 {said['received_on']}" + _until(said.get("decision_due"))
        case "evaluation.EvaluationOpened":
            return f"심사위원 {said['raters_needed']}명" + _until(said.get("due"))
        case "evaluation.ScoreRecorded":
            points = " · ".join(str(score["points"]) for score in said["scores"])
            return points + (" (다시 채점)" if said["replaces"] else "")
        case "evaluation.EvaluationClosed":
            return CLOSED_BY[str(said["closed_by"])]
        case "evaluation.IdeaEvaluated":
            return f"{said['score']}점" if said["score"] is not None else "심사위원 수 부족"
        case "ideas.IdeaAdopted":
            return f"실시 예정일 {said['planned_date']}" if said["planned_date"] else ""
        case "ideas.EndorsementsDeclared":
            return f"{said['endorsements']:,}명"
        case "ideas.NoticeIssued":
            return NOTICES.get(str(said["notice"]), str(said["notice"]))
        case "awards.AwardGranted" | "awards.NominationSettled":
            return f"{won(said['prize_won'])}, {len(said['payments'])}명에게"
        case "engine.CommandRefused":
            return str(said["code"])
        case "learning.CaseOffered" | "learning.OfferOverdue":
            return str(said["target"])
        case "learning.CaseAnswered":
            return f"{said['target']}: {ANSWERS[said['answer']][0]}"
        case "ideas.IdeaSpread":
            return f"{said['department']}: {ANSWERS[said['answer']][0]}"
        case _:
            return ""


def _until(moment: str | None) -> str:
    return f", 기한 {moment[:10]}" if moment else ""
