"""The scripts of our FastAGI server, by the path that the dialplan calls: who serves each, with what it needs."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cti.agi_session import AgiSession
from cti.campaign_line import AsteriskCampaignLine
from cti.desk import Desk
from cti.dial_gate import CALLBACK
from cti.directory import CallerDirectory
from cti.feed import Feed
from cti.lines import Lines
from cti.menu import Menu, MenuDesk, MenuReport, serve_caller
from cti.outside import Outside
from cti.prompt_line import PromptFolder, PromptLine
from cti.questionnaire import QuestionnaireDesk, QuestionnaireSource, serve_questionnaire
from cti.speech_line import Ears
from cti.survey import SurveyDesk, SurveySource, serve_survey
from cti.trial_calls import TrialDesk, serve_trial
from cti.waiting_choice import ChoiceDesk, serve_choice
from ivr.line import Line

Script = Callable[[AgiSession], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripts:
    """`report` takes what becomes known in a menu; `ears` None = only keys are heard."""

    desk: Desk
    menu: Menu
    directory: CallerDirectory
    outside: Outside
    report: Callable[[MenuReport], None]
    surveys: SurveySource
    questionnaires: QuestionnaireSource
    campaign_line: AsteriskCampaignLine
    feed: Feed
    prompts: PromptFolder
    lines: Lines
    ears: Ears | None = None

    def by_path(self) -> dict[str, Script]:
        return {
            "menu": lambda session: serve_caller(session, self._menu_desk()),
            "choice": lambda session: serve_choice(session, self._choice_desk()),
            "survey": lambda session: serve_survey(session, self._survey_desk()),
            "questionnaire": lambda session: serve_questionnaire(session, self._questionnaire_desk()),
            "try": lambda session: serve_trial(session, self._trial_desk()),
        }

    def _menu_desk(self) -> MenuDesk:
        return MenuDesk(
            menu=self.menu,
            directory=self.directory,
            prompts=self.prompts,
            report=self.report,
            clock=time.time,
            line=self._line,
            outside=self.outside,
            queue_or_first=self.desk.workforce.queue_or_first,
        )

    def _choice_desk(self) -> ChoiceDesk:
        return ChoiceDesk(
            choices=self.desk.callbacks,
            prompts=self.prompts,
            dialable=lambda number: self.lines.gate.dialable(CALLBACK, number),
        )

    def _survey_desk(self) -> SurveyDesk:
        return SurveyDesk(
            source=self.surveys, prompts=self.prompts, publish=self.feed.publish, clock=time.time, line=self._line
        )

    def _questionnaire_desk(self) -> QuestionnaireDesk:
        return QuestionnaireDesk(
            source=self.questionnaires,
            prompts=self.prompts,
            tell=self.campaign_line.tell,
            clock=time.time,
            line=self._line,
        )

    def _trial_desk(self) -> TrialDesk:
        return TrialDesk(trials=self.desk.menu_trials, prompts=self.prompts, line=self._line)

    @property
    def _line(self) -> Callable[[AgiSession, PromptFolder], Line]:
        """Who listens, where a recogniser is at work."""
        return self.ears.line if self.ears is not None else PromptLine
