// Forms of a customer's page: fetched as blocks, saved as blocks; used on the page itself and at the desk.
import { announce, csrfToken, pageWords } from "./page";
import { toast } from "./site";

const words = pageWords();

/** The block of a page that belongs to a region; a refusal is said and gives null. */
export async function block(path: string, init: RequestInit = {}): Promise<string | null> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, headers: { "HX-Request": "true", "X-CSRF-Token": csrfToken() }, cache: "no-store" });
  } catch {
    toast(words["no_answer_from_site"] ?? "");
    return null;
  }
  if (answer.redirected && new URL(answer.url).pathname === "/login") location.assign(answer.url);
  const text = await answer.text();
  if (!answer.headers.has("HX-Retarget")) return text;
  toast(new DOMParser().parseFromString(text, "text/html").body.textContent?.trim() ?? "");
  return null;
}

/** Shows a region anew; the first wrong field, or the first field, has the focus. */
export function show(region: Element, html: string): void {
  region.innerHTML = html;
  vanish(region);
  const first = region.querySelector<HTMLElement>("[aria-invalid=true]") ?? region.querySelector<HTMLElement>("[data-editor] .input, [data-editor] input:not([type=hidden])");
  first?.focus();
  const wrong = region.querySelector(".field-error, .form-error")?.textContent;
  if (wrong) announce(wrong, "alert");
}

/** Sends a form; gives the region's new block, null when nothing came back. A second click sends nothing. */
export async function send(form: HTMLFormElement): Promise<string | null> {
  const button = form.querySelector<HTMLButtonElement>("button.pri");
  if (button?.disabled) return null;
  if (button) button.disabled = true;
  const html = await block(form.action, { method: "POST", body: new FormData(form) });
  if (button) button.disabled = false;
  return html;
}

/** The empty last row of a group becomes the next one as soon as something stands in it. */
export function grow(row: Element): void {
  const group = row.closest("[data-rows]");
  if (!group || row !== group.querySelector("[data-row]:last-of-type") || group.querySelectorAll("[data-row]").length > 29) return;
  const next = row.cloneNode(true) as HTMLElement;
  const places = [...group.querySelectorAll<HTMLInputElement>("[name]")].map((field) => Number(field.name.split(".")[1]));
  const place = Math.max(...places) + 1;
  for (const field of next.querySelectorAll<HTMLInputElement>("[name]")) {
    field.name = field.name.replace(/\.\d+\./, `.${place}.`);
    if (field.type === "checkbox") field.checked = false;
    else if (field.tagName === "INPUT") field.value = "";
  }
  row.after(next);
}

/** Takes a row out; the last one stays, for it is the empty one. */
export function dropRow(button: Element): void {
  const row = button.closest("[data-row]")!;
  if (row.parentElement!.querySelectorAll("[data-row]").length > 1) row.remove();
}

export function vanish(root: ParentNode): void {
  const told = root.querySelector<HTMLElement>("[data-vanish]");
  if (told) window.setTimeout(() => told.remove(), 8000);
}
