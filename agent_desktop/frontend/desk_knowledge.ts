// Knowledge beside the call: found while typing, read in place, put into the note, sent, judged, asked for.
import { announce, csrfToken, say } from "./page";
import { ask, attempt, words } from "./site";

const TYPING_MS = 120;
const SETTLED_MS = 1200;

const byId = (id: string): HTMLElement | null => document.getElementById(id);

export class KnowledgePanel {
  private timer = 0;
  private settled = 0;
  private asked = 0;

  constructor(private readonly contact: () => string) {
    document.addEventListener("input", (event) => {
      if (event.target instanceof HTMLInputElement && event.target.closest("#kb-search")) this.typed(event.target.value);
    });
    document.addEventListener("submit", (event) => {
      if (!(event.target instanceof HTMLFormElement)) return;
      if (event.target.id === "kb-search") { event.preventDefault(); this.firstHit()?.click(); }
      if (event.target.id === "kb-why") { event.preventDefault(); void this.vote(event.target, false, String(new FormData(event.target).get("reason"))); }
    });
    document.addEventListener("keydown", (event) => this.walk(event));
  }

  readonly actions: Record<string, (element: HTMLElement) => unknown> = {
    "kb-open": (element) => this.open(element.dataset["article"] ?? ""),
    "kb-insert": (element) => this.insert(element),
    "kb-send": (element) => this.send(element),
    "kb-vote": (element) => this.judge(element),
    "kb-ask": (element) => this.askFor(element),
    "kb-back": () => this.back(),
    "kb-noted": (element) => attempt(() => ask("POST", `/api/knowledge/questions/${element.dataset["question"]}/noted`)),
  };

  /** Alt+K: to the search, whatever tab is open. */
  focus(): void {
    byId("atab-knowledge")?.click();
    byId("kb-search")?.querySelector<HTMLInputElement>("input")?.focus({ preventScroll: true });
  }

  private typed(text: string): void {
    window.clearTimeout(this.timer);
    window.clearTimeout(this.settled);
    if (!text.trim()) return this.show("");
    this.timer = window.setTimeout(() => void this.find(text), TYPING_MS);
    this.settled = window.setTimeout(() => void ask("POST", "/api/knowledge/searched", { words: text }).catch(() => undefined), SETTLED_MS);
  }

  private async find(text: string): Promise<void> {
    const turn = ++this.asked;
    const html = await this.html("GET", `/api/knowledge/found?words=${encodeURIComponent(text)}`);
    if (turn === this.asked && html !== null) this.show(html); // a slow answer to an older question is late
  }

  private async open(article: string): Promise<void> {
    this.asked += 1;
    const html = await this.html("POST", `/api/knowledge/${article}/open`, { contact: this.contact() });
    if (html === null) return;
    byId("atab-knowledge")?.click(); // it may have been suggested beside the live text
    this.show(html);
    byId("kb-found")?.querySelector<HTMLElement>("[data-do=kb-back]")?.focus({ preventScroll: true });
  }

  private async insert(element: HTMLElement): Promise<void> {
    const article = element.dataset["article"] ?? "";
    const note = document.querySelector<HTMLTextAreaElement>("#record-form textarea[name=note]");
    if (!note) return this.trouble(say(words, "kb_no_note"));
    await attempt(async () => {
      const { text } = await ask<{ text: string }>("POST", `/api/knowledge/${article}/insert`, { contact: this.contact() });
      const at = note.selectionEnd ?? note.value.length;
      const before = note.value.slice(0, at);
      const gap = before && !before.endsWith("\n") ? "\n" : "";
      note.setRangeText(gap + text, at, at, "end");
      note.dispatchEvent(new Event("input", { bubbles: true }));
      note.focus({ preventScroll: true });
      announce(say(words, "kb_inserted"));
    });
  }

  private async send(element: HTMLElement): Promise<void> {
    const { article, channel } = element.dataset;
    const done = await attempt(async () => {
      const { case: number } = await ask<{ case: string }>("POST", `/api/knowledge/${article}/send`, { contact: this.contact(), channel });
      const told = number ? say(words, "kb_posted", { number }) : say(words, "kb_sent");
      element.textContent = told;
      announce(told);
    });
    if (done) element.setAttribute("disabled", "");
  }

  private judge(element: HTMLElement): void {
    const useful = element.dataset["useful"] === "1";
    const why = byId("kb-why");
    if (why) why.hidden = useful;
    if (!useful) why?.querySelector("input")?.focus();
    void this.vote(element, useful, "");
  }

  private async vote(element: HTMLElement, useful: boolean, reason: string): Promise<void> {
    const panel = element.closest<HTMLElement>("[data-article]");
    const entries = { useful, reason, contact: this.contact() };
    const done = await attempt(() => ask("POST", `/api/knowledge/${panel?.dataset["article"]}/vote`, entries));
    if (!done || !panel) return;
    for (const button of panel.querySelectorAll<HTMLElement>("[data-do=kb-vote]")) {
      button.setAttribute("aria-pressed", String((button.dataset["useful"] === "1") === useful));
    }
    if (reason) byId("kb-why")?.setAttribute("hidden", "");
    announce(say(words, "kb_voted"));
  }

  private async askFor(element: HTMLElement): Promise<void> {
    const text = element.dataset["words"] ?? "";
    const done = await attempt(() => ask("POST", "/api/knowledge/ask", { text, contact: this.contact() }));
    if (!done) return;
    element.setAttribute("disabled", "");
    element.textContent = say(words, "kb_asked");
    announce(say(words, "kb_asked"));
  }

  private back(): void {
    this.show("");
    const field = byId("kb-search")?.querySelector<HTMLInputElement>("input");
    if (field) field.value = "";
    field?.focus({ preventScroll: true });
  }

  private show(html: string): void {
    const found = byId("kb-found");
    if (found) found.innerHTML = html;
    this.trouble("");
  }

  private trouble(text: string): void {
    const place = byId("kb-trouble");
    if (place) place.textContent = text;
  }

  private firstHit(): HTMLElement | null {
    return byId("kb-found")?.querySelector<HTMLElement>("[data-do=kb-open]") ?? null;
  }

  /** Up and down walk through the titles; from the search field down leads to the first. */
  private walk(event: KeyboardEvent): void {
    if (event.isComposing || (event.code !== "ArrowDown" && event.code !== "ArrowUp")) return;
    const panel = byId("assist-knowledge");
    if (!panel || !(event.target instanceof Node) || !panel.contains(event.target)) return;
    const field = panel.querySelector<HTMLElement>("#kb-search input");
    const titles = [...panel.querySelectorAll<HTMLElement>(".hit [data-do=kb-open]")].filter((one) => one.offsetParent);
    const stops = field ? [field, ...titles] : titles;
    const at = stops.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    event.preventDefault();
    stops[Math.max(0, Math.min(stops.length - 1, at + (event.code === "ArrowDown" ? 1 : -1)))]?.focus();
  }

  private async html(method: string, path: string, entries?: object): Promise<string | null> {
    try {
      const answer = await fetch(path, {
        method,
        headers: { "X-CSRF-Token": csrfToken(), ...(entries ? { "Content-Type": "application/json" } : {}) },
        ...(entries ? { body: JSON.stringify(entries) } : {}),
      });
      if (answer.ok) return await answer.text();
    } catch { /* told below */ }
    this.trouble(say(words, "kb_away"));
    return null;
  }
}
