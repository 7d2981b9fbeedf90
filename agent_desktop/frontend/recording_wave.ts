// The picture of a recording: two lanes of bars, the customer's above, with the place where one is and a scale of time.
import { duration } from "./page";

export interface Peaks {
  seconds: number;
  customer: number[];
  agent: number[];
}

/** A part that is not as the rest: a pause, in which there is no sound, or a hold. Seconds; `ended` null = it still lasts. */
interface Stretch {
  kind: string;
  began: number;
  ended: number | null;
}

const HEIGHT = 176;
const TOP = 8;
const LANE = 76;
const PITCH = 3;
const SVG = "http://www.w3.org/2000/svg";

function drawn(name: string, attributes: Record<string, string | number>, inside: SVGElement[] = []): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...inside);
  return element;
}

/** One bar for each `count`th part of the recording, as loud as the loudest moment in it. */
export function bars(levels: number[], count: number): number[] {
  return Array.from({ length: count }, (_, at) => {
    const from = Math.floor((at * levels.length) / count);
    const to = Math.max(from + 1, Math.floor(((at + 1) * levels.length) / count));
    return Math.max(0, ...levels.slice(from, to));
  });
}

export class Wave {
  private peaks: Peaks = { seconds: 0, customer: [], agent: [] };
  private place = 0;
  private width = 0;
  private played: SVGElement | null = null;
  private head: SVGElement | null = null;
  private readonly stretches: Stretch[];

  constructor(
    private readonly box: HTMLElement,
    private readonly scale: HTMLElement,
    seek: (seconds: number) => void,
  ) {
    this.stretches = JSON.parse(document.getElementById("stretches")?.textContent ?? "[]") as Stretch[];
    new ResizeObserver(() => this.draw()).observe(box);
    const at = (event: PointerEvent) => {
      const frame = box.getBoundingClientRect();
      seek((this.peaks.seconds * (event.clientX - frame.left)) / Math.max(1, frame.width));
    };
    box.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || (event.target as Element).closest("button")) return;
      box.setPointerCapture(event.pointerId);
      at(event);
    });
    box.addEventListener("pointermove", (event) => box.hasPointerCapture(event.pointerId) && at(event));
  }

  show(peaks: Peaks): void {
    this.peaks = peaks;
    this.width = 0;
    this.draw();
  }

  move(place: number): void {
    this.place = place;
    const x = (this.width * place) / Math.max(0.001, this.peaks.seconds);
    this.played?.setAttribute("width", String(x));
    this.head?.setAttribute("transform", `translate(${x} 0)`);
  }

  private draw(): void {
    const width = Math.round(this.box.clientWidth);
    if (!width || width === this.width) return;
    this.width = width;
    const lanes = (["customer", "agent"] as const).flatMap((side, lane) => {
      const path = this.path(this.peaks[side], TOP + LANE * lane + LANE / 2, Math.floor(width / PITCH));
      const of = side === "customer" ? "c" : "a";
      return [drawn("path", { class: `bars ahead ${of}`, d: path }), drawn("path", { class: `bars ${of}`, d: path, "clip-path": "url(#played)" })];
    });
    this.played = drawn("rect", { x: 0, y: 0, height: HEIGHT, width: 0 });
    this.head = drawn("g", {}, [
      drawn("path", { class: "head", d: `M0 0V${HEIGHT - TOP}` }),
      drawn("path", { class: "head-tip", d: "M-6 0h12l-6 8Z" }),
    ]);
    const hatch = drawn("pattern", { id: "hatch", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, [
      drawn("rect", { class: "hatch-ground", width: 8, height: 8 }),
      drawn("path", { class: "hatch-line", d: "M0 0V8" }),
    ]);
    const picture = drawn("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": "true" }, [
      drawn("defs", {}, [drawn("clipPath", { id: "played" }, [this.played]), hatch]),
      drawn("rect", { class: "ground", x: 0, y: TOP, width, height: 2 * LANE }),
      ...this.parts("hold"),
      drawn("path", { class: "mid-line", d: `M0 ${TOP + LANE}H${width}` }),
      ...lanes,
      ...this.parts("pause"),
      this.head,
    ]);
    this.box.querySelector("svg")?.remove();
    this.box.prepend(picture);
    this.write();
    this.move(this.place);
  }

  private parts(kind: string): SVGElement[] {
    const scale = this.width / Math.max(0.001, this.peaks.seconds);
    return this.stretches
      .filter((one) => one.kind === kind)
      .map((one) => {
        const to = Math.min(this.peaks.seconds, one.ended ?? this.peaks.seconds);
        return drawn("rect", { class: kind, x: one.began * scale, y: TOP, width: Math.max(2, (to - one.began) * scale), height: 2 * LANE });
      });
  }

  private path(levels: number[], middle: number, count: number): string {
    const loudest = Math.max(0.05, ...this.peaks.customer, ...this.peaks.agent);
    return bars(levels, Math.min(count, 1200))
      .map((level, at) => {
        const high = Math.max(1.6, (level / loudest) * (LANE - 12));
        return `M${at * PITCH + 1} ${(middle - high / 2).toFixed(1)}v${high.toFixed(1)}`;
      })
      .join("");
  }

  private write(): void {
    const all = this.peaks.seconds;
    for (const label of this.box.querySelectorAll<HTMLElement>("[data-at]")) {
      const share = Math.max(0, Math.min(1, Number(label.dataset["at"]) / Math.max(0.001, all)));
      label.style.left = `${100 * share}%`;
      label.style.transform = `translateX(-${Math.round(100 * share)}%)`; // near the ends it stays inside
    }
    const step = [5, 10, 15, 30, 60, 120, 300, 600, 1800].find((seconds) => all / seconds <= 6) ?? 3600;
    const marks: number[] = [];
    for (let at = 0; at < all * 0.93; at += step) marks.push(at);
    this.scale.replaceChildren(
      ...[...marks, all].map((at) => {
        const mark = document.createElement("span");
        mark.textContent = duration(at).replace(/^0/, "");
        mark.style.left = `${(100 * at) / Math.max(1, all)}%`;
        return mark;
      }),
    );
  }
}
