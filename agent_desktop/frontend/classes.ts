// The rules of classes: while one changes them, the page says who would gain and who would lose a class.
import { csrfToken } from "./page";

const form = document.getElementById("classes") as HTMLFormElement;
const trial = document.getElementById("trial")!;
let timer = 0;
let asked = 0;

async function tryOut(): Promise<void> {
  const mine = ++asked;
  trial.setAttribute("aria-busy", "true");
  const answer = await fetch("/admin/classes/classes/preview", {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRF-Token": csrfToken() },
    body: new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)])),
  }).catch(() => null);
  if (mine !== asked) return;
  trial.removeAttribute("aria-busy");
  if (!answer?.ok) return;
  const told = (await answer.json()) as { errors: Record<string, string>; html: string };
  const wrong = Object.values(told.errors);
  if (wrong.length) {
    const line = document.createElement("p");
    line.className = "breach";
    line.textContent = wrong[0] ?? "";
    trial.replaceChildren(line);
  } else trial.innerHTML = told.html; // rendered and escaped by our own site
}

function later(): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void tryOut(), 300);
}

form.addEventListener("input", later);
form.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-drop]")) later();
});
