// The training library: an excerpt comes whole with the answer that logs the listening; one is heard at a time.
import { csrfToken, say } from "./page";
import { words } from "./site";

const audio = new Audio();
const trouble = document.getElementById("trouble")!;
let current: HTMLButtonElement | null = null;

function show(): void {
  const playing = !audio.paused && !audio.ended;
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-excerpt]")) {
    const on = button === current && playing;
    button.classList.toggle("playing", on);
    const title = button.getAttribute("aria-label")!.split(": ").slice(1).join(": ");
    button.setAttribute("aria-label", `${say(words, on ? "pause" : "play")}: ${title}`);
  }
}

async function toggle(button: HTMLButtonElement): Promise<void> {
  trouble.textContent = "";
  if (current === button && audio.src) return audio.paused ? audio.play() : audio.pause();
  try {
    const answer = await fetch(`/quality/library/${button.dataset["excerpt"]}/listen`, { method: "POST", headers: { Accept: "application/json", "X-CSRF-Token": csrfToken() } });
    if (!answer.ok) throw new Error(((await answer.json()) as { message?: string }).message);
    if (audio.src) URL.revokeObjectURL(audio.src);
    audio.src = URL.createObjectURL(await answer.blob());
    current = button;
    await audio.play();
  } catch (error) {
    trouble.textContent = (error instanceof Error && error.message) || say(words, "no_answer_from_site");
  }
}

for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, show);
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-excerpt]")) button.addEventListener("click", () => void toggle(button));
