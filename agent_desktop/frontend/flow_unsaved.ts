// What was typed in a form of the menus' editor is not lost by a slip: the browser asks before the page goes.
const unsaved = new Set<HTMLFormElement>();

document.querySelectorAll<HTMLFormElement>("form[data-kept]").forEach((form) => {
  if (form.matches("[data-unsaved]")) unsaved.add(form); // refused: what it shows is kept nowhere
  form.addEventListener("input", () => unsaved.add(form));
  form.addEventListener("submit", () => unsaved.delete(form));
});

window.addEventListener("beforeunload", (event) => {
  if (unsaved.size) event.preventDefault();
});
