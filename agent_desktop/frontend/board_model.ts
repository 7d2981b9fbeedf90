// The wallboard's message (agent_desktop/board/wire.py) and the limits at which a figure turns yellow or red.

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

export interface Board {
  number: number;
  at: number;
  day_start: number;
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
  queues: QueueLine[];
  states: StateLine[];
  signed_in: number;
  today: number[];
  week_ago: number[];
  today_total: number;
  week_ago_until_now: number;
  closure: string;
  figures: {
    asa: number | null;
    aht: number | null;
    menu_only: number;
    contacts: number;
    open_cases: number;
    overdue_cases: number;
    messages: number;
    overdue_messages: number;
    oldest_message: number | null;
  };
}

export type Tone = "" | "warn" | "breach";

export const WAIT_WARN = 30;
export const WAIT_BREACH = 60;
export const ABANDON_WARN = 0.05;
export const ABANDON_BREACH = 0.1;
/** Points below the target at which a service level turns from yellow to red. */
const LEVEL_BREACH_POINTS = 5;

/** Seconds in a state from which it is worth a look, and from which somebody should go there. */
const STATE_LIMITS: Record<string, [number, number]> = {
  ringing: [15, 25],
  talking: [900, 1800],
  hold: [60, 180],
  wrap_up: [120, 180],
  break: [900, 1800],
};

export function waitTone(seconds: number): Tone {
  return seconds > WAIT_BREACH ? "breach" : seconds > WAIT_WARN ? "warn" : "";
}

export function abandonTone(share: number | null): Tone {
  if (share === null || share <= ABANDON_WARN) return "";
  return share > ABANDON_BREACH ? "breach" : "warn";
}

export function levelTone(share: number | null, target: number | null): Tone {
  if (share === null || target === null || share * 100 >= target) return "";
  return share * 100 < target - LEVEL_BREACH_POINTS ? "breach" : "warn";
}

export function stateTone(state: string, seconds: number): Tone {
  const limits = STATE_LIMITS[state];
  if (!limits) return "";
  return seconds > limits[1] ? "breach" : seconds > limits[0] ? "warn" : "";
}
