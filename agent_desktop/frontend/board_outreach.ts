// Painters of the panels beside the calls: campaigns, what customers answered today, complaints at dealers, messages.
import { byId, count, percent, show, tone, withNote, words } from "./board_parts";
import { type Board, type CampaignLine, type Limits, type Outreach, worstDrops } from "./board_model";
import type { Tones } from "./board_paint";
import { duration, say, setText } from "./page";

export function paintOutreach(board: Board, limits: Limits, now: number): Tones {
  paintMessages(board, now);
  paintResponses(board);
  const told = board.outreach;
  if (!told) return {};
  const worst = worstDrops(told.campaigns);
  const tones: Tones = {
    drops: worst ? limits.drops(worst.drops, worst.limit_percent) : "",
    csat: limits.falling("csat", told.csat),
    overdue: limits.reached("overdue", told.overdue),
  };
  paintService(told, worst, tones);
  paintCampaigns(told, limits);
  paintSurveys(told, tones);
  paintDealers(told, limits, tones);
  return tones;
}

function paintService(told: Outreach, worst: CampaignLine | undefined, tones: Tones): void {
  const done = told.campaigns.reduce((sum, one) => sum + one.done_today, 0);
  const left = told.campaigns.reduce((sum, one) => sum + one.left, 0);
  const first = told.campaigns[0];
  withNote(byId("s-campaign"), first ? count(done) : "—", first ? `/ ${count(done + left)}` : "", "");
  withNote(byId("s-csat"), told.csat === null ? "—" : told.csat.toFixed(2), told.csat === null ? "" : "/ 5", "");
  tone(byId("s-csat"), tones.csat ?? "");
  const limit = worst ? say(words, "limit", { percent: worst.limit_percent }) : "";
  withNote(byId("s-drops"), percent(worst?.drops ?? null), limit, "");
  tone(byId("s-drops"), tones.drops ?? "");
  withNote(byId("s-dealers"), count(told.open), told.overdue ? say(words, "overdue", { count: told.overdue }) : "", tones.overdue || "breach");
}

function row(name: string, cells: (string | HTMLElement)[]): HTMLTableRowElement {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = name;
  line.append(head);
  for (const cell of cells) {
    const field = document.createElement("td");
    field.className = "num";
    field.append(cell);
    line.append(field);
  }
  return line;
}

/** Lines are made anew only when what they say has changed. */
function fill(id: string, key: string, lines: () => HTMLTableRowElement[]): void {
  const body = byId(id);
  if (!body || body.dataset["told"] === key) return;
  body.dataset["told"] = key;
  body.replaceChildren(...lines().slice(0, Number(body.dataset["most"])));
}

function paintCampaigns(told: Outreach, limits: Limits): void {
  show("no-campaigns", told.campaigns.length === 0);
  fill("campaigns", JSON.stringify(told.campaigns), () =>
    told.campaigns.map((one) => {
      const drops = document.createElement("span");
      withNote(drops, percent(one.drops), one.limit_percent ? say(words, "limit", { percent: one.limit_percent }) : "", "");
      tone(drops, limits.drops(one.drops, one.limit_percent));
      const line = row(one.name, [count(one.done_today), count(one.left), drops]);
      if (one.status !== "running") withNote(line.firstElementChild, one.name, words[one.status] ?? "", "");
      return line;
    }),
  );
}

function paintSurveys(told: Outreach, tones: Tones): void {
  withNote(byId("csat"), told.csat === null ? "—" : told.csat.toFixed(2), told.csat === null ? "" : " / 5", "");
  tone(byId("csat"), tones.csat ?? "");
  const answers = say(words, "answers", { count: count(told.csat_answers) });
  const low = told.low ? ` · ${say(words, "low", { count: told.low })}` : "";
  setText(byId("csat-note"), told.csat_answers ? answers + low : (words["no_answers"] ?? ""));
  setText(byId("nps"), told.nps === null ? "—" : `${told.nps > 0 ? "+" : ""}${told.nps.toFixed(0)}`);
  const complete = say(words, "complete", { count: count(told.responses) });
  setText(byId("nps-note"), told.nps_answers ? `${say(words, "answers", { count: count(told.nps_answers) })} · ${complete}` : (words["no_answers"] ?? ""));
}

function paintDealers(told: Outreach, limits: Limits, tones: Tones): void {
  show("no-dealers", told.dealers.length === 0);
  fill("dealers", JSON.stringify(told.dealers), () =>
    told.dealers.map((one) => {
      const late = document.createElement("span");
      late.textContent = String(one.overdue);
      tone(late, limits.reached("overdue", one.overdue));
      return row(one.name, [String(one.open), late]);
    }),
  );
  setText(byId("dealers-open"), count(told.open));
  setText(byId("dealers-overdue"), count(told.overdue));
  tone(byId("dealers-overdue"), tones.overdue ?? "");
}

function paintMessages(board: Board, now: number): void {
  const { open, overdue, oldest } = board.messages;
  setText(byId("messages"), count(open));
  setText(byId("messages-oldest"), oldest === null ? "" : say(words, "oldest", { time: duration(now - oldest) }));
  setText(byId("messages-late"), overdue ? say(words, "overdue", { count: overdue }) : "");
}

function paintResponses(board: Board): void {
  const told = board.responses;
  if (!told) return;
  setText(byId("media-actions"), told.actions.length ? told.actions.join(" · ") : (words["no_media"] ?? ""));
  fill("responses", JSON.stringify(told.lines), () =>
    told.lines.map((one) => {
      const today = document.createElement("span");
      const change = one.usual ? Math.round((100 * (one.today - one.usual)) / one.usual) : null;
      withNote(today, count(one.today), change === null ? "" : `${change > 0 ? "+" : ""}${change}%`, "");
      const usual = one.usual === null ? "—" : count(Math.round(one.usual));
      return row(words[`source_${one.source}`] ?? one.source, [count(one.soon), count(one.hour), today, usual]);
    }),
  );
}
