"""Two dealers of one region and one of another, with their people, for the portal's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.cases.model import Case, CaseStage
from crm_core.dealers.model import CareTask, Dealer, DealerStaff
from crm_core.dealers.network_model import NetworkNews, SupplyItem
from crm_core.leads.model import Lead
from tests.browser import people

RELATIONS, MANAGER, OTHER, REGIONAL, SUPERVISOR = "5101", "5102", "5301", "5901", "2001"
OWN, FOREIGN = 1, 3  # dealers
TECHNICIAN, CONSULTANT = 13, 12  # staff of the own dealer


async def settle_dealers(session: AsyncSession) -> None:
    """After people.settle: complaint TS-1 and lead XS-1 of the own dealer, TS-3 and XS-3 of a foreign one."""
    now = datetime.now(UTC)
    for number, region in ((1, "东北"), (2, "东北"), (3, "华东")):
        dealer = await session.get_one(Dealer, number)
        dealer.region = region
    secret = people._hash_of_password()
    users = (
        (51, RELATIONS, "孙丽", "Sun Li", "dealer_relations", 1, ""),
        (52, MANAGER, "金玉成", "Jin Yucheng", "dealer_manager", 1, ""),
        (53, OTHER, "周敏", "Zhou Min", "dealer_relations", 3, ""),
        (59, REGIONAL, "曹志刚", "Cao Zhigang", "regional_manager", None, "东北"),
        (20, SUPERVISOR, "王海燕", "Wang Haiyan", "supervisor", None, ""),
    )
    for user_id, number, name, name_en, roles, dealer_id, region in users:
        session.add(
            User(
                id=user_id,
                number=number,
                name=name,
                name_en=name_en,
                roles=roles,
                password_hash=secret,
                dealer_id=dealer_id,
                region=region,
            )
        )
    await session.flush()
    staff = (
        (11, 1, 51, "孙丽", "客户关系经理", "relations_manager", []),
        (CONSULTANT, 1, None, "李娜", "销售顾问", "sales_consultant", []),
        (TECHNICIAN, 1, None, "刘志远", "技术总监", "technician", ["product_quality"]),
        (14, 1, None, "周伟", "服务顾问", "service_adviser", []),
        (31, 3, 53, "周敏", "客户关系经理", "relations_manager", []),
        (32, 3, None, "赵刚", "技师", "technician", []),
    )
    for staff_id, dealer_id, user_id, name, title, role, skills in staff:
        session.add(
            DealerStaff(
                id=staff_id, dealer_id=dealer_id, user_id=user_id, name=name, title=title, role=role, skills=skills
            )
        )
    await session.flush()
    for case_id, dealer_id, customer_id in ((101, 1, people.CHEN), (103, 3, people.WANG)):
        case = Case(id=case_id, number=f"TS-{dealer_id}", kind="complaint", title="充电中断，三次进店未解决")
        case.customer_id, case.dealer_id, case.stage, case.sub_kind = (
            customer_id,
            dealer_id,
            "accept",
            "product_quality",
        )
        case.opened_at, case.due_at = now - timedelta(days=5), now + timedelta(days=2)
        session.add(case)
        await session.flush()
        session.add(CaseStage(case_id=case_id, stage="record", began_at=case.opened_at, done_at=case.opened_at))
        session.add(
            CaseStage(case_id=case_id, stage="accept", began_at=case.opened_at, due_at=now + timedelta(hours=1))
        )
    for lead_id, dealer_id, customer_id in ((201, 1, people.LI_MIN), (203, 3, people.WANG)):
        lead = Lead(id=lead_id, number=f"XS-{dealer_id}", customer_id=customer_id, source="hotline", status="sent")
        lead.model, lead.wish, lead.horizon, lead.dealer_id, lead.times_sent = (
            "远辰 E8",
            "本周试驾",
            "hot",
            dealer_id,
            1,
        )
        lead.created_at, lead.sent_at = now - timedelta(days=6), now - timedelta(days=6)
        lead.feedback_due_at = now + timedelta(days=1)
        session.add(lead)
    today = now.date()
    for task_id, dealer_id, customer_id in ((301, 1, people.LI_MIN), (303, 3, people.WANG)):
        task = CareTask(id=task_id, kind="after_service", subject=f"visit/{task_id}", purpose="service")
        task.dealer_id, task.customer_id, task.due_on = dealer_id, customer_id, today - timedelta(days=1)
        session.add(task)
    for news_id, regions in ((1, []), (2, ["华东"])):
        news = NetworkNews(id=news_id, kind="policy", title=f"政策 {news_id}", body="**请阅读**", regions=regions)
        news.must_read, news.created_at, news.created_by, news.published_at = True, now, "2001", now
        session.add(news)
    session.add(SupplyItem(id=1, kind="material", code="M-1", name="E6 产品手册", unit="本", most=500))
    await session.flush()
