// Beside a campaign's call: a sheet outside the regions that a push replaces, so that nothing typed is lost.
import { announce, csrfToken, say, setText } from "./page";
import { Refusal, ask, attempt, words } from "./site";

const TYPING_MS = 600;
const LOOK_MS = 15_000;
const CLOSED_MS = 300_000; // who closed it is left alone for a while
const OURS = "ob-";

export class CampaignPanel {
  private shown = "";
  private timer = 0;
  private nextLook = 0;
  free = false;

  constructor() {
    const sheet = this.sheet;
    window.setInterval(() => void this.idle(), LOOK_MS);
    sheet.addEventListener("submit", (event) => {
      const form = event.target as HTMLFormElement;
      event.preventDefault();
      if (form.dataset["next"]) void this.next(form.dataset["next"], Object.fromEntries(new FormData(form)));
    });
    sheet.addEventListener("input", () => this.soon());
    sheet.addEventListener("change", () => this.soon(0));
    sheet.addEventListener("keydown", (event) => this.byKey(event));
  }

  readonly actions: Record<string, (element: HTMLElement) => unknown> = {
    "talk-close": () => { this.sheet.hidden = true; this.nextLook = Date.now() + CLOSED_MS; },
    "talk-answer": (element) => this.answer(element.dataset["token"] ?? "", ""),
    "talk-comment": () => this.answer("", this.sheet.querySelector<HTMLTextAreaElement>("[name=answer_text]")?.value ?? ""),
    "talk-undo": () => this.put("/undo", {}),
    "talk-wish": () => this.save(true),
    "next-dial": () => this.next("dial", {}),
  };

  /** Without a call: the next customer to read about, when the agent is free for one. */
  async idle(): Promise<void> {
    if (!this.free || this.shown || !this.sheet.hidden || Date.now() < this.nextLook) return;
    this.nextLook = Date.now() + LOOK_MS;
    const answer = await fetch("/api/campaign-next", { cache: "no-store" });
    const html = answer.ok ? (await answer.text()).trim() : "";
    if (html && !this.shown) this.show(html);
  }

  private async next(act: string, body: object): Promise<void> {
    const entry = this.sheet.querySelector<HTMLElement>(".next")?.dataset["entry"];
    if (!entry) return;
    try {
      await ask("POST", `/api/campaign-next/${entry}/${act}`, body);
      this.sheet.hidden = true;
      this.nextLook = 0;
      if (act !== "dial") await this.idle();
    } catch (refused) {
      if (!(refused instanceof Refusal)) return;
      this.complain(refused.message, refused.field);
      const whole = this.sheet.querySelector<HTMLElement>('[data-error=""]');
      if (whole) whole.hidden = !whole.textContent;
    }
  }

  /** The contact on the desk; a campaign's opens the sheet, another one closes it. */
  seen(contact: string, talking: boolean): void {
    if (contact === this.shown || (contact.startsWith(OURS) && !talking)) return;
    const before = this.shown;
    this.shown = contact;
    if (contact.startsWith(OURS)) void this.load();
    else if (contact || before.startsWith(OURS)) this.sheet.hidden = true;
  }

  private get sheet(): HTMLElement {
    return document.getElementById("campaign-sheet") as HTMLElement;
  }

  private get path(): string {
    return `/api/campaign-talk/${encodeURIComponent(this.shown)}`;
  }

  private async load(): Promise<void> {
    const contact = this.shown;
    const answer = await fetch(this.path, { cache: "no-store" });
    if (!answer.ok) {
      if (answer.status === 404 && contact === this.shown) this.shown = ""; // not written yet: the next picture asks again
      return;
    }
    if (contact === this.shown) this.show(await answer.text());
  }

  private show(html: string): void {
    this.sheet.innerHTML = html;
    this.sheet.hidden = false;
  }

  private async put(end: string, body: object): Promise<void> {
    await this.save(false);
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrfToken() };
    await attempt(async () => {
      const answer = await fetch(this.path + end, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store" });
      if (!answer.ok) {
        const told = (await answer.json().catch(() => ({}))) as { message?: string };
        throw new Refusal(told.message ?? say(words, "no_answer_from_site"), answer.status);
      }
      this.show(await answer.text());
      this.sheet.querySelector<HTMLElement>(".ask")?.focus({ preventScroll: true });
    });
  }

  private answer(token: string, text: string): Promise<void> {
    const question = this.sheet.querySelector<HTMLElement>(".ask")?.dataset["question"] ?? "";
    return question ? this.put("/answer", { question, token, text }) : Promise.resolve();
  }

  /** 0 to 9 while the questions have the focus. */
  private byKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || target.matches("input, textarea")) return;
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    const button = digit ? this.sheet.querySelector<HTMLElement>(`[data-key="${digit}"]`) : null;
    if (!button || !target.closest(".ask")) return;
    event.preventDefault();
    event.stopPropagation();
    button.click();
  }

  private soon(after = TYPING_MS): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(false), after);
  }

  private async save(takeWish: boolean): Promise<void> {
    window.clearTimeout(this.timer);
    const form = document.getElementById("talk-form");
    if (!(form instanceof HTMLFormElement)) return;
    const entries = Object.fromEntries(new FormData(form));
    try {
      await ask("POST", this.path, { ...entries, take_wish: takeWish }, true);
      this.complain("", "");
      if (takeWish) (form.elements.namedItem("wish") as HTMLInputElement).value = "";
      const told = say(words, takeWish ? "talk_lead" : "talk_saved");
      setText(document.getElementById("talk-saved") as HTMLElement, told);
      if (takeWish) announce(told);
    } catch (refused) {
      if (refused instanceof Refusal) this.complain(refused.message, refused.field);
    }
  }

  private complain(text: string, field: string): void {
    for (const spot of this.sheet.querySelectorAll<HTMLElement>("[data-error]")) {
      setText(spot, text && spot.dataset["error"] === field ? text : "");
    }
  }
}
