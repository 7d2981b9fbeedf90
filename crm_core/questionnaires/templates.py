"""Questionnaires to begin with: the calls two and four weeks after delivery, after the workshop, after a complaint.

They are starting points that each site changes; a published one lives on by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.questionnaires.questions import END, Branch, Content, Kind, Option, Question, Words

AFTER_SERVICE_TOPICS = ("overall", "care", "advice", "work", "time", "repair")
"""The six topics that a manufacturer's research asks of every workshop visit (N12)."""


def _rated(name: str, zh: str, en: str, topic: Words, branches: tuple[Branch, ...] = ()) -> Question:
    return Question(id=name, kind=Kind.RATING, words=Words(zh, en), topic=topic, branches=branches)


_RECOMMEND = Question(
    id="recommend",
    kind=Kind.NPS,
    words=Words(
        "您有多大可能把我们的品牌推荐给亲友？", "How likely is it that you recommend our brand to friends or family?"
    ),
    topic=Words("推荐意愿", "Recommendation"),
)

TWO_WEEKS = Content(
    title=Words("交车两周满意度调查", "Two weeks after delivery"),
    greeting=Words(
        "您好，您的爱车已经陪伴您两周了，想占用您两分钟，听听您的感受。",
        "Hello. You have had your new car for two weeks. May we ask you some short questions? It takes two minutes.",
    ),
    thanks=Words("谢谢您的时间，祝您用车愉快，再见。", "Thank you for your time. Pleasant journeys. Goodbye."),
    questions=(
        _rated("overall", "您对这次购车总体满意吗？", "How satisfied are you with your purchase overall?",
               Words("总体满意度", "Overall satisfaction")),
        _rated("care", "交车当天，您感到被关心和照顾了吗？", "Did you feel well looked after on the day of delivery?",
               Words("客户关怀", "Customer care")),
        _rated("vehicle", "您对车辆的状况满意吗？", "How satisfied are you with the condition of the car?",
               Words("车辆状况", "Condition of the car")),
        _rated("problems", "这两周用车顺利吗？", "How well have the first two weeks with the car gone?",
               Words("使用中的问题", "Problems in use")),
        _rated("explained", "销售顾问的讲解清楚吗？", "How clear were the explanations of your sales consultant?",
               Words("销售顾问讲解", "Sales consultant's explanation")),
        Question(
            id="extras",
            kind=Kind.CHOICE,
            words=Words("您对哪种附件感兴趣？", "Which accessory would interest you?"),
            topic=Words("附件兴趣", "Interest in accessories"),
            options=(
                Option(id="mats", words=Words("脚垫", "floor mats")),
                Option(id="recorder", words=Words("行车记录仪", "a dashboard camera")),
                Option(id="charger", words=Words("充电桩", "a charging point")),
                Option(id="none", words=Words("都不需要", "none of these")),
            ),
        ),
    ),
)  # fmt: skip

FOUR_WEEKS = Content(
    title=Words("交车四周服务回访", "Four weeks after delivery"),
    greeting=Words(
        "您好，我们是您的售后服务团队，想了解您这个月的用车情况，只需两分钟。",
        "Hello, this is your service team. We would like to know how your first month went. It takes two minutes.",
    ),
    thanks=Words("谢谢您，首次保养时我们再见。", "Thank you. We look forward to your first service."),
    questions=(
        _rated("overall", "这一个月的用车体验，您总体满意吗？", "How satisfied are you with your first month overall?",
               Words("总体满意度", "Overall satisfaction")),
        Question(
            id="fault",
            kind=Kind.YES_NO,
            words=Words("车辆有需要我们处理的问题吗？", "Is there anything about the car that we should put right?"),
            topic=Words("需要处理", "Something to put right"),
            branches=(Branch(to="reached", on=("0",)),),
        ),
        Question(
            id="tell",
            kind=Kind.COMMENT,
            words=Words("请您说说是什么问题？", "What is it, please?"),
            topic=Words("问题描述", "Description"),
        ),
        _rated("reached", "您需要我们的时候，容易联系到吗？", "How easy was it to reach us when you needed us?",
               Words("容易联系", "Easy to reach")),
        Question(
            id="booking",
            kind=Kind.YES_NO,
            words=Words("需要我们帮您预约首次保养吗？", "Shall we book your first service for you?"),
            topic=Words("预约首保", "Book the first service"),
        ),
        _RECOMMEND,
    ),
)  # fmt: skip

AFTER_SERVICE = Content(
    title=Words("维修后满意度调查", "After a workshop visit"),
    greeting=Words(
        "您好，您的爱车前几天到店做了服务，想请您评价六个方面，大约两分钟。",
        "Hello. Your car was in our workshop a few days ago. May we ask you to rate six things? It takes two minutes.",
    ),
    thanks=Words("谢谢您的评价，祝您一路平安，再见。", "Thank you for your answers. Drive safely. Goodbye."),
    questions=(
        _rated("overall", "您对这次服务总体满意吗？", "How satisfied are you with this visit overall?",
               Words("总体满意度", "Overall satisfaction")),
        _rated("care", "您感到被关心和照顾了吗？", "How well were you looked after?",
               Words("客户关怀", "Customer care")),
        _rated("advice", "服务顾问的建议对您有帮助吗？", "How good was the advice of your service adviser?",
               Words("服务顾问建议", "Service adviser's advice")),
        _rated("work", "您对维修的工作满意吗？", "How satisfied are you with the work that was done?",
               Words("维修工作", "Work done")),
        _rated("time", "是否在约定的时间交车？", "How well was the promised time kept?",
               Words("按时交车", "Promised time kept")),
        _rated("repair", "您给这次维修总体打几分？", "How do you rate the repair as a whole?",
               Words("维修总评", "Repair as a whole")),
    ),
)  # fmt: skip

COMPLAINT = Content(
    title=Words("投诉处理回访", "After a complaint"),
    greeting=Words(
        "您好，您之前反映的问题已经办结，想听听您是否满意，只需一分钟。",
        "Hello. Your complaint has been closed. We would like to know whether you are content. It takes one minute.",
    ),
    thanks=Words("谢谢您，您的意见我们会认真对待，再见。", "Thank you. We take what you said seriously. Goodbye."),
    most_questions=5,
    low=3,
    questions=(
        Question(
            id="solved",
            kind=Kind.YES_NO,
            words=Words("您的问题解决了吗？", "Has your problem been solved?"),
            topic=Words("问题已解决", "Problem solved"),
            branches=(Branch(to="speed", on=("1",)),),
            no_is_low=True,
        ),
        Question(
            id="tell",
            kind=Kind.COMMENT,
            words=Words("还有什么没有解决？", "What is still open?"),
            topic=Words("未解决的部分", "What is open"),
        ),
        _rated("speed", "您对处理的速度满意吗？", "How satisfied are you with how fast we acted?",
               Words("处理速度", "Speed")),
        _rated("attention", "您感到被认真对待了吗？", "How seriously did you feel taken?",
               Words("认真对待", "Taken seriously"), branches=(Branch(to=END, on=("3", "4", "5")),)),
        Question(
            id="why",
            kind=Kind.COMMENT,
            words=Words("我们哪里可以做得更好？", "What could we have done better?"),
            topic=Words("改进建议", "What to better"),
        ),
    ),
)  # fmt: skip

TEMPLATES: Mapping[str, Content] = {
    "two_weeks": TWO_WEEKS,
    "four_weeks": FOUR_WEEKS,
    "after_service": AFTER_SERVICE,
    "complaint": COMPLAINT,
}
