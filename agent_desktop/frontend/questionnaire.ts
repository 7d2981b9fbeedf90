// The designer of a questionnaire: an outline to order the questions, the sheet to write them, a preview that follows.
import { announce, say } from "./page";
import { Draft, FRAME, type Question } from "./questionnaire_model";
import { Preview } from "./questionnaire_preview";
import { Sheet, icon, make } from "./questionnaire_sheet";
import { toast, words } from "./site";

const draft = new Draft();
const language = draft.build.language === "en" ? "en" : "zh";
const outline = document.getElementById("outline")!;
const sheet = new Sheet(draft, { copy, remove });
const preview = new Preview(draft, (question, field) => {
  choose(question || FRAME);
  document.querySelector<HTMLElement>(`#sheet [data-field^="${field}"]:is(input, textarea, select)`)?.focus();
});
let dragged = "";

function inWords(question: Question): string {
  return question.words[language] || question.words.zh || question.words.en || say(words, "write");
}

function item(id: string, number: string, sign: string, title: string, note: string): HTMLLIElement {
  const mark = make("span", { class: "mark" });
  const entry = make("button", { type: "button", class: "item", "data-id": id }, make("span", { class: "no tnum" }, number), icon(sign), make("span", { class: "what" }, make("b", {}, title), make("small", {}, note)), mark);
  if (id === draft.chosen) entry.setAttribute("aria-current", "true");
  entry.addEventListener("click", () => choose(id));
  return make("li", { "data-id": id }, entry);
}

function drawOutline(): void {
  const content = draft.content;
  const rows = [item(FRAME, "", "text", say(words, "frame"), content.title[language] || content.title.zh || content.title.en)];
  content.questions.forEach((one, place) => {
    const row = item(one.id, String(place + 1), draft.build.icons[one.kind]!, inWords(one), draft.build.kinds[one.kind]! + (one.branches.length ? ` · ⤷ ${one.branches.length}` : ""));
    if (draft.build.may_edit) letDrag(row, one.id);
    rows.push(row);
  });
  const focused = document.activeElement instanceof HTMLElement && outline.contains(document.activeElement);
  outline.replaceChildren(...rows);
  if (focused) entryOf(draft.chosen)?.focus();
  const count = content.questions.length;
  document.getElementById("count")!.textContent = say(words, "of_limit", { count, most: content.most_questions });
  const meter = document.getElementById("meter") as HTMLMeterElement;
  Object.assign(meter, { max: Math.max(count, content.most_questions), high: content.most_questions + 0.5, optimum: 0, value: count });
  meter.setAttribute("aria-label", say(words, "of_limit", { count, most: content.most_questions }));
  markOutline();
}

function markOutline(): void {
  outline.querySelectorAll<HTMLElement>(".item").forEach((entry) => {
    const mine = draft.told.problems.filter((one) => one.question === entry.dataset.id);
    const mark = entry.querySelector<HTMLElement>(".mark")!;
    mark.replaceChildren(...(mine.length ? [icon("triangle-alert")] : []));
    mark.classList.toggle("w", mine.length > 0 && mine.every((one) => one.warning));
    mark.title = mine.map((one) => one.text).join("\n");
  });
}

function entryOf(id: string): HTMLElement | null { return outline.querySelector(`.item[data-id="${id}"]`); }

function draw(): void {
  drawOutline();
  sheet.draw();
  preview.draw();
  buttons();
}

function buttons(): void {
  const undo = document.getElementById("undo") as HTMLButtonElement | null;
  const redo = document.getElementById("redo") as HTMLButtonElement | null;
  if (undo) undo.disabled = !draft.canUndo;
  if (redo) redo.disabled = !draft.canRedo;
}

function choose(id: string): void {
  draft.chosen = id;
  draw();
}

function place(): number { return draft.content.questions.findIndex((one) => one.id === draft.chosen); }

function add(kind: string): void {
  const option = (id: string): Question["options"][number] => ({ id, words: { zh: "", en: "" } });
  draft.change(() => {
    const fresh: Question = { id: draft.freeId(), kind, words: { zh: "", en: "" }, topic: { zh: "", en: "" }, options: kind === "choice" ? [option("o1"), option("o2")] : [], branches: [], no_is_low: false };
    draft.content.questions.splice(place() < 0 ? draft.content.questions.length : place() + 1, 0, fresh);
    draft.chosen = fresh.id;
  });
  document.querySelector<HTMLElement>("#sheet textarea")?.focus();
}

function copy(): void {
  const here = place();
  if (here < 0) return;
  draft.change(() => {
    const twin = { ...(JSON.parse(JSON.stringify(draft.content.questions[here])) as Question), id: draft.freeId() };
    draft.content.questions.splice(here + 1, 0, twin);
    draft.chosen = twin.id;
  });
}

function remove(): void {
  const here = place();
  if (here < 0) return;
  draft.change(() => {
    draft.content.questions.splice(here, 1);
    draft.chosen = draft.content.questions[Math.min(here, draft.content.questions.length - 1)]?.id ?? FRAME;
  });
  toast(`${say(words, "removed")} Ctrl+Z`);
}

function moveTo(id: string, target: number): void {
  const from = draft.content.questions.findIndex((one) => one.id === id);
  if (from < 0 || target < 0 || target >= draft.content.questions.length || from === target) return;
  draft.change(() => {
    const [one] = draft.content.questions.splice(from, 1);
    draft.content.questions.splice(target, 0, one!);
    draft.chosen = id;
  });
  announce(say(words, "moved", { place: target + 1 }));
}

function letDrag(row: HTMLLIElement, id: string): void {
  row.draggable = true;
  row.addEventListener("dragstart", () => { dragged = id; row.classList.add("dragged"); });
  row.addEventListener("dragend", () => { dragged = ""; row.classList.remove("dragged"); });
  row.addEventListener("dragover", (event) => { if (dragged) { event.preventDefault(); row.classList.add("over"); } });
  row.addEventListener("dragleave", () => row.classList.remove("over"));
  row.addEventListener("drop", (event) => {
    event.preventDefault();
    moveTo(dragged, draft.content.questions.findIndex((one) => one.id === id));
  });
}

function step(by: number): void {
  const ids = [FRAME, ...draft.content.questions.map((one) => one.id)];
  choose(ids[Math.min(ids.length - 1, Math.max(0, ids.indexOf(draft.chosen) + by))]!);
  entryOf(draft.chosen)?.focus();
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox]), textarea, select");
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.metaKey) return;
  const written = typing(event.target);
  if (event.ctrlKey && !written && event.code === "KeyZ") draft.undo();
  else if (event.ctrlKey && !written && event.code === "KeyY") draft.redo();
  else if (event.ctrlKey && event.code === "KeyD" && draft.build.may_edit) copy();
  else if (event.ctrlKey && !written && event.code === "ArrowUp") moveTo(draft.chosen, place() - 1);
  else if (event.ctrlKey && !written && event.code === "ArrowDown") moveTo(draft.chosen, place() + 1);
  else if (event.ctrlKey || written) return;
  else if (event.code === "KeyJ") step(1);
  else if (event.code === "KeyK") step(-1);
  else if (event.code === "Delete" && outline.contains(event.target as Node)) remove();
  else return;
  event.preventDefault();
});
document.querySelectorAll<HTMLElement>("[data-add]").forEach((one) => one.addEventListener("click", () => add(one.dataset.add!)));
document.getElementById("undo")?.addEventListener("click", () => draft.undo());
document.getElementById("redo")?.addEventListener("click", () => draft.redo());
draft.onRedraw = draw;
draft.onTyped = () => { drawOutline(); preview.draw(); buttons(); };
draft.onTold = () => { markOutline(); sheet.mark(); preview.draw(); };
draw();
