"""The demo site's queues, its agents at simulated desk phones, and the people who sign in by browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm_core.access.passwords import hashed_now
from crm_core.access.roles import Role, write_roles

PASSWORD = "yuanchen-demo"  # noqa: S105  no secret: the site is on loopback and fictional, and set-up prints it
DESK_PHONES = "127.0.0.3"
FIRST_DESK_PORT = 5390


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLogin:
    """A person of the demo site who can sign in."""

    number: str
    name: str
    name_en: str
    role: Role
    password: str


@dataclass(frozen=True, slots=True)
class Member:
    """`skills` are words of SKILLS with a level each; `shift` is the hour in which the day begins."""

    number: str
    name: str
    name_en: str
    team: str
    shift: float
    skills: tuple[tuple[str, int], ...]


def _skilled(text: str) -> tuple[tuple[str, int], ...]:
    return tuple((word[:-1], int(word[-1])) for word in text.split())


TEAM_ONE, TEAM_TWO = "team_one", "team_two"
TEAMS: tuple[dict[str, Any], ...] = (
    {"id": TEAM_ONE, "name_zh": "话务一组", "name_en": "Team One", "position": 1, "missed_limit": 3},
    {"id": TEAM_TWO, "name_zh": "话务二组", "name_en": "Team Two", "position": 2, "missed_limit": 2},
)
LIN = Member(
    "1018",
    "林晓梅",
    "Lin Xiaomei",
    TEAM_ONE,
    8.0,
    _skilled("enquiry7 complaint7 suggestion6 repair9 rescue8 vip9"),
)
MEMBERS = (
    Member("1001", "张丽", "Zhang Li", TEAM_ONE, 8.0, _skilled("enquiry8 suggestion7 repair6 complaint4")),
    Member("1002", "王磊", "Wang Lei", TEAM_ONE, 8.0, _skilled("repair9 rescue8 enquiry5")),
    Member("1003", "李娟", "Li Juan", TEAM_ONE, 8.0, _skilled("complaint9 suggestion8 enquiry6 vip7")),
    Member("1004", "刘洋", "Liu Yang", TEAM_ONE, 8.0, _skilled("repair8 enquiry6 rescue6 suggestion5")),
    Member("1005", "陈静", "Chen Jing", TEAM_ONE, 8.0, _skilled("enquiry9 suggestion8 complaint6")),
    Member("1006", "杨帆", "Yang Fan", TEAM_ONE, 9.5, _skilled("repair7 rescue9 vip6 complaint5")),
    Member("1007", "赵敏", "Zhao Min", TEAM_TWO, 9.5, _skilled("complaint8 repair7 enquiry5")),
    Member("1008", "黄涛", "Huang Tao", TEAM_TWO, 9.5, _skilled("repair8 rescue7 enquiry6")),
    Member("1009", "周婷", "Zhou Ting", TEAM_TWO, 12.5, _skilled("enquiry8 repair6 suggestion6 vip8")),
    Member("1010", "吴昊", "Wu Hao", TEAM_TWO, 12.5, _skilled("repair9 complaint6 rescue6")),
    Member("1011", "徐慧", "Xu Hui", TEAM_TWO, 12.5, _skilled("enquiry7 complaint8 suggestion7 repair4")),
    Member("1012", "孙鹏", "Sun Peng", TEAM_TWO, 12.5, _skilled("repair7 rescue9 enquiry6")),
    LIN,
)
_OTHERS = (
    ("2001", "王海燕", "Wang Haiyan", Role.SUPERVISOR),
    ("2011", "高峰", "Gao Feng", Role.TEAM_LEADER),
    ("2012", "许晴", "Xu Qing", Role.TEAM_LEADER),
    ("3001", "郑文静", "Zheng Wenjing", Role.QUALITY),
    ("9001", "何志强", "He Zhiqiang", Role.ADMINISTRATOR),
)
LEADERS = {TEAM_ONE: ("2011",), TEAM_TWO: ("2012",)}
_ROUTING: dict[str, dict[str, Any]] = {
    "enquiry": {
        "strategy": "longest_idle",
        "sticky_seconds": 10,
        "levels": [{"after_seconds": 0, "level": 6}, {"after_seconds": 30, "level": 1}],
        "longest_wait_seconds": 900,
        "when_too_long": "callback",
    },
    "complaint": {
        "ageing_seconds": 60,
        "sticky_seconds": 20,
        "levels": [{"after_seconds": 0, "level": 7}, {"after_seconds": 45, "level": 4}],
        "overflow": [{"to": "enquiry", "after_seconds": 180, "expected_over_seconds": 0}],
    },
    "suggestion": {
        "strategy": "round_robin",
        "overflow": [{"to": "enquiry", "after_seconds": 60, "expected_over_seconds": 120}],
        "most_waiting": 20,
        "when_full": "voicemail",
    },
    "repair": {
        "strategy": "least_occupied",
        "ageing_seconds": 90,
        "sticky_seconds": 15,
        "affinity_seconds": 15,
        "levels": [{"after_seconds": 0, "level": 6}, {"after_seconds": 40, "level": 4}],
    },
    "rescue": {"ageing_seconds": 15, "announce_every_seconds": 30, "first_announcement_seconds": 8},
    "vip": {
        "ageing_seconds": 30,
        "sticky_seconds": 20,
        "overflow": [{"to": "repair", "after_seconds": 40, "expected_over_seconds": 60}],
    },
}
_NO_ROUTING: dict[str, Any] = {
    "strategy": "best_skill",
    "levels": [],
    "ageing_seconds": 0,
    "sticky_seconds": 0,
    "affinity_seconds": 0,
    "overflow": [],
    "most_waiting": 0,
    "when_full": "stay",
    "longest_wait_seconds": 0,
    "when_too_long": "stay",
    "first_announcement_seconds": 15,
    "announce_every_seconds": 45,
    "callback_offered": True,
    "message_offered": True,
}
QUEUES: tuple[dict[str, Any], ...] = tuple(
    {
        "id": word,
        "name_zh": zh,
        "name_en": en,
        "skill": word,
        "position": position,
        "priority": priority,
        "ring_seconds": ring,
        "wrap_up_seconds": wrap_up,
        "service_seconds": service,
        "service_target_percent": 80,
        "short_abandon_seconds": 5,
        **_NO_ROUTING,
        **_ROUTING.get(word, {}),
    }
    for position, (word, zh, en, priority, ring, wrap_up, service) in enumerate(
        (
            ("enquiry", "产品咨询", "Enquiries", 0, 20, 30, 20),
            ("complaint", "投诉专线", "Complaints", 1, 20, 60, 20),
            ("suggestion", "建议受理", "Suggestions", 0, 20, 30, 30),
            ("repair", "售后服务", "After-sales", 0, 20, 30, 20),
            ("rescue", "道路救援", "Road rescue", 5, 15, 45, 10),
            ("vip", "大客户", "Key accounts", 3, 15, 30, 10),
        ),
        start=1,
    )
)


def logins() -> tuple[DemoLogin, ...]:
    """Everybody of the demo site, the agent with the browser phone first."""
    people = [(member.number, member.name, member.name_en, Role.AGENT) for member in (LIN, *MEMBERS[:-1])]
    return tuple(
        DemoLogin(number=number, name=name, name_en=name_en, role=role, password=PASSWORD)
        for number, name, name_en, role in (people[0], *_OTHERS, *people[1:])
    )


def user_rows() -> list[dict[str, Any]]:
    """Rows of `user_account`."""
    people = sorted(logins(), key=lambda login: login.number)
    password_hash = hashed_now(PASSWORD)
    return [
        {
            "id": user_id,
            "number": login.number,
            "name": login.name,
            "name_en": login.name_en,
            "password_hash": password_hash,
            "roles": write_roles((login.role,)),
            "language": "zh-CN",
            "theme": "light",
            "disabled_at": None,
        }
        for user_id, login in enumerate(people, start=1)
    ]


def agent_rows(users: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of `agent` and `agent_skill`. Lin Xiaomei has the phone in the browser, the others a desk phone.

    Who leads has a phone in the browser too, to listen by, and no skills: no caller is offered to them.
    """
    ids = {user["number"]: user["id"] for user in users}
    rows, skills = [], []
    for place, member in enumerate(MEMBERS):
        contact = "" if member is LIN else f"sip:{member.number}@{DESK_PHONES}:{FIRST_DESK_PORT + place}"
        rows.append({"user_id": ids[member.number], "team": member.team, "phone_contact": contact})
        skills += [{"user_id": ids[member.number], "skill": word, "level": level} for word, level in member.skills]
    leading = (Role.SUPERVISOR, Role.TEAM_LEADER)
    rows += [
        {"user_id": ids[number], "team": "", "phone_contact": ""} for number, *_, role in _OTHERS if role in leading
    ]
    return rows, skills


def leader_rows(users: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `team_leader`."""
    ids = {user["number"]: user["id"] for user in users}
    return [{"user_id": ids[number], "team": team} for team, numbers in LEADERS.items() for number in numbers]
