// The ledger: a check tells how far it is; the days of the month are walked with the arrow keys, findings with J and K.
import { announce, pageWords, say } from "./page";

const words = pageWords();
const place = document.getElementById("ledger")!;
const days = [...document.querySelectorAll<HTMLAnchorElement>("#days a.cell")];
const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

async function watch(day: string): Promise<void> {
  const bar = document.getElementById("done-bar") as HTMLProgressElement;
  for (;;) {
    await new Promise((wake) => window.setTimeout(wake, 700));
    const answer = await fetch(`/reports/ledger/progress?day=${day}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) continue;
    const now = (await answer.json()) as { done?: number; steps?: number; busy: boolean };
    if (now.steps) [bar.max, bar.value] = [now.steps, now.done ?? 0];
    if (now.busy) continue;
    announce(say(words, "checked"));
    location.reload();
    return;
  }
}

if (place.dataset.busy !== undefined) void watch(place.dataset.day!);

document.addEventListener("keydown", (event) => {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target?.matches("input, select, textarea") || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const here = days.findIndex((day) => day === document.activeElement);
  const step = STEPS[event.key];
  if (here >= 0 && step !== undefined) {
    event.preventDefault();
    days[here + step]?.focus();
  } else if (event.code === "KeyJ" || event.code === "KeyK") {
    const finds = [...document.querySelectorAll<HTMLElement>(".finds li")];
    const at = finds.findIndex((find) => find.contains(document.activeElement));
    const next = finds[Math.max(0, Math.min(finds.length - 1, at + (event.code === "KeyJ" ? 1 : -1)))];
    next?.querySelector<HTMLElement>("a, button, input:not([type=hidden])")?.focus();
  }
});
