// Staffing: a form is saved by Ctrl+Enter, the first wrong field has the focus.
import { startGrid } from "./shift_grid";

document.addEventListener("keydown", (event) => {
  if (event.code !== "Enter" || !event.ctrlKey || event.isComposing) return;
  const form = event.target instanceof Element ? event.target.closest("form") : null;
  form?.requestSubmit();
});
document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
const plan = document.getElementById("plan");
if (plan) startGrid(plan);

/** The list of now is drawn anew when the floor tells that somebody's state changed, and when a planned minute is over. */
const here = document.getElementById("here");
if (here) {
  let due = 0;
  const fetchNow = async (): Promise<void> => {
    due = 0;
    const answer = await fetch("/staffing/adherence/now", { cache: "no-store" }).catch(() => null);
    if (answer?.ok) here.innerHTML = await answer.text();
  };
  const soon = (): void => { if (!due) due = window.setTimeout(() => void fetchNow(), 1500); };
  const listen = (): void => {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/floor/live`);
    socket.addEventListener("message", soon);
    socket.addEventListener("close", () => window.setTimeout(listen, 5000));
  };
  listen();
  window.setTimeout(() => { void fetchNow(); window.setInterval(() => void fetchNow(), 60_000); }, 60_000 - (Date.now() % 60_000) + 500);
}

/** A what-if under way: the bar follows it, the page shows the result when it is done. */
const playing = document.getElementById("play");
if (playing) {
  const follow = async (): Promise<void> => {
    const answer = await fetch(`/staffing/what-if/plays/${playing.dataset.play}`, { cache: "no-store" }).catch(() => null);
    if (answer?.ok) {
      const told = (await answer.json()) as { state: string; done: number };
      if (told.state !== "running") return location.reload();
      playing.querySelector("progress")!.value = told.done;
      playing.querySelector("b")!.textContent = String(told.done);
    }
    window.setTimeout(() => void follow(), 700);
  };
  window.setTimeout(() => void follow(), 500);
}
