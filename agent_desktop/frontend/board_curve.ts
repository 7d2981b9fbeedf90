// Today per half hour of the clock against the same weekday of last week, as lines in a drawing of the panel's size.
const CEILING = 14;
const FOOT = 6;
const SLOTS = 48;
const SVG = "http://www.w3.org/2000/svg";

export interface Days {
  /** The half hour of the clock that runs now. */
  slot: number;
  /** Values of today until `slot`, and of the whole day a week ago; null = nothing was measured. */
  today: (number | null)[];
  past: (number | null)[];
  /** What the top of the drawing stands for at least. */
  least: number;
  /** Shares never rise above the top. */
  most?: number;
}

interface Window {
  first: number;
  last: number;
}

type Point = [number, number];

/** 8:00 to 20:00; the whole day when the clock or today's calls lie outside. */
function windowOf(days: Days): Window {
  const early = days.today.slice(0, 16).some((value) => (value ?? 0) > 0);
  return early || days.slot < 16 || days.slot >= 40 ? { first: 0, last: SLOTS } : { first: 16, last: 40 };
}

/** The runs of half hours that were measured, as points. */
function runs(values: (number | null)[], shown: Window, highest: number, size: Point): Point[][] {
  const [width, height] = size;
  const floor = height - FOOT;
  const step = width / (shown.last - shown.first);
  const found: Point[][] = [[]];
  values.slice(0, shown.last).forEach((value, slot) => {
    if (slot < shown.first) return;
    if (value === null) found.push([]);
    else found.at(-1)?.push([(slot + 0.5 - shown.first) * step, floor - ((floor - CEILING) * value) / highest]);
  });
  return found.filter((run) => run.length);
}

const joined = (run: Point[]) => run.map(([x, y]) => `${x.toFixed(0)},${y.toFixed(0)}`).join(" ");

function drawRuns(group: Element | null, lines: Point[][]): void {
  const told = lines.map(joined).join("|");
  if (!group || (group as SVGGElement).dataset["told"] === told) return;
  (group as SVGGElement).dataset["told"] = told;
  group.replaceChildren(
    ...lines.map((run) => {
      const line = document.createElementNS(SVG, "polyline");
      // A half hour between two that were not measured is a point.
      line.setAttribute("points", joined(run.length > 1 ? run : [run[0] as Point, run[0] as Point]));
      return line;
    }),
  );
}

function set(element: Element | null, attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (element?.getAttribute(name) !== value) element?.setAttribute(name, value);
  }
}

/** Whole half hours only: one that still runs would look like a fall. */
export function drawCurve(id: string, days: Days): void {
  const drawing = document.getElementById(id) as unknown as SVGSVGElement | null;
  if (!drawing) return;
  const { width, height } = drawing.viewBox.baseVal;
  const floor = height - FOOT;
  const shown = windowOf(days);
  const whole = days.today.slice(0, Math.max(0, days.slot));
  const numbers = [...days.past.slice(shown.first, shown.last), ...whole].map((value) => value ?? 0);
  const highest = Math.min(Math.max(days.least, ...numbers) * 1.05, days.most ?? Infinity);
  const today = runs(whole, shown, highest, [width, height]);
  const last = today.at(-1);
  const tip = last?.at(-1);
  set(drawing.querySelector(".base"), { d: `M0 ${floor}H${width}` });
  drawRuns(drawing.querySelector(".past"), runs(days.past, shown, highest, [width, height]));
  drawRuns(drawing.querySelector(".now"), today);
  const area = today.length === 1 && tip ? `${today[0]?.[0]?.[0].toFixed(0)},${floor} ${joined(today[0] as Point[])} ${tip[0].toFixed(0)},${floor}` : "";
  set(drawing.querySelector(".area"), { points: area });
  set(drawing.querySelector(".head"), { cx: String(tip?.[0] ?? -20), cy: String(tip?.[1] ?? floor) });
  drawAxis(`${id}-axis`, shown);
}

function drawAxis(id: string, shown: Window): void {
  const axis = document.getElementById(id);
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
