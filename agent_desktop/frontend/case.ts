// One case: N opens the note, A the giving away; the field that was refused has the focus; a chosen file goes at once.
const details = (act: string): HTMLDetailsElement | null =>
  document.querySelector<HTMLFormElement>(`form[data-act="${act}"]`)?.closest("details") ?? null;

function open(act: string): void {
  const box = details(act);
  if (!box) return;
  box.open = true;
  box.querySelector<HTMLElement>("textarea, select")?.focus();
  box.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const target = event.target instanceof HTMLElement ? event.target : null;
  if ((event.code === "Enter" || event.code === "NumpadEnter") && event.ctrlKey) {
    target?.closest<HTMLFormElement>("form.act")?.requestSubmit();
    return;
  }
  if (target?.matches("input, select, textarea") || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "KeyN") open("note");
  else if (event.code === "KeyA") open("assign");
  else return;
  event.preventDefault();
});

const tried = document.querySelector<HTMLElement>("[data-tried]")?.dataset["tried"];
if (tried) {
  const form = document.querySelector<HTMLFormElement>(`form[data-act="${tried}"]`);
  (form?.querySelector<HTMLElement>('[aria-invalid="true"]') ?? form?.querySelector<HTMLElement>("textarea, input:not([type=hidden]), select"))?.focus();
}
document.querySelectorAll<HTMLInputElement>(".upload input[type=file]").forEach((input) => {
  input.addEventListener("change", () => {
    if (input.files?.length) input.form?.requestSubmit();
  });
});
// A second click must not do a step twice.
document.querySelectorAll<HTMLFormElement>("form.act").forEach((form) => {
  form.addEventListener("submit", () => {
    window.setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });
});
// A new case asks only what belongs to its sub-kind.
const subKind = document.querySelector<HTMLSelectElement>("[data-sub-kind]");
function fit(): void {
  document.querySelectorAll<HTMLElement>("[data-for]").forEach((one) => { one.hidden = one.dataset["for"] !== subKind?.value; });
}
subKind?.addEventListener("change", fit);
if (subKind) {
  fit();
  document.querySelector<HTMLElement>('.new-case [aria-invalid="true"]')?.focus();
}
