// The scoring panel beside a recording: the score follows each mark, places in the talk are evidence, drafts save themselves.
import { csrfToken, duration, say } from "./page";
import { score, type Scale } from "./quality_score";

interface Saved { revision: number; at: string; given?: boolean; message?: string; missing?: string[] }

const panel = document.getElementById("judge") as HTMLFormElement | null;
const block = document.getElementById("judge-words");
const words = block?.textContent ? (JSON.parse(block.textContent) as Record<string, string>) : {};

/** Where the player is, in seconds to a tenth. */
function place(): number {
  return Math.round(Number(document.getElementById("player")?.dataset["place"] ?? 0) * 10) / 10 || 0;
}

class Judge {
  private readonly scale: Scale;
  private revision: number;
  private timer = 0;
  private saving: Promise<boolean> = Promise.resolve(true);
  private dirty = false;

  constructor(private readonly form: HTMLFormElement) {
    this.scale = JSON.parse(document.getElementById("judge-data")!.textContent!) as Scale;
    this.revision = Number(form.dataset["revision"]);
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("focusin", (event) => this.activate((event.target as HTMLElement).closest<HTMLElement>("[data-criterion]")));
    form.addEventListener("click", (event) => this.clicked(event.target as HTMLElement));
    form.addEventListener("submit", (event) => { event.preventDefault(); void this.give(); });
    document.getElementById("judge-save")!.addEventListener("click", () => void this.save());
    document.getElementById("judge-form")?.addEventListener("change", (event) => this.choose((event.target as HTMLSelectElement).value));
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("beforeunload", (event) => { if (this.dirty) event.preventDefault(); });
    this.show();
  }

  private marks(): { points: Record<string, number>; knocked: string[]; evidence: Record<string, { note: string; at: number[] }> } {
    const points: Record<string, number> = {};
    for (const one of this.form.querySelectorAll<HTMLInputElement>("input[name^=c-]:checked")) points[one.name.slice(2)] = Number(one.value);
    const knocked = [...this.form.querySelectorAll<HTMLInputElement>("input[name^=k-]:checked")].filter((one) => one.value).map((one) => one.name.slice(2));
    const evidence: Record<string, { note: string; at: number[] }> = {};
    for (const row of this.form.querySelectorAll<HTMLElement>("[data-criterion]")) {
      const note = row.querySelector<HTMLInputElement>(".proof .words")!.value.trim();
      const at = [...row.querySelectorAll<HTMLElement>(".place")].map((one) => Number(one.dataset["at"]));
      if (note || at.length) evidence[row.dataset["criterion"]!] = { note, at };
    }
    return { points, knocked, evidence };
  }

  private show(): string[] {
    const { points, knocked } = this.marks();
    const found = score(this.scale, points, knocked);
    const output = document.getElementById("judge-score")!;
    output.querySelector("b")!.textContent = found.tenths === null ? "—" : found.tenths % 10 ? (found.tenths / 10).toFixed(1) : String(found.tenths / 10);
    output.classList.toggle("capped", found.capped);
    output.title = found.capped ? (words["capped"] ?? "") : "";
    for (const row of this.form.querySelectorAll<HTMLElement>(".it")) {
      const remark = row.querySelector<HTMLInputElement>(".proof .words");
      row.classList.toggle("has", Boolean(remark?.value || row.querySelector(".place")));
    }
    for (const row of this.form.querySelectorAll<HTMLElement>(".it.missing")) row.classList.toggle("missing", found.missing.includes(row.dataset["criterion"]!));
    return found.missing;
  }

  private changed(): void {
    this.show();
    this.dirty = true;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), 2000);
  }

  private tell(text: string, wrong = false): void {
    const told = document.getElementById("judge-told")!;
    told.textContent = text;
    told.classList.toggle("wrong", wrong);
  }

  private async send(act: "draft" | "submit"): Promise<Saved | null> {
    const body = {
      form: Number(this.form.dataset["form"]), version: Number(this.form.dataset["version"]), revision: this.revision,
      comment: (document.getElementById("judge-comment") as HTMLTextAreaElement).value, marks: this.marks(),
    };
    try {
      const answer = await fetch(`/quality/talks/${this.form.dataset["talk"]}/${act}`, {
        method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrfToken() }, body: JSON.stringify(body),
      });
      const told = (await answer.json()) as Saved;
      if (answer.ok) return told;
      this.tell(told.message ?? say(words, "no_answer_from_site"), true);
      if (told.missing) this.point(told.missing);
    } catch {
      this.tell(say(words, "not_saved"), true);
      this.timer = window.setTimeout(() => void this.save(), 5000);
    }
    return null;
  }

  /** One save at a time: a second one waits, because each needs the revision that the one before made. */
  private save(): Promise<boolean> {
    window.clearTimeout(this.timer);
    this.saving = this.saving.then(async () => {
      this.tell(say(words, "saving"));
      this.dirty = false;
      const told = await this.send("draft");
      this.dirty ||= told === null;
      if (!told) return false;
      this.revision = told.revision;
      this.tell(say(words, "saved", { time: told.at }));
      return true;
    });
    return this.saving;
  }

  private async give(): Promise<void> {
    window.clearTimeout(this.timer);
    await this.saving;
    const missing = this.show();
    if (missing.length) return this.point(missing);
    const told = await this.send("submit");
    if (!told) return;
    this.dirty = false;
    location.reload();
  }

  private point(missing: string[]): void {
    const rows = missing.map((id) => this.form.querySelector<HTMLElement>(`[data-criterion="${CSS.escape(id)}"]`)).filter((row) => row !== null);
    for (const row of rows) row.classList.add("missing");
    this.tell(say(words, "missing", { what: rows.map((row) => row.querySelector("b")!.textContent).join(" · ") }), true);
    rows[0]?.querySelector<HTMLElement>("input")?.focus();
  }

  private activate(row: HTMLElement | null): void {
    if (!row) return;
    for (const one of this.form.querySelectorAll(".it.active")) one.classList.remove("active");
    row.classList.add("active");
  }

  private clicked(target: HTMLElement): void {
    const row = target.closest<HTMLElement>("[data-criterion]");
    if (!row) return;
    this.activate(row);
    if (target.closest(".mark")) this.mark(row);
    const out = target.closest(".out");
    if (out) { out.closest(".place")!.remove(); this.changed(); }
  }

  /** The place that is heard now becomes evidence of this criterion. */
  private mark(row: HTMLElement): void {
    const at = place();
    const places = row.querySelector(".places")!;
    if ([...places.querySelectorAll<HTMLElement>(".place")].some((one) => Number(one.dataset["at"]) === at)) return;
    const entry = document.createElement("span");
    entry.className = "place";
    entry.dataset["at"] = String(at);
    const go = Object.assign(document.createElement("button"), { type: "button", className: "at", textContent: duration(at) });
    go.dataset["seek"] = String(at);
    const out = Object.assign(document.createElement("button"), { type: "button", className: "out", textContent: "×" });
    out.setAttribute("aria-label", say(words, "remove"));
    entry.append(go, out);
    places.append(entry);
    this.changed();
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const typing = target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing || event.code !== "KeyM") return;
    const row = this.form.querySelector<HTMLElement>(".it.active") ?? this.form.querySelector<HTMLElement>("[data-criterion]");
    if (!row) return;
    event.preventDefault();
    this.activate(row);
    this.mark(row);
  }

  private choose(form: string): void {
    const where = new URL(location.href);
    where.searchParams.set("form", form);
    this.dirty = false;
    location.assign(where);
  }
}

if (panel) new Judge(panel);
