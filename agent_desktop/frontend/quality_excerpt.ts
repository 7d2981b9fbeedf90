// A stretch of the recording into the training library: its ends are where the player is.
import { csrfToken, say } from "./page";

const box = document.getElementById("excerpt") as HTMLDetailsElement | null;
const form = box?.querySelector("form");
const block = document.getElementById("excerpt-words");
const words = block?.textContent ? (JSON.parse(block.textContent) as Record<string, string>) : {};

function here(): string {
  const place = Number(document.getElementById("player")?.dataset["place"] ?? 0) || 0;
  return `${Math.floor(place / 60)}:${(place % 60).toFixed(1).padStart(4, "0")}`;
}

function fill(name: string): void {
  (form!.elements.namedItem(name) as HTMLInputElement).value = here();
}

async function send(form: HTMLFormElement): Promise<void> {
  const told = document.getElementById("excerpt-told")!;
  try {
    const answer = await fetch(`/quality/talks/${form.dataset["talk"]}/excerpt`, {
      method: "POST", headers: { Accept: "application/json", "X-CSRF-Token": csrfToken() }, body: new FormData(form),
    });
    const said = (await answer.json()) as { message?: string; field?: string };
    told.textContent = answer.ok ? say(words, "added") : (said.message ?? "");
    if (answer.ok) form.reset();
    else (form.elements.namedItem(said.field ?? "") as HTMLElement | null)?.focus();
  } catch {
    told.textContent = say(words, "no_answer_from_site");
  }
}

if (box && form) {
  for (const one of form.querySelectorAll<HTMLElement>("[data-here]")) one.addEventListener("click", () => fill(one.dataset["here"]!));
  form.addEventListener("submit", (event) => { event.preventDefault(); void send(form); });
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") { box.open = false; box.querySelector<HTMLElement>("summary")!.focus(); } });
}
