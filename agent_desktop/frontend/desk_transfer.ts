// The transfer panel: type-ahead over colleagues, queues, dealers and a number; Enter asks first, Ctrl+Enter gives at once.
import { contentOf, type Row, type Target } from "./desk_target_rows";
import { say, setText } from "./page";
import { ask, Refusal, words } from "./site";

type Groups = Record<string, Omit<Row, "kind">[]>;

const TYPING_MS = 120;
const FRESH_MS = 4000;
const RECENT = "hotline-recent-targets"; // in this tab only: a number is a customer's

const byId = <E extends HTMLElement = HTMLElement>(id: string): E => document.getElementById(id) as E;
const keyOf = (row: Target): string => `${row.kind}:${row.value}`;

export class TransferPanel {
  private readonly panel = byId("transfer");
  private readonly field = byId<HTMLInputElement>("target-text");
  private readonly list = byId("targets");
  private rows: Row[] = [];
  private at = 0;
  private drawnFor = ""; // the text that the rows answer
  private asked = 0;
  private typing = 0;
  private fresh = 0;

  /** `drawn` is called after rows were put into the page, so that timers show a time. */
  constructor(private readonly drawn: () => void) {
    this.field.addEventListener("input", () => {
      window.clearTimeout(this.typing);
      this.typing = window.setTimeout(() => void this.find(), TYPING_MS);
    });
    this.panel.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.clicked(event));
  }

  get open(): boolean {
    return !this.panel.hidden;
  }

  async show(): Promise<void> {
    this.panel.hidden = false;
    this.field.value = "";
    this.tell("");
    this.field.focus();
    window.clearInterval(this.fresh);
    this.fresh = window.setInterval(() => void this.refresh(), FRESH_MS);
    await this.find();
  }

  hide(): void {
    if (!this.open) return;
    window.clearInterval(this.fresh);
    this.panel.hidden = true;
  }

  /** Opens with one target chosen, e.g. a dealer whose number was clicked during a call. */
  async showWith(row: Row): Promise<void> {
    await this.show();
    this.rows = [row, ...this.rows.filter((other) => keyOf(other) !== keyOf(row))];
    // What is dialled from the screen by an id of a customer or a contact is an outside number to the reader.
    this.at = 0;
    const group = row.kind === "dealer" || row.kind === "rescue" ? "dealer" : "number";
    this.draw(new Map([[group, [row]]]), this.rows);
  }

  /** Consult or transfer; the refusal is told in the panel. */
  async send(way: "consult" | "transfer"): Promise<void> {
    // Who types fast and presses Enter means what was typed, not the row that was there before.
    if (this.text !== this.drawnFor) await this.find();
    const row = this.rows[this.at];
    if (!row || this.text !== this.drawnFor) return;
    if (row.blocked) return this.tell(say(words, "target_blocked", { name: row.name, why: row.blocked }));
    if (way === "consult" && row.kind === "queue") return this.tell(say(words, "queue_only_transfer"));
    this.tell("");
    try {
      await ask("POST", `/api/call/${way}`, { kind: row.kind, value: row.value });
      remember(row);
      this.hide();
    } catch (refused) {
      this.tell(refused instanceof Refusal ? refused.message : String(refused));
    }
  }

  tell(text: string): void {
    setText(byId("e-transfer"), text);
  }

  private get text(): string {
    return this.field.value.trim();
  }

  private async find(): Promise<void> {
    const turn = ++this.asked;
    const text = this.text;
    window.clearTimeout(this.typing);
    const groups = await this.ask();
    if (!groups || turn !== this.asked || !this.open) return;
    this.drawnFor = text;
    const grouped = this.grouped(groups);
    this.rows = [...grouped.values()].flat();
    this.at = Math.max(0, this.rows.findIndex((row) => !row.blocked));
    this.draw(grouped, this.rows);
  }

  /** States change while the panel is open; no row moves under the mouse. */
  private async refresh(): Promise<void> {
    const turn = this.asked;
    const groups = await this.ask();
    if (!groups || turn !== this.asked || !this.open) return;
    const now = new Map([...this.grouped(groups).values()].flat().map((row) => [keyOf(row), row]));
    this.rows = this.rows.map((row) => now.get(keyOf(row)) ?? row);
    this.rows.forEach((row, index) => this.option(index)?.replaceChildren(...contentOf(row)));
    this.choose(this.at);
    this.drawn();
  }

  private async ask(): Promise<Groups | null> {
    const query = new URLSearchParams({ q: this.text });
    for (const key of recent()) query.append("recent", key);
    try {
      return (await ask<{ groups: Groups }>("GET", `/api/targets?${query}`)).groups;
    } catch (refused) {
      this.tell(refused instanceof Refusal ? refused.message : String(refused));
      return null;
    }
  }

  private grouped(groups: Groups): Map<string, Row[]> {
    const found = new Map<string, Row[]>();
    for (const name of ["recent", "agent", "queue", "dealer", "number"]) {
      const rows = (groups[name] ?? []).map((row) => ({ kind: name, ...row }) as Row);
      if (rows.length) found.set(name, rows);
    }
    return found;
  }

  private draw(groups: Map<string, Row[]>, rows: Row[]): void {
    const parts: HTMLElement[] = [];
    for (const [name, group] of groups) {
      const head = document.createElement("div");
      head.className = "tgroup";
      head.setAttribute("role", "presentation");
      head.textContent = say(words, `targets_${name}`);
      parts.push(head);
      for (const row of group) {
        const option = document.createElement("div");
        option.className = "target";
        option.id = `target-${rows.indexOf(row)}`;
        option.setAttribute("role", "option");
        option.append(...contentOf(row));
        parts.push(option);
      }
    }
    if (parts.length) this.list.replaceChildren(...parts);
    else this.list.textContent = say(words, "no_target");
    this.choose(this.at);
    this.drawn();
  }

  private option(index: number): HTMLElement | null {
    return document.getElementById(`target-${index}`);
  }

  private choose(index: number): void {
    this.at = Math.max(0, Math.min(this.rows.length - 1, index));
    this.rows.forEach((row, i) => {
      this.option(i)?.setAttribute("aria-selected", String(i === this.at));
      this.option(i)?.setAttribute("aria-disabled", String(Boolean(row.blocked)));
    });
    this.field.setAttribute("aria-activedescendant", `target-${this.at}`);
    this.option(this.at)?.scrollIntoView({ block: "nearest" });
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.code];
    if (step) this.choose(this.at + step);
    else if (event.code === "Enter" && event.target === this.field) void this.send(event.ctrlKey ? "transfer" : "consult");
    else return;
    event.preventDefault();
    event.stopPropagation(); // Ctrl+Enter saves the record everywhere else
  }

  private clicked(event: Event): void {
    const target = event.target instanceof Element ? event.target : null;
    const option = target?.closest<HTMLElement>(".target");
    if (!option) return;
    this.choose(Number(option.id.slice("target-".length)));
    const way = target?.closest<HTMLElement>("[data-way]")?.dataset["way"];
    if (way === "consult" || way === "transfer") void this.send(way);
    else this.field.focus();
  }
}

function recent(): string[] {
  return JSON.parse(sessionStorage.getItem(RECENT) ?? "[]") as string[];
}

function remember(row: Row): void {
  const key = keyOf(row);
  sessionStorage.setItem(RECENT, JSON.stringify([key, ...recent().filter((other) => other !== key)].slice(0, 4)));
}
