// What the painters of a wallboard share: its words, its language, and writing only what changed.
import type { Tone } from "./board_model";
import { pageWords, setText } from "./page";
import { rateFigure } from "./rates";

export const words = pageWords();
export const language = document.documentElement.lang === "en" ? "en" : "zh-CN";
export const zone = document.getElementById("board-data")?.dataset["zone"] ?? "Asia/Shanghai";
export const byId = (id: string) => document.getElementById(id);

export function dated(now: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(language, { timeZone: zone, ...options }).format(new Date(now * 1000));
}

export function weekday(now: number): string {
  return dated(now, { weekday: "short" });
}

export function longDay(now: number): string {
  const month = dated(now, { month: language === "en" ? "short" : "numeric" }).replace("月", " 月");
  const day = dated(now, { day: "numeric" }).replace("日", " 日");
  return language === "en" ? `${weekday(now)} ${day} ${month}` : `${month} ${day} ${weekday(now)}`;
}

export const count = (value: number) => value.toLocaleString("en");
export const percent = (share: number | null) => (share === null ? "—" : `${rateFigure(share)}%`);

export function tone(element: Element | null, name: Tone): void {
  element?.classList.toggle("warn", name === "warn");
  element?.classList.toggle("breach", name === "breach");
}

/** A share as 79.3 and a smaller sign; a dash when nothing was measured. */
export function share(element: Element | null, value: number | null): void {
  const text = value === null ? "—" : rateFigure(value);
  if (!element || element.firstChild?.textContent === text) return;
  const sign = document.createElement("i");
  sign.className = "sign";
  sign.textContent = "%";
  element.replaceChildren(text, ...(value === null ? [] : [sign]));
}

export function flag(id: string, text: string, name: Tone): void {
  const element = byId(id);
  if (!element) return;
  element.hidden = name === "";
  element.classList.toggle("w", name === "warn");
  setText(element, text);
}

/** A figure with a smaller note behind it. */
export function withNote(element: Element | null, figure: string, note: string, name: string): void {
  if (!element || element.textContent === figure + note) return;
  const small = document.createElement("i");
  small.className = name;
  small.textContent = note;
  element.replaceChildren(figure, ...(note ? [small] : []));
}

export function show(id: string, shown: boolean): void {
  const element = byId(id);
  if (element) element.hidden = !shown;
}
