// Taking down an interest in buying beside the record: a sheet outside the regions that a push replaces, so that nothing typed is lost.
import { announce, setText } from "./page";
import { Refusal, ask } from "./site";

type Mode = "" | "again" | "mention";

const SHOWN_MS = 1500;
interface Made {
  number: string;
  path: string;
}

let closing = 0;
let cameFrom: HTMLElement | null = null;

function sheet(): HTMLElement | null {
  return document.getElementById("lead-sheet");
}

function contactInHand(): string {
  return document.getElementById("record-form")?.dataset["contact"] ?? "";
}

function offer(open: boolean): void {
  for (const name of ["lead-mention", "lead-again"]) {
    const button = sheet()?.querySelector<HTMLElement>(`[data-do="${name}"]`);
    if (button) button.hidden = !open;
  }
  if (open) sheet()?.querySelector<HTMLElement>('[data-do="lead-mention"]')?.focus();
}

function complain(text: string, field: string): void {
  const spots = [...(sheet()?.querySelectorAll<HTMLElement>("[data-error]") ?? [])];
  const spot = spots.find((one) => one.dataset["error"] === field) ?? spots[0];
  for (const one of spots) {
    const told = one === spot ? text : "";
    setText(one, told);
    if (!one.dataset["error"]) one.hidden = told === "";
    const entry = sheet()?.querySelector<HTMLInputElement>(`[name="${one.dataset["error"]}"]`);
    if (told) entry?.setAttribute("aria-invalid", "true");
    else entry?.removeAttribute("aria-invalid");
    if (told) entry?.focus();
  }
}

async function save(mode: Mode): Promise<void> {
  const form = document.getElementById("lead-form") as HTMLFormElement | null;
  const contact = sheet()?.dataset["contact"] ?? "";
  if (!form || !contact) return;
  const entries = Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "test_drive"));
  const drive = form.querySelector<HTMLInputElement>("[name=test_drive]")?.checked ?? false;
  complain("", "");
  try {
    const made = await ask<Made>("POST", `/api/record/${encodeURIComponent(contact)}/lead`, { ...entries, test_drive: drive, mode });
    form.reset();
    offer(false);
    showMade(made);
    announce(document.getElementById("lead-made")?.textContent ?? made.number);
    closing = window.setTimeout(close, SHOWN_MS);
  } catch (refused) {
    if (!(refused instanceof Refusal)) throw refused;
    complain(refused.message, refused.field);
    offer(refused.status === 409 && mode === "" && /XS-/.test(refused.message));
  }
}

function showMade(made: Made): void {
  const link = document.querySelector<HTMLAnchorElement>("#lead-made a");
  if (link) link.href = made.path;
  setText(link, made.number);
  document.getElementById("lead-made")?.toggleAttribute("hidden", false);
}

/** The hand goes back to where it came from, unless the person has gone on already. */
function close(): void {
  const panel = sheet();
  if (!panel || panel.hidden) return;
  const inside = panel.contains(document.activeElement) || document.activeElement === document.body;
  panel.hidden = true;
  document.getElementById("lead-made")?.toggleAttribute("hidden", true);
  complain("", "");
  const back = cameFrom?.isConnected ? cameFrom : document.querySelector<HTMLElement>("#record-form [data-do=lead]");
  if (inside) back?.focus();
}

/** The desk's buttons by their `data-do` word. */
export const leadActions: Record<string, () => void> = {
  lead: () => {
    const panel = sheet();
    const contact = contactInHand();
    if (!panel || !contact) return;
    if (panel.dataset["contact"] !== contact) (document.getElementById("lead-form") as HTMLFormElement | null)?.reset();
    window.clearTimeout(closing);
    document.getElementById("lead-made")?.toggleAttribute("hidden", true);
    cameFrom = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    panel.dataset["contact"] = contact;
    panel.hidden = false;
    panel.querySelector<HTMLInputElement>("[name=model]")?.focus();
  },
  "lead-close": close,
  "lead-mention": () => void save("mention"),
  "lead-again": () => void save("again"),
};

export function startLeadSheet(): void {
  document.getElementById("lead-form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    void save("");
  });
  sheet()?.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.ctrlKey) void save("");
    else return;
    event.stopPropagation();
    event.preventDefault();
  });
}
