// One row of the transfer panel: who it is, what they do now, what may be done.
import { say } from "./page";
import { words } from "./site";

export interface Target {
  kind: string;
  value: string;
}

export interface Row extends Target {
  name: string;
  about: string;
  state?: string;
  word?: string;
  since?: number;
  blocked?: string;
}

/** The parts of a row, in order: glyph, name, state, buttons. */
export function contentOf(row: Row): HTMLElement[] {
  const glyph = span(row.state ? `st ${glyphOf(row.state)}` : `kindmark ${row.kind}`, "");
  const name = span("tname", "");
  name.append(part("b", row.name), part("small", row.about));
  const what = span("twhat", "");
  if (row.blocked) what.append(part("span", row.blocked));
  else if (row.word) what.append(part("span", row.word));
  if (row.since) what.append(timer(row.since));
  const acts = span("tacts", "");
  if (!row.blocked && row.kind !== "queue") acts.append(button("consult"));
  if (!row.blocked) acts.append(button("transfer"));
  return [glyph, name, what, acts];
}

function glyphOf(state: string): string {
  return state === "consulting" || state === "conference" || state === "dialling" ? "talking" : state;
}

function part(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = "cut";
  made.textContent = text;
  made.title = text;
  return made;
}

function span(name: string, text: string): HTMLElement {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  return made;
}

function timer(since: number): HTMLElement {
  const made = span("dim", "");
  made.setAttribute("role", "timer");
  made.dataset["since"] = String(since);
  return made;
}

function button(way: "consult" | "transfer"): HTMLElement {
  const made = document.createElement("button");
  made.type = "button";
  made.tabIndex = -1; // the keys of the field do the same
  made.className = way === "consult" ? "btn sm pri" : "btn sm";
  made.dataset["way"] = way;
  made.textContent = say(words, way);
  return made;
}
