// A wallboard's message (agent_desktop/board/wire.py), how it is set up, and when a figure turns yellow or red.

export interface QueueLine {
  id: string;
  "zh-CN": string;
  en: string;
  waiting: number;
  longest_since: number | null;
  offered: number;
  answered: number;
  abandon: number | null;
  level: number | null;
  target: number;
}

export interface StateLine {
  state: string;
  agents: number;
  longest_since: number | null;
  "zh-CN": string;
  en: string;
}

export interface AgentLine {
  id: string;
  "zh-CN": string;
  en: string;
  state: string;
  since: number;
}

export interface CampaignLine {
  id: number;
  name: string;
  status: string;
  done_today: number;
  left: number;
  drops: number | null;
  limit_percent: number;
}

export interface Outreach {
  campaigns: CampaignLine[];
  csat: number | null;
  csat_answers: number;
  low: number;
  nps: number | null;
  nps_answers: number;
  responses: number;
  dealers: { name: string; open: number; overdue: number }[];
  open: number;
  overdue: number;
}

export interface Board {
  number: number;
  at: number;
  revision: number;
  slot: number;
  stale_since: number | null;
  waiting: number;
  free: number;
  longest_since: number | null;
  longest_queue: string;
  level: number | null;
  level_week_ago: number | null;
  service_seconds: number | null;
  target: number | null;
  abandon: number | null;
  abandoned: number;
  offered: number;
  answered: number;
  asa: number | null;
  aht: number | null;
  queues: QueueLine[];
  states: StateLine[];
  signed_in: number;
  closure: string;
  records_since: number | null;
  asterisks_away: number[];
  proxy_away: boolean;
  messages: { open: number; overdue: number; oldest: number | null };
  agents?: AgentLine[];
  today?: number[];
  week_ago?: number[];
  today_total?: number;
  week_ago_until_now?: number;
  levels?: (number | null)[];
  levels_week_ago?: (number | null)[];
  abandons?: (number | null)[];
  abandons_week_ago?: (number | null)[];
  outreach?: Outreach;
  responses?: Responses;
}

/** What came by each way; `usual` is the mean of the same weekday by this time, null = nothing to compare with. */
export interface Responses {
  actions: string[];
  lines: { source: string; soon: number; hour: number; today: number; usual: number | null }[];
}

export type Limit = "waiting" | "longest" | "level" | "abandon" | "drops" | "csat" | "overdue";

export interface Setup {
  limits: Record<Limit, [number, number]>;
  sounds: Limit[];
  theme: "dark" | "light" | "auto";
  light: [number, number];
  revision: number;
}

export type Tone = "" | "warn" | "breach";

/** Seconds in a state from which it is worth a look, and from which somebody should go there. */
const STATE_LIMITS: Record<string, [number, number]> = {
  ringing: [15, 25],
  talking: [900, 1800],
  hold: [60, 180],
  wrap_up: [120, 180],
  break: [900, 1800],
};

export class Limits {
  constructor(private readonly limits: Setup["limits"]) {}

  /** Over the limit it is worse; a pair of zeros is off. */
  rising(name: Limit, value: number | null): Tone {
    const [warn, breach] = this.limits[name];
    if (value === null || (!warn && !breach)) return "";
    return breach && value > breach ? "breach" : value > warn ? "warn" : "";
  }

  /** Complaints count from the limit on: one that is overdue is one too many. */
  reached(name: Limit, value: number): Tone {
    const [warn, breach] = this.limits[name];
    return breach && value >= breach ? "breach" : warn && value >= warn ? "warn" : "";
  }

  falling(name: Limit, value: number | null): Tone {
    const [warn, breach] = this.limits[name];
    return value === null ? "" : value < breach ? "breach" : value < warn ? "warn" : "";
  }

  level(share: number | null, target: number | null): Tone {
    const [warn, breach] = this.limits.level;
    if (share === null || target === null) return "";
    const below = target - share * 100;
    return below > breach && breach ? "breach" : below > warn ? "warn" : "";
  }

  drops(share: number | null, limitPercent: number): Tone {
    return limitPercent ? this.rising("drops", share === null ? null : (share * 10_000) / limitPercent) : "";
  }

  of(name: Limit, tone: Tone): number {
    return this.limits[name][tone === "breach" ? 1 : 0];
  }
}

export function stateTone(state: string, seconds: number): Tone {
  const limits = STATE_LIMITS[state];
  if (!limits) return "";
  return seconds > limits[1] ? "breach" : seconds > limits[0] ? "warn" : "";
}

/** The campaign whose drop rate is nearest to its limit. */
export function worstDrops(campaigns: CampaignLine[]): CampaignLine | undefined {
  const share = (one: CampaignLine) => (one.drops ?? -1) / (one.limit_percent || 0.1);
  return campaigns.filter((one) => one.drops !== null).sort((one, other) => share(other) - share(one))[0];
}
