// The drawing of a flow: the figure in each box, arrow keys from node to node, and the chosen node in view.
import "./flow_sounds";
import "./flow_unsaved";
import { FlowView } from "./flow_view";

const paper = document.querySelector<SVGSVGElement>("svg.paper");
const canvas = document.querySelector<HTMLElement>(".canvas");
const DIRECTIONS: Record<string, [number, number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};
const BY_KEYS = "flow-by-keys"; // the page was left with Enter on a box: the next one begins there

function centre(box: HTMLElement): { x: number; y: number } {
  const seen = box.getBoundingClientRect();
  return { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
}

// The nearest box in the direction of the key; what lies aside counts double.
function beside(boxes: HTMLAnchorElement[], from: HTMLAnchorElement, x: number, y: number): HTMLAnchorElement | undefined {
  const here = centre(from);
  let best: HTMLAnchorElement | undefined;
  let nearest = Infinity;
  for (const box of boxes) {
    const there = centre(box);
    const ahead = (there.x - here.x) * x + (there.y - here.y) * y;
    const aside = Math.abs((there.x - here.x) * y) + Math.abs((there.y - here.y) * x);
    if (box !== from && ahead > 1 && ahead + 2 * aside < nearest) [best, nearest] = [box, ahead + 2 * aside];
  }
  return best;
}

function chooseFigure(drawn: HTMLElement): void {
  const choice = document.querySelector<HTMLSelectElement>("[data-figures]");
  if (!choice) return;
  const address = new URL(location.href);
  const apply = () => {
    drawn.dataset.show = choice.value;
    sessionStorage.setItem("flow-show", choice.value);
    address.searchParams.set("show", choice.value);
    history.replaceState(null, "", address);
  };
  const kept = sessionStorage.getItem("flow-show");
  if (!address.searchParams.has("show") && kept && kept !== choice.value) {
    choice.value = kept;
    apply();
  }
  choice.addEventListener("change", apply);
}

if (paper && canvas) {
  const boxes = [...paper.querySelectorAll<HTMLAnchorElement>("a.box")];
  const chosen = boxes.find((box) => box.matches(".chosen"));
  const view = new FlowView(paper, canvas);
  const form = document.querySelector<HTMLElement>(".node-form");

  const acts: Record<string, () => void> = {
    Equal: () => view.step(1),
    NumpadAdd: () => view.step(1),
    Minus: () => view.step(-1),
    NumpadSubtract: () => view.step(-1),
    KeyF: () => view.fit(),
    Home: () => boxes[0]?.focus(),
    KeyE: () => form?.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus(),
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = boxes.find((box) => box === document.activeElement);
    const direction = DIRECTIONS[event.code];
    if (event.code === "Enter" && focused) {
      sessionStorage.setItem(BY_KEYS, "1");
      location.assign(focused.href.replace(/#.*/, "")); // to a place in the page the browser would take the focus away
    } else if (direction) (focused ? beside(boxes, focused, ...direction) : (chosen ?? boxes[0]))?.focus();
    else if (acts[event.code]) acts[event.code]?.();
    else return;
    event.preventDefault();
  });
  document.querySelector(".inspector")?.addEventListener("keydown", (event) => {
    if ((event as KeyboardEvent).code === "Escape") (chosen ?? canvas).focus();
  });
  chooseFigure(canvas);
  if (chosen) view.show(chosen);
  if (sessionStorage.getItem(BY_KEYS)) {
    sessionStorage.removeItem(BY_KEYS);
    chosen?.focus({ preventScroll: true });
  }
}

document.querySelector<HTMLSelectElement>("select[data-submits]")?.addEventListener("change", (event) => {
  (event.target as HTMLSelectElement).form?.requestSubmit();
});
