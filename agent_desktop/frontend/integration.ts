// Pages about other systems: copying a secret, an address as it will look, the progress of a check.
export {};

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const copy = target?.closest<HTMLElement>("[data-copy]");
  const insert = target?.closest<HTMLElement>("[data-insert]");
  if (copy) void copied(copy);
  if (insert) inserted(insert.dataset.insert!);
});

async function copied(button: HTMLElement): Promise<void> {
  const source = document.getElementById(button.dataset.copy!);
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent!.trim());
    button.querySelector("span")!.textContent = button.dataset.copied!;
  } catch {
    // Without https a browser may not copy: the text is marked instead.
    getSelection()?.selectAllChildren(source);
  }
}

const area = document.querySelector<HTMLTextAreaElement>("[data-preview]");
const shown = document.getElementById("preview");
let asked = 0;

function inserted(gap: string): void {
  if (!area) return;
  area.setRangeText(gap, area.selectionStart, area.selectionEnd, "end");
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

async function preview(): Promise<void> {
  if (!area || !shown || !area.value.trim()) return;
  const number = ++asked;
  const answer = await fetch(`${area.dataset.preview}?${new URLSearchParams({ template: area.value })}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || number !== asked) return;
  const told = (await answer.json()) as { url?: string; error?: string };
  shown.textContent = told.url ?? told.error ?? "";
  shown.classList.toggle("wrong", told.error !== undefined);
}

let waiting = 0;
area?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = window.setTimeout(() => void preview(), 200);
});

const chain = document.querySelector<HTMLElement>("#chain[data-running]");

async function follow(): Promise<void> {
  const answer = await fetch("/admin/audit/check", { headers: { Accept: "application/json" } }).catch(() => null);
  const told = answer?.ok ? ((await answer.json()) as { running: boolean; checked: number; of: number }) : null;
  if (told && !told.running) return location.reload();
  if (told && chain) {
    const bar = chain.querySelector("progress");
    if (bar) [bar.max, bar.value] = [Math.max(told.of, 1), told.checked];
    const figure = chain.querySelector(".tnum");
    if (figure) figure.textContent = `${told.checked.toLocaleString("en")} / ${told.of.toLocaleString("en")}`;
  }
  window.setTimeout(() => void follow(), 400);
}

if (chain) void follow();
