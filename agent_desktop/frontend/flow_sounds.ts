// Recording a prompt in the browser: the microphone's sound becomes a WAV in the form's file field, to be heard first.
const RATE = 8000; // what a telephone carries
const LONGEST_MS = 180_000; // the server takes no more

export function wav(samples: Float32Array, rate: number): ArrayBuffer {
  const bytes = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const word = (at: number, text: string) => [...text].forEach((sign, i) => bytes.setUint8(at + i, sign.charCodeAt(0)));
  word(0, "RIFF");
  bytes.setUint32(4, 36 + samples.length * 2, true);
  word(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true); // PCM
  bytes.setUint16(22, 1, true); // one channel
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, rate * 2, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  word(36, "data");
  bytes.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, i) => bytes.setInt16(44 + i * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true));
  return bytes.buffer;
}

async function telephoneFile(recorded: Blob): Promise<File> {
  const decoded = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await recorded.arrayBuffer());
  return new File([wav(decoded.getChannelData(0), RATE)], "recording.wav", { type: "audio/wav" });
}

function attach(form: HTMLFormElement): void {
  const begin = form.querySelector<HTMLButtonElement>("[data-record]");
  const end = form.querySelector<HTMLButtonElement>("[data-stop]");
  const told = form.querySelector<HTMLOutputElement>("output");
  const field = form.querySelector<HTMLInputElement>("input[type=file]");
  const preview = form.querySelector<HTMLAudioElement>("[data-preview]");
  if (!begin || !end || !told || !field || !preview) return;

  const show = (file: File | undefined) => {
    if (preview.src) URL.revokeObjectURL(preview.src);
    preview.hidden = !file;
    if (file) preview.src = URL.createObjectURL(file);
  };
  const running = (on: boolean) => {
    [begin.hidden, end.hidden] = [on, !on];
    (on ? end : begin).focus();
  };
  const refused = (why: unknown) => {
    const denied = why instanceof DOMException && ["NotAllowedError", "SecurityError"].includes(why.name);
    told.value = (denied ? form.dataset.denied : form.dataset.missing) ?? "";
  };
  const take = async (recorded: Blob) => {
    const file = await telephoneFile(recorded);
    const files = new DataTransfer();
    files.items.add(file);
    field.files = files.files;
    show(file);
    told.value = form.dataset.off ?? "";
  };
  const record = async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, autoGainControl: false } });
    const recorder = new MediaRecorder(stream);
    const pieces: Blob[] = [];
    const limit = setTimeout(() => recorder.stop(), LONGEST_MS);
    recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    recorder.addEventListener("stop", () => {
      clearTimeout(limit);
      stream.getTracks().forEach((track) => track.stop());
      running(false);
      take(new Blob(pieces, { type: recorder.mimeType })).catch(refused);
    });
    end.onclick = () => recorder.stop();
    recorder.start();
    running(true);
    told.value = form.dataset.on ?? "";
  };
  begin.addEventListener("click", () => void record().catch(refused));
  field.addEventListener("change", () => show(field.files?.[0]));
}

// A recording is sent beside the page, and only what callers hear is drawn anew: what is typed in the node's form stays.
async function send(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
  const article = form.closest("article")?.id ?? "";
  const action = button?.getAttribute("formaction") ?? form.action;
  const buttons = [...form.querySelectorAll<HTMLButtonElement>("button")];
  buttons.forEach((one) => (one.disabled = true));
  try {
    const answer = await fetch(action, { method: "POST", body: new FormData(form) });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("sounds");
    const old = document.getElementById("sounds");
    if (!fresh || !old) return location.reload(); // signed out, or the version is gone: the page says so
    old.replaceWith(document.adoptNode(fresh));
    attachAll();
    const place = document.getElementById(article);
    place?.scrollIntoView({ block: "nearest" });
    (place?.querySelector<HTMLElement>("[aria-invalid]") ?? place?.querySelector("summary"))?.focus();
    tellOfUnsaved();
  } catch {
    buttons.forEach((one) => (one.disabled = false));
    const told = form.querySelector<HTMLOutputElement>("output");
    if (told) told.value = form.dataset.lost ?? "";
  }
}

// A recording belongs to the text that is kept; one that was typed over meanwhile is said to be.
function tellOfUnsaved(): void {
  document.querySelectorAll<HTMLElement>("[data-stale]").forEach((note) => {
    const [language, ...prompt] = (note.closest<HTMLElement>("[data-sound]")?.dataset.sound ?? "").split("/");
    const name = `text.${language}.${prompt.join("/")}`;
    const area = [...document.querySelectorAll<HTMLTextAreaElement>(".node-form textarea")].find((one) => one.name === name);
    note.hidden = !area || area.value === area.defaultValue;
  });
}

function attachAll(): void {
  document.querySelectorAll<HTMLFormElement>("[data-sound-form]").forEach((form) => {
    attach(form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form, event.submitter);
    });
  });
}

attachAll();
document.querySelector(".node-form")?.addEventListener("input", tellOfUnsaved);
