// The contact record: saved by itself every 2 seconds, never losing a word; finished by the agent.
import { announce, say, type ServerClock } from "./page";
import { ask, attempt, Refusal, words } from "./site";

const SAVE_MS = 2000;
const RETRY_MS = 10_000;
const REQUIRED = { kind: "choose_kind", disposition: "choose_result" } as const;

type Entries = Record<string, string>;

export class RecordForm {
  private readonly subKinds: Record<string, Record<string, string>>;
  private dirty = false;
  private finished = "";
  private timer = 0;
  private saving: Promise<void> | null = null;

  constructor(private readonly clock: ServerClock) {
    this.subKinds = JSON.parse(document.getElementById("sub-kinds")?.textContent ?? "{}") as Record<string, Record<string, string>>;
    document.addEventListener("input", (event) => this.changed(event));
    document.addEventListener("change", (event) => this.changed(event));
    window.addEventListener("pagehide", () => this.leave());
  }

  get form(): HTMLFormElement | null {
    return document.querySelector<HTMLFormElement>("#record-form");
  }

  get contact(): string {
    return this.form?.dataset["contact"] ?? "";
  }

  get beingWritten(): boolean {
    if (!this.form || this.contact === this.finished) return false;
    return this.dirty || this.form.contains(document.activeElement);
  }

  /** Fills in what this browser kept when the site could not be reached. */
  restore(): void {
    const form = this.form;
    const kept = form && sessionStorage.getItem(`record:${this.contact}`);
    if (!form || !kept || form.dataset["restored"]) return;
    form.dataset["restored"] = "true";
    for (const [name, value] of Object.entries(JSON.parse(kept) as Entries)) this.fill(form, name, value);
    this.soon();
  }

  /** Number keys choose a kind while the kinds have the focus. */
  chooseKind(index: number): boolean {
    const kinds = [...(this.form?.querySelectorAll<HTMLInputElement>("input[name=kind]") ?? [])];
    const chosen = kinds[index - 1];
    if (!chosen || !kinds.includes(document.activeElement as HTMLInputElement)) return false;
    chosen.checked = true;
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
    this.focusNote();
    return true;
  }

  focusKinds(): void {
    const kinds = this.form?.querySelectorAll<HTMLInputElement>("input[name=kind]");
    const chosen = this.form?.querySelector<HTMLInputElement>("input[name=kind]:checked") ?? kinds?.[0];
    chosen?.focus({ preventScroll: true });
  }

  focusNote(): void {
    this.form?.querySelector<HTMLTextAreaElement>("textarea[name=note]")?.focus({ preventScroll: true });
  }

  /** Whether the record is whole and was finished on the site. */
  async finish(): Promise<boolean> {
    const form = this.form;
    if (!form || !this.complete(form)) return false;
    window.clearTimeout(this.timer);
    await this.saving;
    const done = await attempt(() => ask("POST", `/api/record/${encodeURIComponent(this.contact)}/finish`, this.entries(form)));
    if (!done) return false;
    this.dirty = false;
    this.finished = this.contact;
    this.showSaved();
    announce(say(words, "record_saved"));
    return true;
  }

  /** Everything typed is on the site, or this browser keeps it. */
  async flush(): Promise<void> {
    window.clearTimeout(this.timer);
    if (this.dirty) await this.save();
    await this.saving;
  }

  /** A reload may ask for the page before the last words are written: this browser brings them back. */
  private leave(): void {
    const form = this.form;
    if (!form || !this.dirty) return;
    sessionStorage.setItem(`record:${this.contact}`, JSON.stringify(this.entries(form)));
    void this.save(true);
  }

  private changed(event: Event): void {
    const form = this.form;
    const target = event.target;
    if (!form || !(target instanceof HTMLElement) || !form.contains(target)) return;
    const name = target.getAttribute("name") ?? "";
    if (name === "kind" && event.type === "change") this.offerSubKinds(form);
    if (name === "vehicle_id") this.markVehicle(form);
    if (name in REQUIRED) this.showError(form, name, "");
    this.soon();
  }

  private soon(): void {
    this.dirty = true;
    this.finished = "";
    if (!this.timer) this.timer = window.setTimeout(() => void this.save(), SAVE_MS);
  }

  private async save(leaving = false): Promise<void> {
    window.clearTimeout(this.timer);
    this.timer = 0;
    const form = this.form;
    if (!form) return;
    const contact = this.contact;
    const entries = this.entries(form);
    this.dirty = false;
    this.saving = ask("PUT", `/api/record/${encodeURIComponent(contact)}`, entries, leaving).then(
      () => {
        sessionStorage.removeItem(`record:${contact}`);
        if (this.contact === contact) this.showSaved();
      },
      (refused: unknown) => this.notSaved(contact, entries, refused),
    );
    await this.saving;
  }

  private notSaved(contact: string, entries: Entries, refused: unknown): void {
    sessionStorage.setItem(`record:${contact}`, JSON.stringify(entries));
    if (this.contact !== contact) return;
    this.dirty = true;
    const told = refused instanceof Refusal && refused.status ? refused.message : say(words, "not_saved");
    this.showSaved(told);
    if (!this.timer) this.timer = window.setTimeout(() => void this.save(), RETRY_MS);
  }

  private entries(form: HTMLFormElement): Entries {
    const entries: Entries = { kind: "" };
    for (const [name, value] of new FormData(form)) entries[name] = String(value);
    return entries;
  }

  private complete(form: HTMLFormElement): boolean {
    const entries = this.entries(form);
    let first: HTMLElement | null = null;
    for (const [name, word] of Object.entries(REQUIRED)) {
      const missing = !entries[name];
      this.showError(form, name, missing ? say(words, word) : "");
      if (missing) first ??= form.querySelector<HTMLElement>(`[name=${name}]`);
    }
    first?.focus();
    return first === null;
  }

  private showError(form: HTMLFormElement, name: string, text: string): void {
    const place = form.querySelector(`#e-${name}`);
    if (place) place.textContent = text;
    const group = name === "kind" ? form.querySelector(".kinds") : form.querySelector(`[name=${name}]`);
    group?.setAttribute("aria-invalid", String(text !== ""));
  }

  private showSaved(problem = ""): void {
    const mark = document.getElementById("saved");
    const text = mark?.querySelector("span");
    if (!mark || !text) return;
    mark.hidden = false;
    mark.classList.toggle("good", !problem);
    mark.classList.toggle("warn", problem !== "");
    const time = new Date(this.clock.now() * 1000).toLocaleTimeString("en-GB", { timeZone: document.body.dataset["zone"] });
    text.textContent = problem || say(words, "saved", { time });
  }

  private offerSubKinds(form: HTMLFormElement): void {
    const chooser = form.querySelector<HTMLSelectElement>("select[name=sub_kind]");
    if (!chooser) return;
    const known = this.subKinds[this.entries(form)["kind"] ?? ""] ?? {};
    chooser.replaceChildren(
      new Option(say(words, "not_chosen"), ""),
      ...Object.entries(known).map(([code, word]) => new Option(word, code)),
    );
  }

  private markVehicle(form: HTMLFormElement): void {
    const chosen = this.entries(form)["vehicle_id"];
    for (const row of document.querySelectorAll<HTMLElement>("#customer [data-vehicle]")) {
      row.classList.toggle("on", row.dataset["vehicle"] === chosen);
    }
  }

  private fill(form: HTMLFormElement, name: string, value: string): void {
    const field = form.elements.namedItem(name);
    if (field instanceof RadioNodeList || field instanceof HTMLInputElement) field.value = value;
    else if (field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement) field.value = value;
    if (name === "kind") this.offerSubKinds(form);
  }
}
