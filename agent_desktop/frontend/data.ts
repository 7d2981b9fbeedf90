// Imports: a file goes up with its progress, a check or import tells how far it is, rows are walked by J and K.
import { announce, csrfToken, pageWords, say, setText } from "./page";

const words = pageWords();
const upload = document.getElementById("upload") as HTMLFormElement | null;
const working = document.querySelector<HTMLElement>("[data-import][data-busy]");

function bar(id: string, share: number): void {
  const inner = document.getElementById(id);
  if (inner) inner.style.inlineSize = `${Math.round(Math.min(1, share) * 100)}%`;
}

function fail(sentence: string): void {
  setText(document.getElementById("file-error"), sentence);
  document.getElementById("going")!.hidden = true;
  (document.getElementById("send") as HTMLButtonElement).disabled = false;
  upload?.querySelector<HTMLInputElement>("[type=file]")?.focus();
}

/** XMLHttpRequest, because fetch does not tell how much of a body has gone. */
function send(file: File, kind: string): void {
  const request = new XMLHttpRequest();
  request.open("POST", `/admin/data/upload?${new URLSearchParams({ kind, name: file.name.slice(0, 200) })}`);
  request.setRequestHeader("X-CSRF-Token", csrfToken());
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.responseType = "json";
  document.getElementById("going")!.hidden = false;
  request.upload.addEventListener("progress", (event) => {
    const share = event.total ? event.loaded / event.total : 0;
    bar("sent", share);
    const text = share < 1 ? say(words, "sending", { share: `${Math.round(share * 100)}%` }) : say(words, "reading");
    setText(document.getElementById("sent-words"), text);
  });
  request.addEventListener("load", () => {
    const answer = request.response as { location?: string; message?: string } | null;
    if (request.status === 201 && answer?.location) location.assign(answer.location);
    else fail(answer?.message ?? say(words, "away"));
  });
  request.addEventListener("error", () => fail(say(words, "away")));
  request.send(file);
}

function choose(input: HTMLInputElement): void {
  const file = input.files?.[0];
  if (!file) return;
  setText(document.getElementById("chosen"), `${file.name} · ${(file.size / 1048576).toFixed(1)} MB`);
  setText(document.getElementById("file-error"), "");
  (document.getElementById("send") as HTMLButtonElement).disabled = false;
}

if (upload) {
  const input = upload.querySelector<HTMLInputElement>("[type=file]")!;
  const zone = upload.querySelector<HTMLElement>(".file")!;
  input.addEventListener("change", () => choose(input));
  upload.addEventListener("change", (event) => {
    const kind = event.target as HTMLInputElement;
    if (kind.name === "kind") (document.getElementById("template") as HTMLAnchorElement).href = `/admin/data/template/${kind.value}`;
  });
  for (const name of ["dragenter", "dragover"]) upload.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) upload.addEventListener(name, (event) => { event.preventDefault(); zone.classList.remove("over"); });
  upload.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    choose(input);
  });
  upload.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = input.files?.[0];
    const kind = upload.querySelector<HTMLInputElement>("[name=kind]:checked")?.value ?? "customers";
    if (!file) return fail(say(words, "none"));
    const most = Number(upload.dataset.most);
    if (file.size > most) return fail(say(words, "large", { most: String(Math.floor(most / 1048576)) }));
    (document.getElementById("send") as HTMLButtonElement).disabled = true;
    send(file, kind);
  });
}

async function watch(place: HTMLElement): Promise<void> {
  const progress = place.querySelector("[role=progressbar]");
  for (;;) {
    await new Promise((wake) => window.setTimeout(wake, 700));
    const answer = await fetch(`/admin/data/${place.dataset.import}/progress`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) continue;
    const now = (await answer.json()) as { done: number; rows: number; busy: boolean };
    bar("done-bar", now.rows ? now.done / now.rows : 0);
    progress?.setAttribute("aria-valuenow", String(now.done));
    const text = say(words, "done", { done: now.done.toLocaleString("en"), rows: now.rows.toLocaleString("en") });
    setText(document.getElementById("done-words"), text);
    if (now.busy) continue;
    announce(text);
    location.reload();
    return;
  }
}

if (working) {
  const told = document.getElementById("done-words")!;
  bar("done-bar", Number(told.dataset.done) / Math.max(1, Number(told.dataset.rows)));
  void watch(working);
}

const links = [...document.querySelectorAll(".past table.rows tbody tr")].map((row) => row.querySelector("a")).filter((link) => link !== null);
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input:not([type=radio]), select, textarea");
  if (!links.length || typing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = links.findIndex((link) => link === document.activeElement);
  if (event.code === "KeyJ") links[Math.min(links.length - 1, at + 1)]?.focus();
  else if (event.code === "KeyK") links[Math.max(0, at - 1)]?.focus();
});
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest(".past table.rows tbody tr") && !target.closest("a") && !getSelection()?.toString()) target.closest("tr")!.querySelector("a")?.click();
});
