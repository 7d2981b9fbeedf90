// At the desk: the caller's ways of contact are completed in a sheet, while the call and the record stay as they are.
import { block, dropRow, grow, send, show } from "./customer_edit";

const sheet = document.getElementById("contact-sheet")!;
const body = sheet.querySelector("[data-region]")!;
let from: HTMLElement | null = null;

async function open(button: HTMLElement): Promise<void> {
  const html = await block(`/customers/${button.dataset["contactOf"]}?edit=contact&region=contact`);
  if (html === null) return;
  from = button;
  sheet.hidden = false;
  show(body, html);
}

function close(): void {
  sheet.hidden = true;
  body.replaceChildren();
  from?.focus();
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest<HTMLElement>("[data-contact-of]");
  if (button) void open(button);
  if (!target || !sheet.contains(target)) return;
  if (target.closest("[data-close], [data-sheet-close]")) {
    event.preventDefault();
    close();
  } else if (target.closest("[data-swap]")) {
    event.preventDefault();
    void block(`${(target.closest("a") as HTMLAnchorElement).href.replace("#", "&region=contact#")}`).then((html) => { if (html !== null) show(body, html); });
  } else if (target.closest("[data-drop]")) dropRow(target);
});
sheet.addEventListener("input", (event) => {
  const field = event.target as HTMLInputElement;
  const row = field.closest("[data-row]");
  if (row && field.matches("input.input") && field.value) grow(row);
});

/** Saves, or takes back; the desk itself never leaves its address, for it holds the call. */
async function submit(form: HTMLFormElement): Promise<void> {
  let html = await send(form);
  if (html !== null && !form.dataset["editor"]) html = await block(`/customers/${from?.dataset["contactOf"]}?region=contact`);
  if (html === null) return;
  show(body, html);
  if (!body.querySelector("[data-editor]")) sheet.querySelector<HTMLElement>("[data-sheet-close]")?.focus();
}

sheet.addEventListener("submit", (event) => {
  event.preventDefault();
  void submit(event.target as HTMLFormElement);
});
// The desk's own keys must not fire while somebody types here.
sheet.addEventListener("keydown", (event) => {
  event.stopPropagation();
  if (event.isComposing) return;
  if (event.code === "Escape") close();
  else if (event.ctrlKey && event.code === "Enter") (event.target as Element).closest("form")?.requestSubmit();
});
