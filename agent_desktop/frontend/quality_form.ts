// The designer of a scoring form: one sheet of sections, criteria and knock-out items that saves itself as a draft.
import { say } from "./page";
import { Refusal, ask, words } from "./site";

interface Words { zh: string; en: string }
interface Criterion { id: string; words: Words; hint: Words; steps: number[]; skippable: boolean }
interface Section { words: Words; criteria: Criterion[] }
interface Knockout { id: string; words: Words; cap: number }
interface Content { title: Words; sections: Section[]; knockouts: Knockout[] }
interface Told { content: Content; problems: { part: string; text: string }[]; total: number; revision: number; number: number; at?: string }

const build = JSON.parse(document.getElementById("build")!.textContent!) as Told & { id: number };
const content = build.content;
const sheet = document.getElementById("sheet")!;
let revision = build.revision;
let timer = 0;
let saving = Promise.resolve();

function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...inside: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

function typed(label: string, value: string, most: number, write: (value: string) => void, className = ""): HTMLLabelElement {
  const input = make("input", { class: "input", maxlength: String(most), value });
  input.addEventListener("input", () => { write(input.value); changed(); });
  return make("label", { class: `field ${className}` }, label, input);
}

function both(label: string, value: Words, most: number): HTMLElement {
  return make("div", { class: "both" },
    typed(`${label} · ${say(words, "zh")}`, value.zh, most, (text) => { value.zh = text; }),
    typed(`${label} · ${say(words, "en")}`, value.en, most, (text) => { value.en = text; }));
}

function button(word: string, act: () => void, sign = ""): HTMLButtonElement {
  const made = make("button", { type: "button", class: sign ? "ib" : "btn sm", "aria-label": say(words, word), title: say(words, word) }, sign || say(words, word));
  made.addEventListener("click", () => { act(); draw(); changed(); });
  return made;
}

function movers<T>(list: T[], place: number): HTMLElement {
  const swap = (to: number) => { if (list[to] !== undefined) [list[place], list[to]] = [list[to]!, list[place]!]; };
  return make("span", { class: "movers" }, button("up", () => swap(place - 1), "↑"), button("down", () => swap(place + 1), "↓"), button("remove", () => { list.splice(place, 1); }, "×"));
}

function freeId(letter: string): string {
  const taken = new Set([...content.sections.flatMap((one) => one.criteria.map((two) => two.id)), ...content.knockouts.map((one) => one.id)]);
  let number = 1;
  while (taken.has(`${letter}${number}`)) number += 1;
  return `${letter}${number}`;
}

function criterion(list: Criterion[], place: number): HTMLElement {
  const one = list[place]!;
  const weight = make("small", {}, say(words, "weight", { weight: one.steps.at(-1) ?? 0 }));
  const steps = typed(say(words, "steps"), one.steps.join(" "), 40, (text) => {
    one.steps = text.split(/[^0-9]+/).filter(Boolean).map(Number);
    weight.textContent = say(words, "weight", { weight: one.steps.at(-1) ?? 0 });
  }, "steps");
  const skip = make("input", { type: "checkbox" });
  skip.checked = one.skippable;
  skip.addEventListener("change", () => { one.skippable = skip.checked; changed(); });
  return make("div", { class: "part", "data-part": one.id }, both(say(words, "criterion"), one.words, 80), both(say(words, "hint"), one.hint, 200),
    make("div", { class: "line" }, steps, weight, make("label", { class: "row" }, skip, say(words, "skippable")), make("span", { class: "grow" }), movers(list, place)));
}

function section(place: number): HTMLElement {
  const one = content.sections[place]!;
  const rows = one.criteria.map((_, at) => criterion(one.criteria, at));
  const add = button("add_criterion", () => one.criteria.push({ id: freeId("c"), words: { zh: "", en: "" }, hint: { zh: "", en: "" }, steps: [0, 5, 10], skippable: false }));
  return make("fieldset", {}, make("legend", {}, `${say(words, "section")} ${place + 1}`), make("div", { class: "line" }, both(say(words, "section"), one.words, 60), movers(content.sections, place)), ...rows, add);
}

function knockout(place: number): HTMLElement {
  const one = content.knockouts[place]!;
  const cap = typed(say(words, "cap"), String(one.cap), 2, (text) => { one.cap = Number(text) || 0; }, "steps");
  return make("div", { class: "part", "data-part": one.id }, both(say(words, "knockouts"), one.words, 80), make("div", { class: "line" }, cap, make("span", { class: "grow" }), movers(content.knockouts, place)));
}

function draw(): void {
  const focus = document.activeElement instanceof HTMLElement && sheet.contains(document.activeElement);
  sheet.replaceChildren(
    both(say(words, "title"), content.title, 60),
    ...content.sections.map((_, place) => section(place)),
    button("add_section", () => content.sections.push({ words: { zh: "", en: "" }, criteria: [] })),
    make("fieldset", {}, make("legend", {}, say(words, "knockouts")), ...content.knockouts.map((_, place) => knockout(place)), button("add_knockout", () => content.knockouts.push({ id: freeId("k"), words: { zh: "", en: "" }, cap: 0 }))),
  );
  if (focus) sheet.focus();
}

function tell(told: Told): void {
  const list = document.getElementById("problems")!;
  list.replaceChildren(...(told.problems.length ? told.problems.map((one) => make("li", { class: "breach" }, one.text)) : [make("li", {}, say(words, "no_problem"))]));
  document.getElementById("total")!.textContent = say(words, "total", { total: told.total });
  for (const part of sheet.querySelectorAll<HTMLElement>("[data-part]")) part.classList.toggle("wrong", told.problems.some((one) => one.part === part.dataset["part"]));
}

function changed(): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(save, 1500);
}

function save(): void {
  window.clearTimeout(timer);
  timer = 0;
  saving = saving.then(async () => {
    const saved = document.getElementById("saved")!;
    saved.textContent = say(words, "saving");
    try {
      const told = await ask<Told>("POST", `/quality/forms/${build.id}/draft`, { content, base: revision });
      revision = told.revision;
      (document.getElementById("base") as HTMLInputElement).value = String(revision);
      const publish = document.getElementById("publish") as HTMLButtonElement;
      publish.disabled = false;
      publish.title = "";
      const state = document.getElementById("state")!;
      state.className = "tag warn";
      state.textContent = say(words, "draft", { number: told.number });
      saved.textContent = say(words, "saved", { time: told.at ?? "" });
      tell(told);
    } catch (refused) {
      const gone = refused instanceof Refusal && refused.status === 0;
      saved.textContent = gone ? say(words, "not_saved") : `${refused instanceof Error ? refused.message : ""} ${say(words, "meanwhile")}`;
      if (gone) timer = window.setTimeout(save, 5000);
    }
  });
}

document.getElementById("publishing")!.addEventListener("submit", (event) => {
  if (!timer) return;
  event.preventDefault();
  save();
  void saving.then(() => (event.target as HTMLFormElement).submit());
});
window.addEventListener("beforeunload", (event) => { if (timer) event.preventDefault(); });
draw();
tell(build);
