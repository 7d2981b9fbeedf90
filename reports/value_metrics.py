"""The figures of the seven views, defined as in reports.metrics. Units: percent, number or yuan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.metrics import Metric
from reports.value_views import Group

SHARE_OF_COMPANIES: Metric[Group] = Metric(
    id="company_share",
    version=1,
    name_zh="单位客户占比",
    name_en="Companies",
    words_zh="单位客户 ÷ 客户。",
    words_en="companies / customers.",
    numerator=lambda g: g.companies,
    denominator=lambda g: g.customers,
)
AGE: Metric[Group] = Metric(
    id="age",
    version=1,
    name_zh="平均年龄",
    name_en="Mean age",
    words_zh="年龄之和 ÷ 已知出生年份的个人客户。",
    words_en="sum of ages / people whose year of birth is known.",
    numerator=lambda g: g.age_sum,
    denominator=lambda g: g.with_age,
    unit="number",
)
CARS: Metric[Group] = Metric(
    id="cars_each",
    version=1,
    name_zh="人均在用车",
    name_en="Cars each",
    words_zh="在用车辆 ÷ 客户。",
    words_en="cars owned or used now / customers.",
    numerator=lambda g: g.cars,
    denominator=lambda g: g.customers,
    unit="number",
)
CONTACTS: Metric[Group] = Metric(
    id="contacts_each",
    version=1,
    name_zh="年人均联系",
    name_en="Contacts a year",
    words_zh="近 365 天联系次数 ÷ 客户。",
    words_en="contacts in the last 365 days / customers.",
    numerator=lambda g: g.contacts,
    denominator=lambda g: g.customers,
    unit="number",
)
RETENTION: Metric[Group] = Metric(
    id="retention",
    version=1,
    name_zh="保持率",
    name_en="Retention",
    words_zh="建档满一年的客户中，近 365 天有购车、进店或联系的 ÷ 建档满一年的客户。",
    words_en="of customers known for more than a year, those with a purchase, visit or contact in the last 365 "
    "days / all of them.",
    numerator=lambda g: g.alive,
    denominator=lambda g: g.known_long,
)
AT_RISK: Metric[Group] = Metric(
    id="at_risk",
    version=1,
    name_zh="高流失风险",
    name_en="High risk of leaving",
    words_zh="流失风险为高的购车客户 ÷ 购车客户。",
    words_en="buyers whose risk is high / buyers.",
    numerator=lambda g: g.risk_high,
    denominator=lambda g: g.buyers,
)
REPEAT_PURCHASE: Metric[Group] = Metric(
    id="repeat_purchase",
    version=1,
    name_zh="回头率",
    name_en="Repeat purchase",
    words_zh="购车两辆及以上的客户 ÷ 购车客户。",
    words_en="customers who bought two cars or more / customers who bought one or more.",
    numerator=lambda g: g.again,
    denominator=lambda g: g.buyers,
)
REFERRAL: Metric[Group] = Metric(
    id="referral",
    version=1,
    name_zh="推荐率",
    name_en="Referral",
    words_zh="带来过新客户的购车客户 ÷ 购车客户。",
    words_en="buyers who brought a new customer / buyers.",
    numerator=lambda g: g.referrers,
    denominator=lambda g: g.buyers,
)
VALUE: Metric[Group] = Metric(
    id="value_each",
    version=1,
    name_zh="人均累计贡献",
    name_en="Worth each",
    words_zh="累计购车与维修金额 ÷ 客户。",
    words_en="paid for cars and service, ever / customers.",
    numerator=lambda g: g.value_yuan,
    denominator=lambda g: g.customers,
    unit="yuan",
)
SERVICE: Metric[Group] = Metric(
    id="service_each",
    version=1,
    name_zh="人均售后贡献",
    name_en="Service each",
    words_zh="累计售后金额 ÷ 客户。",
    words_en="paid for service / customers.",
    numerator=lambda g: g.service_yuan,
    denominator=lambda g: g.customers,
    unit="yuan",
)
EXPECTED: Metric[Group] = Metric(
    id="expected_each",
    version=1,
    name_zh="人均年预期",
    name_en="Expected a year",
    words_zh="每年预期贡献 ÷ 客户。",
    words_en="what a year should bring / customers.",
    numerator=lambda g: g.expected_yuan,
    denominator=lambda g: g.customers,
    unit="yuan",
)
CONTENT: Metric[Group] = Metric(
    id="content",
    version=1,
    name_zh="满意率",
    name_en="Content",
    words_zh="期内完整答卷中没有低分的 ÷ 完整答卷。",
    words_en="complete answers of the period without a low one / complete answers.",
    numerator=lambda g: g.content,
    denominator=lambda g: g.answered,
)
COMPLAINTS: Metric[Group] = Metric(
    id="complaints_per_100",
    version=1,
    name_zh="每百客户投诉",
    name_en="Complaints per 100",
    words_zh="期内新建投诉 × 100 ÷ 客户。",
    words_en="complaints opened in the period x 100 / customers.",
    numerator=lambda g: 100 * g.complaints,
    denominator=lambda g: g.customers,
    unit="number",
)
NEED_SOON: Metric[Group] = Metric(
    id="need_soon",
    version=1,
    name_zh="90 天内有需求",
    name_en="Need within 90 days",
    words_zh="90 天内有保养、质保或换车需求的 ÷ 客户。",
    words_en="customers for whom service, warranty or a new car falls due in 90 days / customers.",
    numerator=lambda g: g.need_soon,
    denominator=lambda g: g.customers,
)
OPEN_LEADS: Metric[Group] = Metric(
    id="open_leads",
    version=1,
    name_zh="在谈线索",
    name_en="Open leads",
    words_zh="有在谈线索的客户 ÷ 客户。",
    words_en="customers with an open lead / customers.",
    numerator=lambda g: g.open_leads,
    denominator=lambda g: g.customers,
)
CONVERSION: Metric[Group] = Metric(
    id="lead_conversion",
    version=1,
    name_zh="线索成交率",
    name_en="Leads won",
    words_zh="期内建立且已成交的线索 ÷ 期内建立的线索（不含无效）。",
    words_en="leads captured in the period and won / leads captured, without invalid ones.",
    numerator=lambda g: g.won,
    denominator=lambda g: g.leads,
)
NEW: Metric[Group] = Metric(
    id="new_share",
    version=1,
    name_zh="新客户占比",
    name_en="New customers",
    words_zh="期内新建档客户 ÷ 客户。",
    words_en="customers since the period began / customers.",
    numerator=lambda g: g.new,
    denominator=lambda g: g.customers,
)

VIEWS: Mapping[str, Sequence[Metric[Group]]] = {
    "profiling": (SHARE_OF_COMPANIES, AGE, CARS, CONTACTS),
    "persistency": (RETENTION, AT_RISK, REPEAT_PURCHASE, REFERRAL),
    "profitability": (VALUE, SERVICE, EXPECTED),
    "performance": (CONTENT, COMPLAINTS, RETENTION),
    "prospecting": (NEED_SOON, OPEN_LEADS, CONVERSION, NEW),
    "balanced": (CONTENT, RETENTION, NEW, REPEAT_PURCHASE, REFERRAL, VALUE),
}
"""What each view of groups of customers shows; the views product and promotion have rows of their own kind."""
SEVEN = ("profiling", "persistency", "profitability", "performance", "prospecting", "product", "promotion")
