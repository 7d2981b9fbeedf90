// Lines: the trunks and the steps of a test call, as the site pushes them.
import { morph } from "./regions";

interface Push {
  at: number;
  regions: Record<string, string>;
}

const SILENT_MS = 12_000; // the site speaks at least every 5 s
let heardAt = Date.now();
let tries = 0;

function take(push: Push): void {
  heardAt = Date.now();
  for (const [name, html] of Object.entries(push.regions)) {
    const region = document.getElementById(name);
    if (region) morph(region, html);
  }
  document.body.classList.add("live");
}

function follow(): void {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/admin/lines/live`);
  socket.onmessage = (message: MessageEvent<string>) => {
    tries = 0;
    take(JSON.parse(message.data) as Push);
  };
  socket.onclose = () => {
    tries += 1;
    window.setTimeout(follow, Math.min(10_000, 250 * 2 ** tries));
  };
}

window.setInterval(() => {
  const cut = document.getElementById("cut");
  if (cut) cut.hidden = Date.now() - heardAt < SILENT_MS;
}, 1000);
if (document.getElementById("trunk-rows") || document.getElementById("test-steps")) follow();
