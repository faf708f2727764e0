"""The grounds for protection (면책 소명자료): what was known, who advised, what was decided and why, and what was done.

Read off the log alone, each line with the event it rests on, so that whoever gets it can check it. Source:
지방공무원 적극행정 운영규정 제15조. A decision names the advice that was there before it.
"""

import re
from collections.abc import Iterable
from typing import Any, Literal, cast

from services.ideas.domain.idea_state import Idea
from shared.engine.envelope import Envelope, decode, event_of
from shared.runtime.store.protocol import Reader

Language = Literal["ko", "en"]

SECTIONS = {
    "known": ("1. 알고 있던 사실", "1. What was known"),
    "advised": ("2. 자문과 의견", "2. Who advised"),
    "decided": ("3. 결정과 그 사유", "3. What was decided, and why"),
    "done": ("4. 이행", "4. What was done"),
}

FACTS: dict[str, tuple[str, str, str]] = {
    "ideas.IdeaSubmitted": ("known", "제출된 제안", "The idea as submitted"),
    "ideas.SupplementAnswered": ("known", "보완된 내용", "What was supplied later"),
    "ideas.PracticeChecked": ("known", "실행사례 사실 확인", "The facts of the practice"),
    "ideas.DecisionRequested": ("known", "심사 결과", "The result of the evaluation"),
    "ideas.ForecastMade": ("known", "기대 성과", "What it was expected to bring"),
    "ideas.BenefitsRecorded": ("known", "측정된 성과", "What it brought"),
    "ideas.OpinionRequested": ("advised", "의견 조회", "An opinion was asked for"),
    "ideas.OpinionGiven": ("advised", "의견 회신", "An opinion was given"),
    "ideas.OpinionUnanswered": ("advised", "의견 회신 기한 지남", "An opinion did not come in time"),
    "ideas.ConsultationAsked": ("advised", "사전컨설팅 신청", "The audit office was asked beforehand"),
    "ideas.ConsultationAnswered": ("advised", "사전컨설팅 의견", "The opinion of the audit office"),
    "ideas.ConsultationOverdue": ("advised", "사전컨설팅 기한 지남", "The audit office did not answer in time"),
    "ideas.IdeaFoundComplete": ("decided", "요건 충족", "Found complete"),
    "ideas.IdeaClosed": ("decided", "비제안 종결처리", "Closed as no proposal"),
    "ideas.IdeaReopened": ("decided", "재개", "Taken up again"),
    "ideas.IdeaTransferred": ("decided", "이송", "Transferred"),
    "ideas.DecisionExtended": ("decided", "처리 기간 연장", "The decision took longer"),
    "ideas.IdeaAdopted": ("decided", "채택", "Adopted"),
    "ideas.IdeaRefused": ("decided", "불채택", "Refused"),
    "ideas.PracticeConfirmed": ("decided", "실행사례 인정", "The practice was confirmed"),
    "ideas.ImplementationRescheduled": ("decided", "실시 시기 변경", "The planned date moved"),
    "ideas.MilestoneMoved": ("decided", "추진 단계 시기 변경", "A milestone moved"),
    "ideas.ImplementationAbandoned": ("decided", "실시 중단", "Given up"),
    "ideas.FailureRecognised": ("decided", "실패사례 인정", "Recognised as an honest failure"),
    "ideas.OutcomeGraded": ("decided", "성과등급", "The outcome was graded"),
    "ideas.ImplementationStarted": ("done", "실시 시작", "Implementation began"),
    "ideas.MilestoneSet": ("done", "추진 단계 설정", "A milestone was set"),
    "ideas.MilestoneReached": ("done", "추진 단계 완료", "A milestone was reached"),
    "ideas.MilestoneMissed": ("done", "추진 단계 지연", "A milestone was missed"),
    "ideas.PlannedDatePassed": ("done", "실시 예정일 지남", "The planned date passed"),
    "ideas.FirstEffectNoted": ("done", "효과 발생", "It had its first effect"),
    "ideas.ImplementationCompleted": ("done", "실시 완료", "Implementation was completed"),
}
"""Which events are grounds: the section that each belongs to, and what it is called."""

WORDS: dict[str, tuple[str, str]] = {
    "title": ("제목", "Title"),
    "sections": ("내용", "Content"),
    "facts": ("사실관계", "Facts"),
    "question": ("질의", "Question"),
    "opinion": ("의견", "Opinion"),
    "stance": ("판단", "Stance"),
    "adviser": ("자문한 사람", "Adviser"),
    "department": ("부서", "Department"),
    "findings": ("확인 내용", "Findings"),
    "basis": ("산출 근거", "Basis"),
    "net_won": ("순편익(원)", "Net benefit (won)"),
    "planned_won": ("기대 순편익(원)", "Planned net benefit (won)"),
    "actual_won": ("실제 순편익(원)", "Actual net benefit (won)"),
    "evidence": ("증빙", "Evidence"),
    "effect": ("효과", "Effect"),
    "score": ("점수", "Score"),
    "grade": ("등급", "Grade"),
    "ground": ("사유 구분", "Ground"),
    "reason": ("사유", "Reason"),
    "finding": ("판단 사유", "Finding"),
    "learnt": ("얻은 교훈", "Learnt"),
    "result": ("결과", "Result"),
    "planned_date": ("실시 예정일", "Planned date"),
    "from_date": ("변경 전", "From"),
    "to_date": ("변경 후", "To"),
    "due_on": ("기한", "By"),
    "document": ("문서 번호", "Document"),
    "authority": ("결재", "Authority"),
    "rule": ("근거", "Rule"),
}
"""The fields that a document tells, in this order, and what they are called."""


async def grounds(reader: Reader, idea: Idea) -> dict[str, Any]:
    """All grounds of an idea by section, each section in the order of what happened."""
    found: list[Envelope] = []
    after = 0
    while batch := await reader.history(idea.id, after=after):
        after = batch[-1].position
        found.extend(decode(told.entry.value) for told in batch)
    return {"idea_id": idea.id, "title": idea.title.value, "stage": idea.stage.value, **gathered(found)}


def gathered(happened: Iterable[Envelope]) -> dict[str, Any]:
    """The sections of what happened, in its order. Each decision names the advice that was there before it."""
    sections: dict[str, list[dict[str, Any]]] = {section: [] for section in SECTIONS}
    for envelope in happened:
        section, korean, english = FACTS.get(envelope.type, ("", "", ""))
        if not section:
            continue
        line: dict[str, Any] = {
            "event": envelope.id,
            "type": envelope.type,
            "what": {"ko": korean, "en": english},
            "at": envelope.time.isoformat().replace("+00:00", "Z"),
            "by": {"id": envelope.actor.id, "role": envelope.actor.role},
            "data": event_of(envelope).model_dump(mode="json"),
        }
        if section == "decided":
            line["advised_by"] = [advice["event"] for advice in sections["advised"]]
        sections[section].append(line)
    return {"sections": sections}


def document(grounds: dict[str, Any], language: Language) -> str:
    """The grounds as a document in Markdown. What people wrote stands in it as text, never as markup."""
    title = _one(("면책 소명자료", "Grounds for protection"), language)
    lines = [f"# {title}: {_text(grounds['title'])}", "", f"`{grounds['idea_id']}`", ""]
    for section, heading in SECTIONS.items():
        lines += [f"## {_one(heading, language)}", ""]
        told = grounds["sections"][section]
        lines += [_one(("해당 없음", "None"), language), ""] if not told else []
        for line in told:
            lines += _line(line, language)
    return "\n".join(lines)


def _line(line: dict[str, Any], language: Language) -> list[str]:
    by = line["by"]
    lines = [
        f"### {line['what'][language]}",
        "",
        f"- `{line['event']}` · {line['at']} · {_text(by['id'])} ({by['role']})",
    ]
    for name, words in WORDS.items():
        if told := _value(line["data"].get(name)):
            lines.append(f"- {_one(words, language)}: {_text(told)}")
    if advice := line.get("advised_by"):
        heading = _one(("앞선 자문", "Advice before"), language)
        lines.append(f"- {heading}: " + ", ".join(f"`{event}`" for event in advice))
    return [*lines, ""]


def _value(value: Any) -> str:
    """What a field says, sealed or not, in one piece; empty where it says nothing."""
    if isinstance(value, dict):
        parts = cast("dict[str, Any]", value)
        if "alg" in parts:
            return _value(parts["value"])
        return "; ".join(f"{name} {_value(part)}" for name, part in parts.items() if _value(part))
    return "" if value is None else str(value)


def _text(text: str) -> str:
    """A text within a line of Markdown: no line breaks, and nothing that would be read as markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|!])", r"\\\1", " ".join(text.split()))


def _one(words: tuple[str, str], language: Language) -> str:
    return words[0] if language == "ko" else words[1]
