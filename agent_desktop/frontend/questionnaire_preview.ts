// The right of the designer: how the chosen part sounds on the telephone, how it reads behind a link, what is wrong.
import { say } from "./page";
import { type Draft, FRAME, type Question, type Words, tokensOf } from "./questionnaire_model";
import { icon, make } from "./questionnaire_sheet";
import { words } from "./site";

export class Preview {
  private language: string;

  constructor(private readonly draft: Draft, private readonly choose: (question: string, field: string) => void) {
    this.language = draft.build.language;
    const radios = [...document.querySelectorAll<HTMLButtonElement>("[data-lang]")];
    for (const radio of radios) {
      radio.addEventListener("click", () => {
        this.language = radio.dataset.lang!;
        for (const one of radios) one.setAttribute("aria-checked", String(one === radio));
        this.draw();
      });
    }
  }

  draw(): void {
    const question = this.draft.chosen === FRAME ? undefined : this.draft.question;
    const content = this.draft.content;
    const said = question ? this.spoken(question) : [this.text(content.greeting), this.text(content.thanks)];
    document.getElementById("sounds")!.replaceChildren(...said.filter(Boolean).map((line) => make("p", { lang: this.language }, line)));
    document.getElementById("reads")!.replaceChildren(...(question ? this.page(question) : [make("b", {}, this.text(content.title)), this.text(content.greeting)]));
    this.problems();
    const minutes = Math.max(0.5, Math.round((this.draft.told.seconds[this.language] ?? 0) / 30) / 2);
    document.getElementById("minutes")!.textContent = say(words, "minutes", { minutes });
  }

  /** The question's own words at once; how it is answered by key as the site spoke of it last. */
  private spoken(question: Question): string[] {
    const told = this.draft.told.spoken[this.language]?.[question.id] ?? [];
    return [this.text(question.words) || say(words, "write"), ...told.slice(1)];
  }

  private text(one: Words): string {
    return this.language === "en" ? one.en || one.zh : one.zh || one.en;
  }

  private page(question: Question): Node[] {
    const head = make("b", { lang: this.language }, this.text(question.words) || say(words, "write"));
    if (question.kind === "comment") return [head, make("div", { class: "lines" })];
    const stack = question.kind === "choice";
    const shown = tokensOf(question).map((token) => make("span", {}, this.word(question, token)));
    return [head, make("div", { class: stack ? "keys stack" : "keys" }, ...shown)];
  }

  private word(question: Question, token: string): string {
    if (question.kind === "yes_no") return this.language === "en" ? (token === "1" ? "Yes" : "No") : token === "1" ? "是" : "否";
    const option = question.options.find((one) => one.id === token);
    return option ? this.text(option.words) || say(words, "write") : token;
  }

  private problems(): void {
    const list = document.getElementById("problems")!;
    const found = this.draft.told.problems;
    if (!found.length) {
      list.replaceChildren(make("li", { class: "good" }, icon("check"), say(words, "no_problem")));
      return;
    }
    list.replaceChildren(...found.map((one) => {
      const go = make("button", { type: "button" }, one.text);
      go.addEventListener("click", () => this.choose(one.question, one.field));
      return make("li", { class: one.warning ? "warning" : "error" }, icon("triangle-alert"), go);
    }));
  }
}
