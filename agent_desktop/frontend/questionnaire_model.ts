// A questionnaire in the browser: its content, the way back from each change, and saving it as a draft.
import { say } from "./page";
import { Refusal, ask, toast, words } from "./site";

export interface Words { zh: string; en: string }
export interface Option { id: string; words: Words }
export interface Branch { to: string; on: string[]; of: string }
export interface Question { id: string; kind: string; words: Words; topic: Words; options: Option[]; branches: Branch[]; no_is_low: boolean }
export interface Content { title: Words; greeting: Words; thanks: Words; most_questions: number; low: number; low_nps: number; questions: Question[] }
export interface Problem { question: string; field: string; text: string; warning: boolean }
export interface Told { problems: Problem[]; spoken: Record<string, Record<string, string[]>>; seconds: Record<string, number>; revision: number; at?: string }
export interface Build extends Told { content: Content; id: number; may_edit: boolean; language: string; kinds: Record<string, string>; icons: Record<string, string> }

export const FRAME = ""; // as a chosen part: title, greeting, thanks, limits
export const KINDS = ["rating", "nps", "yes_no", "choice", "comment"];
const SAVE_AFTER = 700; // ms of rest
const RETRY_AFTER = 3000;
const ONE_STEP = 1200; // ms: what is typed into one field without a pause is one step back
const MOST_STEPS = 100;

export function tokensOf(question: Question): string[] {
  switch (question.kind) {
    case "rating": return ["1", "2", "3", "4", "5"];
    case "nps": return Array.from({ length: 11 }, (_, value) => String(value));
    case "yes_no": return ["1", "0"];
    case "choice": return question.options.map((one) => one.id);
    default: return [];
  }
}

export class Draft {
  readonly build: Build = JSON.parse(document.getElementById("build")!.textContent!) as Build;
  content: Content = this.build.content;
  told: Told = this.build;
  chosen = this.content.questions[0]?.id ?? FRAME;
  private readonly back: string[] = [];
  private readonly forth: string[] = [];
  private kept = JSON.stringify(this.content);
  private stepOf = "";
  private stepAt = 0;
  private timer = 0;
  private saving = false;
  private unsaved = false;
  private stopped = false;
  onRedraw = (): void => undefined; // the content was changed as a whole
  onTyped = (): void => undefined; // words were changed
  onTold = (): void => undefined; // the site looked at it

  constructor() {
    window.addEventListener("beforeunload", (event) => { if (this.unsaved && !this.stopped) event.preventDefault(); });
  }

  get question(): Question | undefined { return this.content.questions.find((one) => one.id === this.chosen); }
  get canUndo(): boolean { return this.back.length > 0; }
  get canRedo(): boolean { return this.forth.length > 0; }

  /** Does one change. `field` names what is typed into; "" = a step of its own, after which all is drawn anew. */
  change(work: () => void, field = ""): void {
    if (!this.build.may_edit) return;
    const now = Date.now();
    if (!field || field !== this.stepOf || now - this.stepAt > ONE_STEP) this.back.push(this.kept);
    if (this.back.length > MOST_STEPS) this.back.shift();
    this.stepOf = field;
    this.stepAt = now;
    this.forth.length = 0;
    work();
    this.kept = JSON.stringify(this.content);
    if (field) this.onTyped(); else this.onRedraw();
    this.later();
  }

  undo(): void { this.swap(this.back, this.forth); }
  redo(): void { this.swap(this.forth, this.back); }

  private swap(from: string[], to: string[]): void {
    const text = from.pop();
    if (text === undefined) return;
    to.push(this.kept);
    this.kept = text;
    this.stepOf = "";
    this.content = JSON.parse(text) as Content;
    if (this.chosen !== FRAME && !this.question) this.chosen = this.content.questions[0]?.id ?? FRAME;
    this.onRedraw();
    this.later();
  }

  freeId(): string {
    const taken = new Set(this.content.questions.map((one) => one.id));
    for (let number = 1; ; number++) if (!taken.has(`q${number}`)) return `q${number}`;
  }

  private later(delay = SAVE_AFTER): void {
    this.unsaved = true;
    window.clearTimeout(this.timer);
    if (!this.stopped) this.timer = window.setTimeout(() => void this.save(), delay);
  }

  /** One save at a time; what was written meanwhile goes with the next one. */
  private async save(): Promise<void> {
    if (this.saving) return this.later();
    this.saving = true;
    const sign = document.getElementById("saved")!;
    const sent = this.kept;
    sign.textContent = say(words, "saving");
    try {
      this.told = await ask<Told>("POST", `/questionnaires/${this.build.id}/draft`, { content: JSON.parse(sent) as object, base: this.told.revision });
      this.unsaved = sent !== this.kept;
      sign.textContent = say(words, "saved", { time: this.told.at ?? "" });
      this.onTold();
    } catch (refused) {
      this.refused(refused, sign);
    } finally {
      this.saving = false;
    }
  }

  private refused(refused: unknown, sign: HTMLElement): void {
    const status = refused instanceof Refusal ? refused.status : 0;
    if (status >= 400 && status < 500) {
      this.stopped = true; // somebody else's text is newer: nothing of it may be overwritten
      sign.textContent = say(words, "meanwhile");
      toast(refused instanceof Error ? refused.message : String(refused));
      return;
    }
    sign.textContent = say(words, "not_saved");
    this.later(RETRY_AFTER);
  }
}
