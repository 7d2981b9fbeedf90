"""A caller is taken through the menu on a scripted line."""

from ivr.flow_file import shipped_flow
from ivr.line import Caller, CallerGone, Enqueue, Finish, TakeMessage
from ivr.runner import run_menu


class ScriptedLine:
    """Presses the given keys one by one, then hangs up or stays silent."""

    def __init__(self, keys="", *, hangs_up=False):
        self.keys, self.hangs_up, self.heard = list(keys), hangs_up, []

    async def play(self, prompts, language):
        self.heard += [(language, prompt) for prompt in prompts]

    async def ask(self, prompts, language, *, seconds, digits):
        await self.play(prompts, language)
        if self.keys:
            return self.keys.pop(0)
        if self.hangs_up:
            raise CallerGone
        return ""


def caller(*, language="", is_open=True, closure=""):
    return Caller(
        call="c1",
        number="13800138000",
        entry="4001718888",
        matches=(7,),
        language=language,
        open=is_open,
        closure=closure,
    )


async def run(line, who):
    steps = []
    result = await run_menu(shipped_flow(), line, who, lambda node, key: steps.append((node, key)))
    return result, steps


async def test_an_english_caller_with_a_breakdown_waits_in_the_rescue_queue():
    line = ScriptedLine("25")
    result, steps = await run(line, caller())
    assert result == Enqueue(
        queue="rescue", topic="rescue", path=("main", "rescue"), language="en", language_chosen=True
    )
    assert steps == [("language", "2"), ("main", "5")]
    assert line.heard[0] == ("zh-CN", "greeting")
    assert line.heard[-1] == ("en", "transfer-rescue")


async def test_a_caller_who_hangs_up_in_the_menu_is_told_as_menu_only():
    result, steps = await run(ScriptedLine("1", hangs_up=True), caller())
    assert result == Finish(outcome="menu_only", path=("main",), language="zh-CN", language_chosen=True)
    assert steps == [("language", "1")]


async def test_a_caller_out_of_hours_hears_goodbye():
    line = ScriptedLine()
    result, _ = await run(line, caller(language="en", is_open=False))
    assert result.outcome == "out_of_hours"
    assert line.heard[-1] == ("en", "goodbye")


async def test_an_emergency_closure_is_announced_instead_of_the_menu_and_rescue_still_works():
    line = ScriptedLine("5")
    result, steps = await run(line, caller(language="en", closure="closure-weather"))
    assert ("en", "closure-weather") in line.heard
    assert ("en", "menu") not in line.heard
    assert steps == [("emergency-choices", "5")]
    assert (result.queue, result.path) == ("rescue", ("emergency-choices", "rescue"))


async def test_a_closed_hotline_takes_a_message_in_an_emergency_and_at_night():
    for who in (caller(language="en", closure="closure"), caller(language="en", is_open=False)):
        line = ScriptedLine("2")
        result, _ = await run(line, who)
        assert isinstance(result, TakeMessage)
        assert (result.outcome, result.path[-1]) == ("out_of_hours", "message")
        assert line.heard[-1] == ("en", "message-intro")


async def test_who_presses_nothing_in_an_emergency_hears_goodbye():
    line = ScriptedLine()
    result, _ = await run(line, caller(language="en", closure="closure"))
    assert result.outcome == "out_of_hours"
    assert line.heard[-1] == ("en", "goodbye")
