// Who is calling: choose among several, make somebody new, or search.
import { ask, attempt, Refusal, words } from "./site";
import { say } from "./page";

interface Hit {
  customer_id: number;
  name: string;
  about: string;
  found_by: string;
  phone: { id: number; shown: string } | null;
}

const TYPING_MS = 180;

export class CustomerPanel {
  private timer = 0;
  private asked = 0;

  /** `contact` gives the contact that a chosen customer is put to, "" = none. */
  constructor(private readonly contact: () => string, private readonly beforeChange: () => Promise<void>) {
    const search = document.getElementById("search") as HTMLFormElement;
    search.addEventListener("input", () => this.typed());
    search.addEventListener("submit", (event) => { event.preventDefault(); void this.find(); });
    document.addEventListener("submit", (event) => {
      if (event.target instanceof HTMLFormElement && event.target.id === "new-customer") {
        event.preventDefault();
        void this.create(event.target);
      }
    });
    this.results.addEventListener("keydown", (event) => this.step(event));
    search.addEventListener("keydown", (event) => this.step(event));
  }

  get results(): HTMLElement {
    return document.getElementById("found") as HTMLElement;
  }

  private get field(): HTMLInputElement {
    return document.querySelector("#search input") as HTMLInputElement;
  }

  focusSearch(): void {
    this.field.focus();
    this.field.select();
  }

  closeSearch(): boolean {
    const open = !this.results.hidden;
    this.results.hidden = true;
    return open;
  }

  async choose(customer: number): Promise<void> {
    const contact = this.contact();
    if (!contact) return;
    await this.beforeChange();
    const path = `/api/record/${encodeURIComponent(contact)}/customer`;
    if (await attempt(() => ask("POST", path, { customer_id: customer }))) this.closeSearch();
  }

  private async create(form: HTMLFormElement): Promise<void> {
    for (const place of form.querySelectorAll(".field-error")) place.textContent = "";
    await this.beforeChange();
    const path = `/api/record/${encodeURIComponent(form.dataset["contact"] ?? "")}/new-customer`;
    try {
      await ask("POST", path, Object.fromEntries(new FormData(form)));
    } catch (refused) {
      const field = refused instanceof Refusal && refused.field ? refused.field : "name";
      const place = form.querySelector(`#e-${field}`) ?? form.querySelector(".field-error");
      if (place && refused instanceof Error) place.textContent = refused.message;
      form.querySelector<HTMLElement>(`[name=${field}]`)?.focus();
    }
  }

  private typed(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.find(), TYPING_MS);
  }

  private async find(): Promise<void> {
    const text = this.field.value.trim();
    const turn = ++this.asked;
    if (text.length < 2) {
      this.results.hidden = true;
      return;
    }
    await attempt(async () => {
      const { hits } = await ask<{ hits: Hit[] }>("GET", `/api/search?q=${encodeURIComponent(text)}`);
      if (turn === this.asked) this.show(hits);
    });
  }

  private show(hits: Hit[]): void {
    const rows = hits.map((hit) => {
      const row = document.createElement("button");
      row.type = "button";
      row.className = "hit";
      row.setAttribute("role", "option");
      row.dataset["do"] = "choose-customer";
      row.dataset["customer"] = String(hit.customer_id);
      const name = document.createElement("b");
      name.textContent = hit.name;
      const about = document.createElement("small");
      about.className = "cut";
      about.textContent = hit.about;
      row.append(name, about);
      const line = document.createElement("div");
      line.className = "hitline";
      line.append(row);
      if (hit.phone) line.append(dialButton(hit, hit.phone));
      return line;
    });
    if (rows.length) this.results.replaceChildren(...rows);
    else this.results.textContent = say(words, "nothing_found");
    this.results.hidden = false;
  }

  private step(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const rows = [...this.results.querySelectorAll<HTMLElement>(".hit")];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    rows[event.key === "ArrowDown" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)]?.focus();
    event.preventDefault();
  }
}

/** The number of a hit, masked; the site knows the rest. */
function dialButton(hit: Hit, phone: { id: number; shown: string }): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "tel";
  Object.assign(button.dataset, { do: "dial", kind: "phone", value: String(phone.id), name: hit.name, shown: phone.shown });
  const text = document.createElement("span");
  text.className = "tnum";
  text.textContent = phone.shown;
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  icon.setAttribute("class", "i s");
  icon.setAttribute("viewBox", "0 0 24 24");
  use.setAttribute("href", document.querySelector("#callbar use")?.getAttribute("href")?.replace(/#.*/, "#phone") ?? "");
  icon.append(use);
  button.append(icon, text);
  button.title = `${say(words, "dial")} ${hit.name}`;
  return button;
}
