// The list of voice messages: one plays at a time, through a link that is asked for (and logged) at its first play; J K the space bar, C calls back.
import { callBack } from "./call_back";
import { announce, csrfToken, pageWords, setText } from "./page";

const words = pageWords();
const audio = new Audio();
const rows = [...document.querySelectorAll<HTMLTableRowElement>("#list tbody tr")];
const links = new Map<HTMLButtonElement, string>();
let current: HTMLButtonElement | null = null;
let chosen = -1;

function buttonOf(row: HTMLTableRowElement | undefined): HTMLButtonElement | null {
  return row?.querySelector<HTMLButtonElement>(".play") ?? null;
}

function show(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>(".play")) {
    const playing = button === current && !audio.paused && !audio.ended;
    button.classList.toggle("playing", playing);
    button.setAttribute("aria-label", (playing ? words["pause"] : words["play"]) ?? "");
  }
}

function complain(told = ""): void {
  const text = told || (words["away"] ?? "");
  setText(document.getElementById("trouble"), text);
  announce(text, "alert");
}

async function linkOf(button: HTMLButtonElement): Promise<string> {
  const answer = await fetch(`/recordings/${button.dataset["recording"]}/listen`, {
    method: "POST",
    headers: { accept: "application/json", "X-CSRF-Token": csrfToken() },
  });
  const told = (await answer.json()) as { url?: string; message?: string };
  if (!answer.ok || !told.url) throw new Error(told.message);
  return told.url;
}

async function toggle(button: HTMLButtonElement): Promise<void> {
  if (button === current && !audio.paused) return audio.pause();
  try {
    if (button !== current || !links.has(button)) {
      audio.pause();
      links.set(button, await linkOf(button));
      audio.src = links.get(button) ?? "";
      current = button;
    }
    await audio.play();
  } catch (error) {
    links.delete(button);
    complain(error instanceof Error ? error.message : "");
  }
}

function choose(index: number): void {
  rows[chosen]?.removeAttribute("aria-selected");
  chosen = Math.max(0, Math.min(rows.length - 1, index));
  rows[chosen]?.setAttribute("aria-selected", "true");
  (buttonOf(rows[chosen]) ?? rows[chosen]?.querySelector("a"))?.focus();
  rows[chosen]?.scrollIntoView({ block: "nearest" });
}

for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, show);
audio.addEventListener("error", () => complain());
document.querySelectorAll<HTMLButtonElement>(".play").forEach((button) => button.addEventListener("click", () => void toggle(button)));
rows.forEach((row, index) => row.addEventListener("focusin", () => {
  if (chosen !== index) {
    rows[chosen]?.removeAttribute("aria-selected");
    chosen = index;
    row.setAttribute("aria-selected", "true");
  }
}));
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea, button, a");
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLInputElement) return;
  const row = rows[chosen];
  if (event.code === "KeyJ") choose(chosen + 1);
  else if (event.code === "KeyK") choose(chosen - 1);
  else if (event.code === "KeyC" && row) callBack(row);
  else if (event.code === "Space" && !typing) {
    const button = buttonOf(row);
    if (button) void toggle(button);
    event.preventDefault();
  }
});
