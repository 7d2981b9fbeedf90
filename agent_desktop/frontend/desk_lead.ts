// Taking down an interest in buying beside the record: a sheet outside the regions that a push replaces, so that nothing typed is lost.
import { announce, setText } from "./page";
import { Refusal, ask } from "./site";

type Mode = "" | "again" | "mention";

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
}

function complain(text: string, field: string): void {
  const spots = [...(sheet()?.querySelectorAll<HTMLElement>("[data-error]") ?? [])];
  const spot = spots.find((one) => one.dataset["error"] === field) ?? spots[0];
  for (const one of spots) setText(one, one === spot ? text : "");
}

async function save(mode: Mode): Promise<void> {
  const form = document.getElementById("lead-form") as HTMLFormElement | null;
  const contact = sheet()?.dataset["contact"] ?? "";
  if (!form || !contact) return;
  const entries = Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "test_drive"));
  const drive = form.querySelector<HTMLInputElement>("[name=test_drive]")?.checked ?? false;
  complain("", "");
  try {
    const made = await ask<{ number: string }>("POST", `/api/record/${encodeURIComponent(contact)}/lead`, { ...entries, test_drive: drive, mode });
    form.reset();
    offer(false);
    setText(document.getElementById("lead-done"), made.number);
    announce(made.number);
    window.setTimeout(close, 1500);
  } catch (refused) {
    if (!(refused instanceof Refusal)) throw refused;
    complain(refused.message, refused.field);
    offer(refused.status === 409 && mode === "" && /XS-/.test(refused.message));
  }
}

function close(): void {
  const panel = sheet();
  if (panel) panel.hidden = true;
  setText(document.getElementById("lead-done"), "");
}

/** The desk's buttons by their `data-do` word. */
export const leadActions: Record<string, () => void> = {
  lead: () => {
    const panel = sheet();
    const contact = contactInHand();
    if (!panel || !contact) return;
    if (panel.dataset["contact"] !== contact) (document.getElementById("lead-form") as HTMLFormElement | null)?.reset();
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
