// The sign-in page: show the password, and prove headset and microphone before the first call.
import { pageWords } from "./page";

const words = pageWords();
const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

function setUpReveal(): void {
  const button = byId<HTMLButtonElement>("reveal");
  const field = byId<HTMLInputElement>("password");
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.setAttribute("aria-label", (shown ? words["hide"] : words["show"]) ?? "");
  });
}

function told(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  return (name === "NotAllowedError" ? words["refused"] : words["none"]) ?? name;
}

/** Peak of the last samples as 0 to 11 bars: 4 dB a bar, from -44 dB. */
function bars(samples: Float32Array): number {
  const peak = samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 1e-6);
  return Math.min(11, Math.max(0, Math.round((20 * Math.log10(peak) + 46) / 4)));
}

function watchLevel(stream: MediaStream): void {
  const context = new AudioContext();
  void context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const level = byId("level");
  const lights = [...level.children];
  let shown = 0; // falls slowly, so that a short word can be seen
  const draw = () => {
    analyser.getFloatTimeDomainData(samples);
    shown = Math.max(bars(samples), shown - 0.25);
    const on = Math.round(shown);
    lights.forEach((light, index) => light.classList.toggle("on", index < on));
    level.setAttribute("aria-valuenow", String(on));
    if (on >= 5) byId("mic-hint").textContent = words["heard"] ?? "";
    requestAnimationFrame(draw);
  };
  draw();
}

async function checkHeadset(): Promise<void> {
  const state = byId("device-state");
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    byId("device-name").textContent = stream.getAudioTracks()[0]?.label || words["default"] || "";
    const usable = document.createElement("span");
    usable.className = "row good";
    usable.textContent = `✓ ${words["usable"] ?? ""}`;
    state.replaceChildren(usable);
    byId("mic-hint").textContent = words["speak"] ?? "";
    watchLevel(stream);
  } catch (error) {
    byId("device-name").textContent = told(error);
    byId("device-name").classList.remove("cut");
    byId("check").textContent = words["again"] ?? "";
  }
}

async function setUpHeadset(): Promise<void> {
  if (!navigator.mediaDevices) return;
  byId("devices").hidden = false;
  byId("check").addEventListener("click", () => void checkHeadset());
  const permission = await navigator.permissions.query({ name: "microphone" as PermissionName }).catch(() => null);
  if (permission?.state === "granted") await checkHeadset();
}

setUpReveal();
void setUpHeadset();
