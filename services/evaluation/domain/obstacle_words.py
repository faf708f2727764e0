"""What stands in the way of an assignment, in words: what is asked, what is possible, what would help."""

from shared.contracts.evaluation_assignments import ObstacleFound

SHOWN = 5
"""So many ideas are named; of more the number is told."""


def said(obstacle: ObstacleFound) -> dict[str, str]:
    """The obstacle in Korean and in English."""
    asked, possible, more = obstacle.asked, obstacle.possible, obstacle.raise_limits_by
    ideas_ko, ideas_en = _named(obstacle.ideas)
    limits_ko = f" 모든 심사위원의 배정 한도를 {more}건씩 늘리면 됩니다." if more else ""
    limits_en = f" Raise every load limit by {more}." if more else ""
    match obstacle.code:
        case "raters_without_conflict":
            ko = f"제안 {ideas_ko}: 이해관계 없는 심사위원이 {asked}명 필요하나 {possible}명뿐입니다."
            ko += f" {asked - possible}명을 더 위촉하거나 심사위원 수를 줄여야 합니다."
            en = f"Idea {ideas_en} has only {possible} of {asked} raters without conflict."
            en += f" Name {asked - possible} more, or ask for fewer."
        case "raters_from_outside":
            ko = f"제안 {ideas_ko}: 다른 부서 심사위원이 {asked}명 필요하나 {possible}명뿐입니다."
            en = f"Idea {ideas_en} has only {possible} of {asked} raters from outside its department."
        case "loads":
            ko = f"심사 {asked:,}건이 필요하나 배정 한도로는 {possible:,}건까지만 됩니다.{limits_ko}"
            en = f"{asked:,} ratings asked, {possible:,} allowed by the load limits.{limits_en}"
        case "loads_of_outsiders":
            ko = f"다른 부서 심사 {asked:,}건이 필요하나 배정 한도로는 {possible:,}건까지만 됩니다"
            ko += f" (모자라는 제안: {ideas_ko}).{limits_ko}"
            en = f"{asked:,} ratings from outside asked, {possible:,} allowed by the load limits"
            en += f" (without: {ideas_en}).{limits_en}"
        case "linkage" if asked == possible:
            ko = f"배정 한도 안에서는 제안과 심사위원이 모두 이어지지 않습니다.{limits_ko}"
            en = f"Within the load limits ideas and raters can't all be linked.{limits_en}"
        case "linkage":
            where_ko = f" 제안 {ideas_ko}에 심사위원을 더하면 됩니다." if obstacle.ideas else ""
            where_en = f" One more each for {ideas_en} would be enough." if obstacle.ideas else ""
            ko = f"제안과 심사위원이 모두 이어지려면 심사가 {asked:,}건은 되어야 하나 {possible:,}건입니다."
            ko += where_ko + limits_ko
            en = f"To link all ideas and raters takes {asked:,} ratings; {possible:,} were asked."
            en += where_en + limits_en
        case "linkage_of_conflicts":
            ko = f"이해관계 때문에 제안과 심사위원이 {possible}개 묶음으로 나뉩니다. 제안 {ideas_ko}를"
            ko += " 나머지와 함께 심사할 수 있는 사람이 없습니다."
            en = f"Conflicts split ideas and raters into {possible} parts: nobody may rate {ideas_en} and any other."
    return {"ko": ko, "en": en}


def _named(ideas: tuple[str, ...]) -> tuple[str, str]:
    named, rest = ", ".join(ideas[:SHOWN]), len(ideas) - SHOWN
    return (f"{named} 외 {rest}건", f"{named} and {rest} more") if rest > 0 else (named, named)
