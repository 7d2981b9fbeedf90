"""The regions of a campaign's board as HTML, for the first page and for every push."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent_desktop.campaigns import charts
from agent_desktop.campaigns.picture import CampaignPicture
from agent_desktop.campaigns.reader import reader_for
from agent_desktop.campaigns.team import team_of
from agent_desktop.floor.queries import Ground
from agent_desktop.ports import FloorView, PacingFigures
from agent_desktop.rendering import Rendering
from agent_desktop.segments.charts import width_of
from crm_core.workforce.spans import write_spans
from reports.campaigns import DROP_RATE

REGIONS = ("head", "funnel", "drops", "pace", "team", "results", "dealers", "low", "reasons", "hours")
SCALES = {"rating": (1, 2, 3, 4, 5), "nps": tuple(range(11)), "yes_no": (0, 1), "": tuple(range(11))}


@dataclass(frozen=True, slots=True)
class Now:
    """What telephony knows at this moment. `pacing` is None while the dialer does not call for the campaign."""

    floor: FloorView
    ground: Ground
    pacing: PacingFigures | None = None


def regions_of(rendering: Rendering, picture: CampaignPicture, now: Now, sight: tuple[str, bool]) -> dict[str, str]:
    """Each region's HTML by its id."""
    language, _ = sight
    values = board_values(rendering, picture, now, sight)
    return {
        name: rendering.render(f"campaigns/board/{name}.html", language=language, **values).strip() for name in REGIONS
    }


def board_values(rendering: Rendering, picture: CampaignPicture, now: Now, sight: tuple[str, bool]) -> dict[str, Any]:
    language, may_run = sight
    english, drops = language == "en", picture.drops
    limit = picture.settings.abandon_limit_percent
    percent = None if drops.now.value is None else 100 * drops.now.value
    names = {number: facts.name_en if english else facts.name for number, facts in now.ground.people.items()}
    return {
        "board": picture,
        "row": picture.campaign,
        "say": reader_for(rendering, language),
        "may_run": may_run,
        "team": team_of(picture.campaign, now.floor, now.ground),
        "floor": now.floor,
        "pacing": now.pacing,
        "name_of": lambda number: names.get(number, number),
        "text_of": lambda words: words.text(language),
        "gauge": charts.gauge(percent, limit),
        "line": charts.rate_line(drops, limit),
        "bars": charts.hour_bars(picture.hours, _open_hours(picture)),
        "stack": lambda line: charts.stack(line.bars.values, SCALES.get(line.kind, SCALES[""])),
        "width": width_of,
        "windows": write_spans(picture.windows),
        "formula": DROP_RATE.words_en if english else DROP_RATE.words_zh,
    }


def _open_hours(picture: CampaignPicture) -> tuple[int, ...]:
    return tuple(hour for begin, end in picture.windows for hour in range(begin // 60, (end + 59) // 60))
