// Today's calls per half hour against the same weekday of last week, in a drawing of 1120 x 146.
import type { Board } from "./board_model";

const WIDTH = 1120;
const FLOOR = 140;
const CEILING = 14;
const HALF_HOUR = 1800;

interface Window {
  first: number;
  last: number;
}

/** 8:00 to 20:00; the whole day when the clock or today's calls lie outside. */
function windowOf(board: Board, now: number): Window {
  const slot = Math.floor((now - board.day_start) / HALF_HOUR);
  const early = board.today.slice(0, 16).some((calls) => calls > 0);
  return early || slot < 16 || slot >= 40 ? { first: 0, last: 48 } : { first: 16, last: 40 };
}

function points(values: number[], shown: Window, highest: number): [number, number][] {
  const step = WIDTH / (shown.last - shown.first);
  return values
    .map((value, slot): [number, number] => [
      (slot + 0.5 - shown.first) * step,
      FLOOR - ((FLOOR - CEILING) * value) / highest,
    ])
    .slice(shown.first, shown.last);
}

const joined = (all: [number, number][]) => all.map(([x, y]) => `${x.toFixed(0)},${y.toFixed(0)}`).join(" ");

function set(selector: string, attributes: Record<string, string>): void {
  const element = document.querySelector(`#curve ${selector}`);
  for (const [name, value] of Object.entries(attributes)) {
    if (element?.getAttribute(name) !== value) element?.setAttribute(name, value);
  }
}

/** Whole half hours only: one that still runs would look like a fall. */
export function drawCurve(board: Board, now: number): void {
  const shown = windowOf(board, now);
  const whole = board.today.slice(0, Math.max(0, Math.floor((now - board.day_start) / HALF_HOUR)));
  const highest = Math.max(4, ...board.week_ago.slice(shown.first, shown.last), ...whole) * 1.05;
  const today = points(whole, shown, highest);
  const tip = today.at(-1);
  set("polyline.past", { points: joined(points(board.week_ago, shown, highest)) });
  set("polyline.now", { points: joined(today) });
  set(".area", { points: tip ? `${today[0]?.[0].toFixed(0)},${FLOOR} ${joined(today)} ${tip[0].toFixed(0)},${FLOOR}` : "" });
  set(".head", { cx: String(tip?.[0] ?? -20), cy: String(tip?.[1] ?? FLOOR) });
  drawAxis(shown);
}

function drawAxis(shown: Window): void {
  const axis = document.getElementById("axis");
  const key = `${shown.first}-${shown.last}`;
  if (!axis || axis.dataset["window"] === key) return;
  axis.dataset["window"] = key;
  const step = (shown.last - shown.first) / 4;
  axis.replaceChildren(
    ...[0, 1, 2, 3, 4].map((mark) => {
      const label = document.createElement("span");
      label.textContent = `${(shown.first + mark * step) / 2}:00`;
      label.style.left = `${mark * 25}%`;
      return label;
    }),
  );
}
