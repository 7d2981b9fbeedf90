// The form that builds a filter: groups of conditions from the site's list of fields, counted while one writes.
import { say } from "./page";
import { ask, words } from "./site";

interface Field { key: string; dimension: string; kind: string; word: string; unit: string; choices: [string, string][] }
interface Condition { field: string; op: string; value: unknown }
interface Group { join: string; conditions: Condition[] }
interface Definition { join: string; groups: Group[] }
interface Build {
  definition: Definition; errors: Record<string, string>; fields: Field[]; operators: Record<string, string[]>;
  without: string[]; words: Record<string, string>; dimensions: Record<string, string>;
}
interface Counted { count: number | null; sentence: string; errors: Record<string, string> }

const COUNT_AFTER = 250; // ms of rest before it is counted

function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

class Builder {
  private readonly build: Build = JSON.parse(document.getElementById("build")!.textContent!) as Build;
  private readonly fields = new Map(this.build.fields.map((field) => [field.key, field]));
  private readonly groups = document.getElementById("groups")!;
  private errors = this.build.errors;
  private touched = new Set<string>();
  private timer = 0;
  private asked = 0;
  edited = false;

  constructor(form: HTMLFormElement) {
    this.draw();
    document.getElementById("add-group")!.addEventListener("click", () => {
      this.build.definition.groups.push({ join: "all", conditions: [this.fresh()] });
      this.changed(true);
      this.focus(`${this.build.definition.groups.length - 1}.0`);
    });
    form.addEventListener("submit", () => this.write());
    void this.count();
  }

  private fresh(): Condition {
    const field = this.build.fields.find((one) => one.key === "last_contact_on") ?? this.build.fields[0]!;
    return { field: field.key, op: this.build.operators[field.kind]![0]!, value: field.kind === "choice" ? [] : "" };
  }

  private write(): void {
    (document.getElementById("definition") as HTMLInputElement).value = JSON.stringify(this.build.definition);
  }

  private changed(redraw = false): void {
    this.edited = true;
    if (redraw) this.draw();
    window.clearTimeout(this.timer);
    document.getElementById("counting")!.textContent = say(words, "counting");
    this.timer = window.setTimeout(() => void this.count(), COUNT_AFTER);
  }

  /** Only the answer to the last question is shown; what is not complete is marked once it was touched. */
  private async count(): Promise<void> {
    const mine = ++this.asked;
    const sign = document.getElementById("counting")!;
    try {
      const told = await ask<Counted>("POST", "/segments/count", { definition: this.build.definition });
      if (mine !== this.asked) return;
      document.getElementById("count")!.textContent = told.count === null ? "—" : told.count.toLocaleString("en");
      document.getElementById("sentence")!.textContent = told.sentence;
      sign.textContent = told.count === null ? say(words, "mend") : "";
      this.errors = told.errors;
      this.mark();
    } catch (refused) {
      if (mine === this.asked) sign.textContent = refused instanceof Error ? refused.message : String(refused);
    }
  }

  private mark(): void {
    this.groups.querySelectorAll<HTMLElement>(".cond").forEach((row) => {
      const place = row.dataset.place!;
      const text = this.touched.has(place) || this.build.errors[place] ? (this.errors[place] ?? "") : "";
      row.querySelector(".field-error")!.textContent = text;
      row.querySelectorAll(".value .input").forEach((one) => one.toggleAttribute("aria-invalid", Boolean(text)));
      row.querySelectorAll(".value .input[aria-invalid]").forEach((one) => one.setAttribute("aria-invalid", "true"));
    });
  }

  private draw(): void {
    const definition = this.build.definition;
    const join = document.getElementById("join")!;
    join.replaceChildren(...this.joins(definition, "join-all", ["all", "any"]));
    join.parentElement!.hidden = definition.groups.length < 2;
    this.groups.replaceChildren(...definition.groups.map((group, number) => this.group(group, number)));
    this.mark();
  }

  private joins(owner: { join: string }, name: string, keys: [string, string]): Node[] {
    return keys.map((key, place) => {
      const value = place ? "any" : "all";
      const input = make("input", { type: "radio", name, value, class: "vh" });
      input.checked = owner.join === value;
      input.addEventListener("change", () => { owner.join = value; this.changed(); });
      return make("label", {}, input, say(words, key));
    });
  }

  private group(group: Group, number: number): HTMLElement {
    const title = say(words, "group", { number: number + 1 });
    const remove = make("button", { type: "button", class: "btn sm quiet" }, say(words, "remove_group"));
    remove.hidden = this.build.definition.groups.length < 2;
    remove.addEventListener("click", () => { this.build.definition.groups.splice(number, 1); this.changed(true); });
    const joins = make("span", { class: "segs", role: "radiogroup", "aria-label": title }, ...this.joins(group, `group-${number}`, ["group_all", "group_any"]));
    const add = make("button", { type: "button", class: "btn sm" }, say(words, "add"));
    add.addEventListener("click", () => {
      group.conditions.push(this.fresh());
      this.changed(true);
      this.focus(`${number}.${group.conditions.length - 1}`);
    });
    const rows = group.conditions.map((one, place) => this.condition(group, one, `${number}.${place}`));
    return make("section", { class: "group", "aria-label": title }, make("header", {}, make("b", {}, title), joins, make("span", { class: "grow" }), remove), ...rows, add);
  }

  private condition(group: Group, one: Condition, place: string): HTMLElement {
    const field = this.fields.get(one.field) ?? this.build.fields[0]!;
    const remove = make("button", { type: "button", class: "ib", "aria-label": say(words, "remove"), title: say(words, "remove") }, "×");
    remove.disabled = group.conditions.length < 2 && this.build.definition.groups.length < 2;
    remove.addEventListener("click", () => this.drop(group, one));
    return make("div", { class: "cond", "data-place": place }, this.fieldChoice(one, place), this.operatorChoice(one, field), this.value(one, field, place), remove, make("span", { class: "field-error", role: "alert" }));
  }

  private drop(group: Group, one: Condition): void {
    group.conditions.splice(group.conditions.indexOf(one), 1);
    if (!group.conditions.length) this.build.definition.groups.splice(this.build.definition.groups.indexOf(group), 1);
    this.changed(true);
  }

  private fieldChoice(one: Condition, place: string): HTMLElement {
    const select = make("select", { class: "input", "aria-label": say(words, "field") });
    for (const [code, word] of Object.entries(this.build.dimensions)) {
      const options = this.build.fields.filter((field) => field.dimension === code).map((field) => new Option(field.word, field.key, false, field.key === one.field));
      select.append(make("optgroup", { label: word }, ...options));
    }
    select.addEventListener("change", () => {
      const field = this.fields.get(select.value)!;
      Object.assign(one, { field: field.key, op: this.build.operators[field.kind]![0], value: field.kind === "choice" ? [] : "" });
      this.changed(true);
      this.focus(place);
    });
    return select;
  }

  private operatorChoice(one: Condition, field: Field): HTMLElement {
    const select = make("select", { class: "input", "aria-label": say(words, "operator") });
    for (const op of this.build.operators[field.kind]!) select.append(new Option(this.build.words[op]!, op, false, op === one.op));
    select.addEventListener("change", () => { one.op = select.value; this.changed(true); });
    return select;
  }

  private value(one: Condition, field: Field, place: string): HTMLElement {
    if (this.build.without.includes(one.op)) return make("div", { class: "value" });
    return field.kind === "choice" ? this.choices(one, field, place) : this.typed(one, field, place);
  }

  private choices(one: Condition, field: Field, place: string): HTMLElement {
    const chosen = new Set(Array.isArray(one.value) ? (one.value as string[]) : []);
    const boxes = field.choices.map(([code, word]) => {
      const box = make("input", { type: "checkbox", value: code });
      box.checked = chosen.has(code);
      box.addEventListener("change", () => {
        if (box.checked) chosen.add(code); else chosen.delete(code);
        one.value = [...chosen];
        this.touched.add(place);
        this.changed();
      });
      return make("label", { class: "check" }, box, word);
    });
    return make("div", { class: field.choices.length > 8 ? "value many" : "value", role: "group", "aria-label": say(words, "value") }, ...boxes);
  }

  private typed(one: Condition, field: Field, place: string): HTMLElement {
    const text = Array.isArray(one.value) ? (one.value as string[]).join("，") : String(one.value ?? "");
    const input = make("input", { class: field.kind === "text" ? "input" : "input figure", "aria-label": say(words, "value"), autocomplete: "off", maxlength: "200" });
    if (field.kind !== "text") input.inputMode = "numeric";
    input.value = text;
    input.addEventListener("input", () => { one.value = input.value; this.touched.add(place); this.changed(); });
    const unit = field.kind === "percent" ? say(words, "percent") : field.kind === "text" ? say(words, "comma") : field.unit;
    return make("div", { class: "value" }, input, make("small", {}, unit));
  }

  private focus(place: string): void {
    this.groups.querySelector<HTMLElement>(`[data-place="${place}"] select`)?.focus();
  }
}

export function startBuilder(form: HTMLFormElement): void {
  const builder = new Builder(form);
  let sent = false;
  form.addEventListener("input", () => { builder.edited = true; });
  form.addEventListener("submit", () => { sent = true; });
  document.addEventListener("keydown", (event) => {
    if (event.code === "Enter" && event.ctrlKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.code === "Enter" && event.target instanceof HTMLInputElement && !event.isComposing) event.preventDefault();
  });
  // What was built is not lost by a slip: the browser asks.
  window.addEventListener("beforeunload", (event) => { if (builder.edited && !sent) event.preventDefault(); });
}
