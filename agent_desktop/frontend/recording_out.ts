// The dialogs of a recording: download, share, evidence. A refusal stands under its field; nothing that was typed is lost.
import { csrfToken, setText } from "./page";

async function sent(form: HTMLFormElement): Promise<Response> {
  const headers = { accept: "application/json", "X-CSRF-Token": csrfToken() };
  return fetch(form.action, { method: "POST", headers, body: new URLSearchParams(new FormData(form) as unknown as Record<string, string>) });
}

function refuse(form: HTMLFormElement, told: { message?: string; field?: string }): void {
  setText(form.querySelector(".field-error"), told.message ?? "");
  const field = form.querySelector<HTMLElement>(`[name="${CSS.escape(told.field ?? "why")}"]`);
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}

function show(block: string, html: string): void {
  const place = document.querySelector<HTMLElement>(`[data-block="${block}"]`);
  if (!place) return;
  place.innerHTML = html; // made by our own template
  watch(place);
}

/** While a package is being made its line is asked for again. */
function watch(place: HTMLElement): void {
  const from = place.dataset["from"];
  if (!from || !place.querySelector("[data-busy]")) return;
  window.setTimeout(async () => {
    const answer = await fetch(from, { headers: { accept: "text/html" } });
    if (answer.ok) show(place.dataset["block"] ?? "", await answer.text());
    else watch(place);
  }, 700);
}

async function submit(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector("button:not([type=button])") as HTMLButtonElement;
  button.disabled = true;
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  setText(form.querySelector(".field-error"), "");
  try {
    const answer = await sent(form);
    if (!answer.ok) return refuse(form, (await answer.json().catch(() => ({}))) as { message?: string });
    if (form.dataset["into"]) {
      show(form.dataset["into"], await answer.text());
      form.reset();
    } else {
      location.assign(((await answer.json()) as { url: string }).url);
      form.reset();
      form.closest("dialog")?.close();
    }
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.dataset["into"] === undefined) return;
  event.preventDefault();
  void submit(form);
});
document.addEventListener("click", (event) => {
  const on = event.target as Element;
  const open = on.closest<HTMLElement>("[data-open]")?.dataset["open"];
  if (open) {
    const dialog = document.getElementById(open) as HTMLDialogElement;
    dialog.showModal();
    dialog.querySelector<HTMLElement>("textarea, select")?.focus();
  }
  if (on.closest("[data-close]")) on.closest("dialog")?.close();
});
document.querySelectorAll<HTMLElement>("[data-block]").forEach(watch);
