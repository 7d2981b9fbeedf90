"""What the people of `rights_site` may and may not reach: each thing once as their own and once as somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.roles import Role
from crm_core.cases.model import Case, CaseContact, CaseStage
from crm_core.clock import now
from crm_core.customers.model import Customer
from crm_core.dealers.model import CareTask, Dealer, DealerStaff
from crm_core.dealers.network_model import NetworkNews, SupplyOrder, WorkshopBooking
from crm_core.files.model import StoredFile
from crm_core.files.store import path_of
from crm_core.history.model import Contact, Leg, Recording
from crm_core.integration.keys import create_key
from crm_core.integration.scopes import Scope
from crm_core.knowledge.model import Article, ArticleVersion
from crm_core.leads.model import Lead
from crm_core.vehicles.model import Vehicle, VehicleOrder, VehicleRole, WorkshopVisit
from crm_core.workforce.model import AgentRow, AgentSkill, QueueRow, Team, TeamLeader
from tests.unit.agent_desktop.rights_quality import settle_judged
from tests.unit.agent_desktop.talks import settle_talks

OWN_DEALER, FOREIGN_DEALER = 1, 3
MARK = "外店的秘密"
"""Stands in every thing of the foreign dealer: no list or page of the own dealer's people may hold it."""
OWN_VIN, FOREIGN_VIN = "LFV3A23C9P0012847", "LFV9F99C9P9000001"
FOREIGN_AGENT, FOREIGN_TEAM, OWN_TEAM = "8000", "二组", "一组"  # the agent of rights_site
FOREIGN_QUEUE = "secret"
OWN, FOREIGN, UNKNOWN = range(3)
# The id for each gap of a path or body: own, foreign, unknown. {me} is the asker's number.
IDS: dict[str, tuple[str, str, str]] = {
    "vin": (OWN_VIN, FOREIGN_VIN, "LFV9A99C9P9999999"),
    "code": ("JL001", "JL003", "JL999"),
    "case": ("GD-0714-0000", "GD-0714-0001", "GD-0101-9999"),
    "rescue": ("JY-0714-0000", "JY-0714-0001", "JY-0101-9999"),
    "lead": ("XS-0714-0001", "XS-0714-0002", "XS-0101-9999"),
    "order": ("SO-1", "SO-2", "SO-9"),
    "visit": ("W-1", "W-2", "W-9"),
    "customer_id": ("901", "902", "999999"),
    "buyer": ("1", "902", "999999"),  # without a lead
    "vehicle_id": ("901", "902", "999999"),
    "contact": ("mine-{me}", "colleagues", "no-such-call"),
    "contact_id": ("mine-{me}", "colleagues", "no-such-call"),
    "recording": ("{me}", "7001", "999999"),
    "agent": ("1018", FOREIGN_AGENT, "8888"),
    "queue": ("enquiry", "secret", "no-such-queue"),
    "waiting": ("w-own", "w-secret", "w-nobody"),
    "kept": ("w-own", "w-secret", "w-nobody"),
    "talk_id": ("9101", "9102", "999999"),
    "review_id": ("9101", "9102", "999999"),
    "draw_id": ("9101", "9102", "999999"),
    "person": ("901", "902", "999999"),
    "number": ("901", "902", "999999"),
}
SAME = {"step": "accept", "what": "visit", "day": "2026-07-01", "delivered_on": "2026-07-01", "case_id": "1"}


FILES = {"case": (901, 902), "news": (911, 912), "article": (921, 922), "nothing": (931, 932)}
"""For each kind of subject an own and a foreign file's id; of what is no subject nobody has the files."""


async def settle_things(session: AsyncSession, numbers: Mapping[Role, str], folder: Path) -> dict[str, str]:
    """Gives the tokens of API keys by their names: "own" is bound to the own dealer and has every scope."""
    await _teams(session, numbers)
    (await session.get_one(Dealer, OWN_DEALER)).region = "north"
    (await session.get_one(Dealer, FOREIGN_DEALER)).region = "south"
    for number, (dealer, mark) in enumerate(((OWN_DEALER, ""), (FOREIGN_DEALER, MARK)), 901):
        await _of_dealer(session, number, dealer, mark)
    _calls(session, numbers)
    await session.flush()
    await settle_talks(session, {**{one: f"mine-{one}" for one in numbers.values()}, "7001": "colleagues"})
    await settle_judged(session, {9101: "1018", 9102: FOREIGN_AGENT})
    session.add_all([*_files(folder), CaseContact(case_id=901, contact_id=f"mine-{numbers[Role.AGENT]}")])
    tokens = {}
    for name, scopes in [
        ("own", list(Scope)),
        *((f"not {scope}", [s for s in Scope if s != scope]) for scope in Scope),
    ]:
        made = await create_key(
            session, name=name, scopes=scopes, dealer_id=OWN_DEALER, per_minute=6000, actor="9001", at=now()
        )
        tokens[name] = made.token
    return tokens


async def _teams(session: AsyncSession, numbers: Mapping[Role, str]) -> None:
    session.add_all(
        [Team(id="一组", name_zh="一组", name_en="One"), Team(id=FOREIGN_TEAM, name_zh="二组", name_en="Two")]
    )
    await session.flush()
    session.add(AgentRow(user_id=100, team="二组"))
    session.add(QueueRow(id=FOREIGN_QUEUE, name_zh=MARK, name_en=MARK, skill="secret", position=9))
    session.add_all(
        [AgentSkill(user_id=100, skill="repair", level=1), AgentSkill(user_id=100, skill="secret", level=9)]
    )
    leader = 100 + list(numbers).index(Role.TEAM_LEADER)
    session.add(TeamLeader(user_id=leader, team="一组"))


def _files(folder: Path) -> list[StoredFile]:
    """One for each subject of `FILES`; all have the same content."""
    kept = path_of(folder / "files", "0" * 64)
    kept.parent.mkdir(parents=True)
    kept.write_text("x")
    rows = [
        StoredFile(id=number, subject=f"{kind}/{subject}", name="a.txt", media_type="text/plain", size=1, by="9001")
        for kind, pair in FILES.items()
        for number, subject in zip(pair, ("901", "902"), strict=True)
    ]
    for row in rows:
        row.sha256, row.at = "0" * 64, now()
    return rows


async def _of_dealer(session: AsyncSession, number: int, dealer: int, mark: str) -> None:
    at, place = now(), number - 901
    session.add(Customer(id=number, name=f"客户{mark}", dealer_id=dealer, city="长春", created_at=at))
    if mark:
        session.add(Vehicle(id=902, vin=FOREIGN_VIN, model="远辰", plate="吉A00000", dealer_id=dealer))
    else:
        session.add(Vehicle(id=901, vin="LFV9F99C9P9000009", model="远辰", plate="吉A00001", dealer_id=dealer))
    await session.flush()
    session.add(VehicleRole(vehicle_id=number, customer_id=number, role="buyer"))
    staff = DealerStaff(id=number, dealer_id=dealer, name=f"周伟{mark}", role="service_adviser")
    case = Case(id=number, number=IDS["case"][place], kind="complaint", title=f"异响{mark}", customer_id=number)
    case.opened_at, case.dealer_id, case.stage, case.status = at, dealer, "accept", "open"
    rescue = Case(id=number + 10, number=IDS["rescue"][place], kind="rescue", title=f"抛锚{mark}", customer_id=number)
    rescue.opened_at, rescue.dealer_id, rescue.stage, rescue.status = at, dealer, "accept", "open"
    lead = Lead(number=IDS["lead"][place], customer_id=number, source="web", status="sent", created_at=at)
    lead.dealer_id, lead.sent_at, lead.wish, lead.times_sent = dealer, at, f"试驾{mark}", 1
    lead.feedback_due_at = at + timedelta(days=7)
    task = CareTask(id=number, kind="birthday", subject=f"test/{place}", purpose="care", customer_id=number)
    task.dealer_id, task.due_on = dealer, at.date()
    news = NetworkNews(id=number, kind="news", title=f"通知{mark}", body="x", must_read=True, created_by="9001")
    news.regions, news.created_at, news.published_at = (["south"] if mark else ["north"]), at, at
    supply = SupplyOrder(id=number, number=f"MS-{place}", kind="material", dealer_id=dealer, note=mark)
    supply.requested_at, supply.requested_by, supply.status_at = at, "9001", at
    booking = WorkshopBooking(id=number, dealer_id=dealer, customer_id=number, work="repair", wish=mark)
    booking.begins_at, booking.ends_at, booking.booked_at, booking.booked_by = at, at + timedelta(hours=1), at, "9001"
    order = VehicleOrder(number=IDS["order"][place], customer_id=number, dealer_id=dealer, model=f"远辰{mark}")
    order.status_at, order.ordered_at = at, at
    visit = WorkshopVisit(number=IDS["visit"][place], vehicle_id=number, dealer_id=dealer, kind="repair", came_at=at)
    visit.complaint = mark
    article = Article(id=number, status="published", audience="centre" if mark else "dealer", created_at=at)
    article.published, article.published_at = 1, at
    session.add_all([staff, case, rescue, lead, task, news, supply, booking, order, visit, article])
    await session.flush()
    words = ArticleVersion(article_id=number, number=1, state="published", title_zh=f"政策{mark}", author="9001", at=at)
    session.add(words)
    session.add(CaseStage(case_id=number, stage="accept", began_at=at, due_at=at + timedelta(days=1)))


def _calls(session: AsyncSession, numbers: Mapping[Role, str]) -> None:
    """One talk of each person with the own dealer's customer, one of a colleague with nobody who is known."""
    for number, contact in [*((one, f"mine-{one}") for one in numbers.values()), ("7001", "colleagues")]:
        at = now() - timedelta(hours=1)
        row = Contact(id=contact, direction="inbound", caller="+8613900000000", entry="4001718888", agent=number)
        row.customer_id = None if contact == "colleagues" else 901
        row.queue, row.outcome, row.started_at, row.answered_at, row.ended_at = "repair", "answered", at, at, at
        leg = Leg(id=f"{contact}-1", contact_id=contact, agent=number, queue="repair", result="answered", offered_at=at)
        sound = Recording(id=int(number), contact_id=contact, leg_id=leg.id, agent=number, file=f"{number}.flac")
        sound.started_at, sound.status, sound.seconds = at, "ready", 1.0
        session.add(row)
        session.add_all([leg, sound])
