// A case from the record, in place: what is open is proposed before a new one; the record then names the case.
import { announce, csrfToken, say } from "./page";
import { attempt, ask, words } from "./site";

interface Opened {
  case_id: number;
  number: string;
  title: string;
  message?: string;
  errors?: Record<string, string>;
}

export class CasePanel {
  constructor() {
    document.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-case]") : null;
      const act = button?.dataset["case"];
      if (act === "open") void this.open();
      else if (act === "close") this.close();
      else if (act === "continue") void this.goOn(button?.dataset["id"] ?? "");
    });
    document.addEventListener("submit", (event) => {
      if (!(event.target instanceof HTMLFormElement) || event.target.id !== "case-form") return;
      event.preventDefault();
      void this.send(event.target);
    });
    document.addEventListener("change", (event) => {
      const field = event.target;
      const asked = field instanceof HTMLElement && /^(kind|sub_kind)$/.test(field.getAttribute("name") ?? "");
      if (asked && this.panel && !this.panel.hidden) void this.open();
    });
  }

  private get panel(): HTMLElement | null {
    return document.getElementById("case-panel");
  }

  private get record(): HTMLFormElement | null {
    return document.querySelector<HTMLFormElement>("#record-form");
  }

  private entry(name: string): string {
    return this.record ? String(new FormData(this.record).get(name) ?? "") : "";
  }

  private path(rest = ""): string {
    return `/api/record/${encodeURIComponent(this.record?.dataset["contact"] ?? "")}/case${rest}`;
  }

  private async open(): Promise<void> {
    const panel = this.panel;
    if (!panel || !this.record) return;
    const title = panel.querySelector<HTMLInputElement>("[name=title]")?.value ?? "";
    const query = new URLSearchParams({ kind: this.entry("kind"), sub_kind: this.entry("sub_kind") });
    const answer = await fetch(this.path(`?${query}`), { cache: "no-store", headers: { Accept: "text/html" } });
    if (!answer.ok) {
      await attempt(() => ask("GET", this.path(`?${query}`)));
      return;
    }
    panel.innerHTML = await answer.text();
    panel.hidden = false;
    const field = panel.querySelector<HTMLInputElement>("[name=title]");
    if (field && title) field.value = title;
    (panel.querySelector<HTMLElement>("[data-case=continue]") ?? field)?.focus();
    panel.scrollIntoView({ block: "nearest" });
  }

  private close(): void {
    if (this.panel) this.panel.hidden = true;
    this.record?.querySelector<HTMLTextAreaElement>("textarea[name=note]")?.focus({ preventScroll: true });
  }

  private async goOn(id: string): Promise<void> {
    await attempt(async () => {
      this.chosen(await ask<Opened>("POST", this.path(`/${encodeURIComponent(id)}`)), "case_continued");
    });
  }

  private async send(form: HTMLFormElement): Promise<void> {
    const fields: Record<string, string> = {};
    for (const [name, value] of new FormData(form)) if (name.startsWith("field.")) fields[name.slice(6)] = String(value);
    const body = {
      kind: this.entry("kind"), sub_kind: this.entry("sub_kind"), relation: this.entry("relation"),
      vehicle_id: this.entry("vehicle_id"), detail: this.entry("note"),
      title: String(new FormData(form).get("title") ?? ""), fields,
    };
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": csrfToken() };
    const button = form.querySelector("button");
    if (button) button.disabled = true;
    const answer = await fetch(this.path(), { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
    if (button) button.disabled = false;
    const told = (await answer?.json().catch(() => null)) as Opened | null;
    if (answer?.ok && told) this.chosen(told, "case_opened");
    else this.refused(form, told);
  }

  private refused(form: HTMLFormElement, told: Opened | null): void {
    const errors = told?.errors ?? {};
    form.querySelectorAll(".field-error").forEach((place) => { place.textContent = ""; });
    form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
    let first: HTMLElement | null = null;
    let untold = told ? "" : say(words, "no_answer_from_site");
    for (const [name, text] of Object.entries(errors)) {
      const field = form.querySelector<HTMLElement>(`[name="${CSS.escape(name)}"]`);
      const place = document.getElementById(`${name}-error`);
      if (field && place) {
        field.setAttribute("aria-invalid", "true");
        place.textContent = text;
        first ??= field;
      } else untold = text;
    }
    const trouble = document.getElementById("case-trouble");
    if (trouble) trouble.textContent = untold || (first ? "" : (told?.message ?? ""));
    first?.focus();
  }

  /** The record names the case from now on; its result is filled in when nothing was chosen. */
  private chosen(told: Opened, result: string): void {
    const record = this.record;
    const list = record?.querySelector<HTMLSelectElement>("select[name=case_id]");
    if (!record || !list) return;
    if (![...list.options].some((option) => option.value === String(told.case_id))) {
      list.add(new Option(`${told.number} ${told.title}`, String(told.case_id)));
    }
    list.value = String(told.case_id);
    const outcome = record.querySelector<HTMLSelectElement>("select[name=disposition]");
    if (outcome && !outcome.value) outcome.value = result;
    list.dispatchEvent(new Event("change", { bubbles: true }));
    const panel = this.panel;
    if (panel) {
      const line = document.createElement("p");
      line.className = "row good";
      const link = document.createElement("a");
      link.className = "t mono";
      link.href = `/cases/${encodeURIComponent(told.number)}`;
      link.target = "_blank";
      link.textContent = told.number;
      line.append(say(words, result === "case_opened" ? "case_opened" : "case_goes_on"), " ", link, ` ${told.title}`);
      panel.replaceChildren(line);
    }
    announce(`${say(words, "case_opened")} ${told.number}`);
    record.querySelector<HTMLTextAreaElement>("textarea[name=note]")?.focus({ preventScroll: true });
  }
}
