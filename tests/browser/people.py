"""A small, believable site for browser tests: two agents, a family with three cars, a shared number, dealers."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.access.passwords import hashed_now
from crm_core.cases.model import Case
from crm_core.customers.model import Customer, CustomerPhone
from crm_core.dealers.model import Dealer
from crm_core.history.model import Contact, Leg, Recording
from crm_core.vehicles.model import Vehicle, VehicleRole
from crm_core.workforce.model import AgentRow, AgentSkill, QueueRow

PASSWORD = "correct-horse-1"
AGENT, ENGLISH_AGENT, ADMIN, BOSS = "1018", "1019", "9001", "2001"
CHEN_NUMBER, SHARED_NUMBER, NEW_NUMBER = "+8613804317706", "+8643188880012", "+8613944120031"
CHEN, LI_MIN, LI_QIANG, WANG = 1, 2, 3, 4


async def settle(session: AsyncSession) -> None:
    """Everybody and everything, in one transaction."""
    _users(session)
    await session.flush()
    _workforce(session)
    _dealers(session)
    await session.flush()
    _customers(session)
    await session.flush()
    _vehicles(session)
    await session.flush()
    _cases(session)
    await session.flush()
    _history(session)


def add_boss(session: AsyncSession) -> None:
    """Beside `settle`: a supervisor, BOSS."""
    boss = User(number=BOSS, name="王海燕", name_en="Wang Haiyan", roles="supervisor", language="zh-CN")
    boss.password_hash = _hash_of_password()
    session.add(boss)


@lru_cache
def _hash_of_password() -> str:
    return hashed_now(PASSWORD)


def _users(session: AsyncSession) -> None:
    secret = _hash_of_password()
    people = (
        (1, AGENT, "林晓梅", "Lin Xiaomei", "agent", "zh-CN"),
        (2, ENGLISH_AGENT, "王芳", "Wang Fang", "agent", "en"),
    )
    for user_id, number, name, name_en, roles, language in people:
        user = User(id=user_id, number=number, name=name, name_en=name_en, roles=roles, language=language)
        user.password_hash = secret
        session.add(user)
    session.add(User(id=3, number=ADMIN, name="管理员", name_en="Admin", roles="administrator", password_hash=secret))


def _workforce(session: AsyncSession) -> None:
    session.add(QueueRow(id="repair", name_zh="售后服务", name_en="After-sales", skill="repair", position=1))
    session.add(QueueRow(id="enquiry", name_zh="产品咨询", name_en="Product enquiries", skill="enquiry", position=2))
    for user_id in (1, 2):
        session.add(AgentRow(user_id=user_id, team="一组"))
        session.add(AgentSkill(user_id=user_id, skill="repair", level=8))
        session.add(AgentSkill(user_id=user_id, skill="enquiry", level=5))


def _dealers(session: AsyncSession) -> None:
    places = (
        (1, "长春金达远辰", "长春", "吉林省长春市绿园区景阳大路 1288 号", 43.88, 125.26, "孙丽"),
        (2, "长春博众远辰", "长春", "吉林省长春市净月区福祉大路 566 号", 43.80, 125.40, "赵刚"),
        (3, "吉林恒信远辰", "吉林", "吉林省吉林市丰满区吉林大街 301 号", 43.82, 126.56, "周敏"),
    )
    for number, name, city, address, latitude, longitude, manager in places:
        dealer = Dealer(
            id=number, code=f"JL{number:03}", name=f"{name} 4S 店", short_name=name, province="吉林", city=city
        )
        dealer.address, dealer.phone, dealer.relations_manager = address, f"0431-8888-000{number}", manager
        dealer.latitude, dealer.longitude = latitude, longitude
        session.add(dealer)


def _customers(session: AsyncSession) -> None:
    now = datetime.now(UTC)
    chen = Customer(id=CHEN, name="陈建国", name_pinyin="chenjianguo cjg", salutation="先生", birth_year=now.year - 47)
    chen.customer_class, chen.class_reason = "vip", "家庭 3 台车，累计消费 68.4 万"
    chen.life_cycle_stage, chen.preference, chen.city = "stable", "普通话，晚 6 点后勿回呼", "长春"
    chen.dealer_id, chen.sales_consultant, chen.service_adviser, chen.language = 1, "高远", "周伟", "zh-CN"
    others = (
        Customer(id=LI_MIN, name="李敏", name_pinyin="limin lm", salutation="女士", city="长春", dealer_id=2),
        Customer(id=LI_QIANG, name="李强", name_pinyin="liqiang lq", salutation="先生", city="长春", dealer_id=2),
        Customer(id=WANG, name="王静怡", name_pinyin="wangjingyi wjy", salutation="女士", city="吉林", dealer_id=3),
    )
    for customer in (chen, *others):
        customer.created_at = now - timedelta(days=400)
        session.add(customer)
    numbers = ((CHEN, CHEN_NUMBER), (LI_MIN, SHARED_NUMBER), (LI_QIANG, SHARED_NUMBER), (WANG, "+8613704320099"))
    for customer_id, number in numbers:
        label = "family" if number == SHARED_NUMBER else "mobile"
        session.add(CustomerPhone(customer_id=customer_id, e164=number, label=label))


def _vehicles(session: AsyncSession) -> None:
    cars = (
        (1, CHEN, "LFV3A23C9P0012847", "吉AD30618", "远辰 E6 四驱", "electric", 41260, date(2031, 3, 1)),
        (2, CHEN, "LFV2A21K5N3098123", "吉A7K28M", "远辰 S5 2.0T", "petrol", 29400, date(2027, 8, 1)),
        (3, CHEN, "LFV1A11K2K2045511", "吉A3R905", "远辰 C7", "petrol", 88010, None),
        (4, LI_MIN, "LFV2A21K5R3011111", "吉A5T11Q", "远辰 S3", "petrol", 12000, date(2028, 1, 1)),
        (5, LI_QIANG, "LFV3A23C9R0022222", "吉AF66801", "远辰 E5", "electric", 9000, date(2032, 1, 1)),
    )
    for number, owner, vin, plate, model, energy, mileage, warranty in cars:
        vehicle = Vehicle(id=number, vin=vin, plate=plate, model=model, energy=energy, mileage_km=mileage, dealer_id=1)
        vehicle.warranty_until, vehicle.sold_on = warranty, date(2025 - number % 5, 3, 1)
        session.add(vehicle)
        session.add(VehicleRole(vehicle_id=number, customer_id=owner, role="buyer"))


def _cases(session: AsyncSession) -> None:
    now = datetime.now(UTC)
    steps = [("受理", 3), ("派店", 3), ("检测", 2), ("待料", None), ("维修", None), ("回访", None)]
    done = [
        {"name": name, "done_on": (now - timedelta(days=days)).date().isoformat() if days else None}
        for name, days in steps
    ]
    wait = Case(
        id=1, number="GD-0713-0183", kind="repair", title="空调压缩机异响，等配件", customer_id=CHEN, vehicle_id=1
    )
    wait.detail, wait.steps = "零件 8K0-260-805，中心库已发", json.dumps(done, ensure_ascii=False)
    wait.opened_at, wait.due_at, wait.dealer_id = now - timedelta(days=3), now + timedelta(hours=7, minutes=18), 1
    book = Case(id=2, number="GD-0715-0047", kind="material", title="索取 E6 冬季用车手册", customer_id=CHEN)
    book.opened_at, book.due_at = now - timedelta(days=1), now + timedelta(days=1, hours=9)
    session.add_all([wait, book])


def _history(session: AsyncSession) -> None:
    now = datetime.now(UTC)
    talks = (
        ("old-1", 2, 292, "repair", "fault", "上坡和等红灯时空调有“哒哒”声，制冷正常。答应配件到店当天电话通知。"),
        ("old-2", 20, 180, "enquiry", "maintenance", "询问首保项目和费用。"),
        ("old-3", 44, 95, "enquiry", "dealer", "询问金达远辰周末营业时间。"),
    )
    for contact_id, days, seconds, kind, sub_kind, note in talks:
        began = now - timedelta(days=days, hours=1)
        contact = Contact(id=contact_id, direction="inbound", caller=CHEN_NUMBER, entry="4001718888", customer_id=CHEN)
        contact.queue, contact.agent, contact.topic, contact.outcome = "repair", AGENT, kind, "answered"
        contact.started_at, contact.answered_at, contact.ended_at = (
            began,
            began,
            began + timedelta(seconds=seconds + 30),
        )
        contact.kind, contact.sub_kind, contact.note, contact.disposition = kind, sub_kind, note, "answered"
        contact.recorded_at, contact.language, contact.menu_path = began + timedelta(minutes=8), "zh-CN", f"main>{kind}"
        session.add(contact)
        leg = Leg(id=f"{contact_id}-1", contact_id=contact_id, agent=AGENT, queue="repair", result="answered")
        leg.offered_at, leg.answered_at = began + timedelta(seconds=20), began + timedelta(seconds=30)
        leg.ended_at = leg.answered_at + timedelta(seconds=seconds)
        session.add(leg)
    recording = Recording(contact_id="old-1", leg_id="old-1-1", agent=AGENT, file="x/old-1-1.flac", seconds=292.0)
    recording.started_at, recording.status = now - timedelta(days=2), "ready"
    session.add(recording)
