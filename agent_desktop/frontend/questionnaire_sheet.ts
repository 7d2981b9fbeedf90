// The middle of the designer: the chosen question, or what stands around the questions, in both languages side by side.
import { say } from "./page";
import { type Branch, type Draft, FRAME, KINDS, type Question, type Words, tokensOf } from "./questionnaire_model";
import { words } from "./site";

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function icon(name: string): SVGElement {
  const sprite = document.querySelector<SVGUseElement>("svg use")!.getAttribute("href")!.split("#")[0]!;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

function button(word: string, act: () => void, attributes: Record<string, string> = {}): HTMLButtonElement {
  const element = make("button", { type: "button", class: "btn sm", ...attributes }, word);
  element.addEventListener("click", act);
  return element;
}

export class Sheet {
  private readonly place = document.getElementById("sheet")!;

  constructor(private readonly draft: Draft, private readonly acts: { copy(): void; remove(): void }) {}

  draw(): void {
    const question = this.draft.question;
    this.place.replaceChildren(...(question && this.draft.chosen !== FRAME ? this.drawQuestion(question) : this.drawFrame()));
    this.mark();
  }

  /** Each problem beside its field. */
  mark(): void {
    this.place.querySelectorAll<HTMLElement>(".field-error[data-field]").forEach((place) => {
      const mine = this.draft.told.problems.filter((one) => one.question === (this.draft.question?.id ?? "") && one.field === place.dataset.field);
      place.replaceChildren(...mine.map((one) => make("div", one.warning ? { class: "w" } : {}, one.text)));
    });
  }

  private error(field: string): HTMLElement { return make("p", { class: "field-error", "data-field": field }); }

  private pair(owner: Words, field: string, most: number, long: boolean): HTMLElement {
    const one = (language: "zh" | "en"): HTMLElement => {
      const attributes = { class: "input", maxlength: String(most), lang: language === "zh" ? "zh-CN" : "en", autocomplete: "off", "data-field": `${field}.${language}` };
      const input = long ? make("textarea", { ...attributes, rows: "3" }) : make("input", attributes);
      input.value = owner[language];
      input.readOnly = !this.draft.build.may_edit;
      input.addEventListener("input", () => this.draft.change(() => { owner[language] = input.value; }, `${this.draft.chosen}.${field}.${language}`));
      return make("label", {}, say(words, language), input);
    };
    return make("div", { class: "pair" }, one("zh"), one("en"));
  }

  private drawFrame(): Node[] {
    const content = this.draft.content;
    const part = (name: "title" | "greeting" | "thanks", most: number): Node[] => [make("h3", {}, say(words, name)), this.pair(content[name], name, most, name !== "title"), this.error(name)];
    const never = say(words, "never");
    const limits = make("div", { class: "numbers" },
      this.number("most", content.most_questions, Array.from({ length: 10 }, (_, n) => [n + 1, String(n + 1)]), (value) => { content.most_questions = value; }),
      this.number("low", content.low, [[0, never], [1, "1"], [2, "2"], [3, "3"], [4, "4"]], (value) => { content.low = value; }),
      this.number("low_nps", content.low_nps, [[-1, never], ...Array.from({ length: 10 }, (_, n) => [n, String(n)] as [number, string])], (value) => { content.low_nps = value; }));
    return [make("header", {}, make("h2", {}, say(words, "frame"))), ...part("title", 60), ...part("greeting", 160), ...part("thanks", 160), make("h3", {}, say(words, "limits")), limits, this.error("questions"), make("p", { class: "mid" }, say(words, "low_note"))];
  }

  private number(word: string, value: number, choices: [number, string][], set: (value: number) => void): HTMLElement {
    const select = make("select", { class: "input", "data-field": word });
    for (const [code, shown] of choices) select.append(new Option(shown, String(code), false, code === value));
    select.disabled = !this.draft.build.may_edit;
    select.addEventListener("change", () => this.draft.change(() => set(Number(select.value)), word));
    return make("label", { class: "field" }, say(words, word), select);
  }

  private drawQuestion(question: Question): Node[] {
    const place = this.draft.content.questions.indexOf(question) + 1;
    const head = make("header", {}, make("h2", {}, say(words, "question", { place })), make("span", { class: "grow" }));
    if (this.draft.build.may_edit) head.append(button(say(words, "duplicate"), this.acts.copy, { title: "Ctrl+D" }), button(say(words, "remove"), this.acts.remove, { title: "Del" }));
    return [head, this.pair(question.words, "words", 300, true), this.error("words"), make("h3", {}, say(words, "kind")), this.kinds(question), ...this.options(question), ...this.low(question),
      make("h3", {}, say(words, "branches")), ...question.branches.map((one) => this.way(question, one)), this.error("branches"), ...this.addWay(question),
      make("h3", {}, say(words, "topic")), this.pair(question.topic, "topic", 40, false)];
  }

  private kinds(question: Question): HTMLElement {
    const group = make("div", { class: "kinds", role: "radiogroup", "aria-label": say(words, "kind") });
    for (const kind of KINDS) {
      const word = this.draft.build.kinds[kind]!;
      const choice = button("", () => this.draft.change(() => this.become(question, kind)), { role: "radio", "aria-checked": String(kind === question.kind), "data-kind": kind });
      choice.append(icon(this.draft.build.icons[kind]!), word);
      choice.disabled = !this.draft.build.may_edit;
      group.append(choice);
    }
    return group;
  }

  private become(question: Question, kind: string): void {
    question.kind = kind;
    question.branches = question.branches.filter((one) => one.of || !one.on.length);
    if (kind === "choice" && !question.options.length) question.options = [this.newOption(question), { ...this.newOption(question), id: "o2" }];
  }

  private newOption(question: Question): Question["options"][number] {
    const taken = new Set(question.options.map((one) => one.id));
    const free = Array.from({ length: 10 }, (_, n) => `o${n + 1}`).find((name) => !taken.has(name))!;
    return { id: free, words: { zh: "", en: "" } };
  }

  private options(question: Question): Node[] {
    if (question.kind !== "choice") return [];
    const rows = question.options.map((one, place) => {
      const input = (language: "zh" | "en"): HTMLElement => {
        const field = make("input", { class: "input", maxlength: "80", lang: language === "zh" ? "zh-CN" : "en", autocomplete: "off", "aria-label": `${say(words, "option", { place: place + 1 })} ${say(words, language)}` });
        field.value = one.words[language];
        field.readOnly = !this.draft.build.may_edit;
        field.addEventListener("input", () => this.draft.change(() => { one.words[language] = field.value; }, `${question.id}.${one.id}.${language}`));
        return field;
      };
      const gone = button("×", () => this.draft.change(() => { question.options.splice(place, 1); }), { class: "ib", "aria-label": say(words, "remove_option") });
      gone.hidden = !this.draft.build.may_edit;
      return make("div", { class: "opt" }, make("b", {}, String(place + 1)), input("zh"), input("en"), gone);
    });
    const add = question.options.length < 9 && this.draft.build.may_edit ? [button(say(words, "add_option"), () => this.draft.change(() => { question.options.push(this.newOption(question)); }))] : [];
    return [make("h3", {}, say(words, "options")), ...rows, this.error("options"), ...add];
  }

  private low(question: Question): Node[] {
    if (question.kind !== "yes_no") return [];
    const box = make("input", { type: "checkbox" });
    box.checked = question.no_is_low;
    box.disabled = !this.draft.build.may_edit;
    box.addEventListener("change", () => this.draft.change(() => { question.no_is_low = box.checked; }, "low"));
    return [make("label", { class: "check" }, box, say(words, "no_is_low"))];
  }

  private addWay(question: Question): Node[] {
    if (!this.draft.build.may_edit) return [];
    return [button(say(words, "add_branch"), () => this.draft.change(() => { question.branches.push({ to: "end", on: tokensOf(question).slice(-1), of: "" }); })), make("p", { class: "mid" }, say(words, "else"))];
  }

  private way(question: Question, way: Branch): HTMLElement {
    const all = this.draft.content.questions;
    const place = all.indexOf(question);
    const asked = all.find((one) => one.id === way.of) ?? question;
    const of = this.choice(say(words, "of"), [["", say(words, "this")], ...all.slice(0, place).map((one, at) => [one.id, this.name(one, at + 1)] as [string, string])], way.of, (value) => { way.of = value; way.on = []; });
    const to = this.choice(say(words, "go"), [...all.slice(place + 1).map((one, at) => [one.id, this.name(one, place + at + 2)] as [string, string]), ["end", say(words, "end")]], way.to, (value) => { way.to = value; });
    const gone = button("×", () => this.draft.change(() => { question.branches.splice(question.branches.indexOf(way), 1); }), { class: "ib", "aria-label": say(words, "remove_branch") });
    gone.hidden = !this.draft.build.may_edit;
    const tokens = make("div", { class: "tokens", role: "group", "aria-label": say(words, "when") });
    for (const token of tokensOf(asked)) tokens.append(this.token(asked, way, token));
    const any = way.on.length ? "" : say(words, "any");
    return make("div", { class: "way" }, make("div", { class: "row" }, say(words, "when"), tokens, make("small", {}, any), make("span", { class: "grow" }), gone), make("div", { class: "row" }, say(words, "of"), of, say(words, "go"), to));
  }

  private token(asked: Question, way: Branch, token: string): HTMLElement {
    const option = asked.options.find((one) => one.id === token);
    const language = this.draft.build.language === "en" ? "en" : "zh";
    const word = asked.kind === "yes_no" ? say(words, token === "1" ? "yes" : "no") : option ? option.words[language] || option.words.zh || option.words.en || token : token;
    const press = button(word, () => this.draft.change(() => { way.on = way.on.includes(token) ? way.on.filter((one) => one !== token) : tokensOf(asked).filter((one) => one === token || way.on.includes(one)); }), { "aria-pressed": String(way.on.includes(token)) });
    press.disabled = !this.draft.build.may_edit;
    return press;
  }

  private choice(label: string, choices: [string, string][], value: string, set: (value: string) => void): HTMLElement {
    const select = make("select", { class: "input", "aria-label": label });
    if (!choices.some(([code]) => code === value)) select.append(new Option("?", value, false, true));
    for (const [code, word] of choices) select.append(new Option(word, code, false, code === value));
    select.disabled = !this.draft.build.may_edit;
    select.addEventListener("change", () => this.draft.change(() => set(select.value)));
    return select;
  }

  private name(question: Question, place: number): string {
    const language = this.draft.build.language === "en" ? "en" : "zh";
    return `${place} ${(question.topic[language] || question.words[language] || question.words.zh || question.words.en).slice(0, 24)}`;
  }
}
