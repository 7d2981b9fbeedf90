// The drawing of a flow: zoom, arrow keys from node to node, and the chosen node in view.
import "./flow_sounds";
import "./flow_unsaved";

const paper = document.querySelector<SVGSVGElement>("svg.paper");
const canvas = document.querySelector<HTMLElement>(".canvas");
const ZOOMS = [0.4, 0.5, 0.65, 0.8, 1, 1.25];

if (paper && canvas) {
  const [, , width = 0, height = 0] = (paper.getAttribute("viewBox") ?? "").split(" ").map(Number);
  const shown = document.querySelector<HTMLOutputElement>(".zoom output");
  let zoom = Number(sessionStorage.getItem("flow-zoom") ?? "1");

  const apply = () => {
    paper.setAttribute("width", String(Math.round(width * zoom)));
    paper.setAttribute("height", String(Math.round(height * zoom)));
    if (shown) shown.value = `${Math.round(zoom * 100)}%`;
    sessionStorage.setItem("flow-zoom", String(zoom));
  };
  document.querySelectorAll<HTMLButtonElement>("[data-zoom]").forEach((button) =>
    button.addEventListener("click", () => {
      const larger = button.dataset.zoom === "+";
      const next = larger ? ZOOMS.find((one) => one > zoom) : [...ZOOMS].reverse().find((one) => one < zoom);
      zoom = next ?? zoom;
      apply();
    }),
  );
  apply();

  const boxes = [...paper.querySelectorAll<HTMLAnchorElement>("a.box")];
  const centre = (box: HTMLElement) => {
    const seen = box.getBoundingClientRect();
    return { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
  };
  // The nearest box in the direction of the key; what lies aside counts double.
  const beside = (from: HTMLAnchorElement, x: number, y: number) => {
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
  };
  const directions: Record<string, [number, number]> = {
    ArrowRight: [1, 0],
    ArrowLeft: [-1, 0],
    ArrowDown: [0, 1],
    ArrowUp: [0, -1],
  };
  canvas.addEventListener("keydown", (event) => {
    const direction = directions[event.code];
    if (!direction) return;
    const focused = boxes.find((box) => box === document.activeElement);
    const next = focused ? beside(focused, ...direction) : (boxes.find((box) => box.matches(".chosen")) ?? boxes[0]);
    next?.focus();
    event.preventDefault();
  });

  const chosen = boxes.find((box) => box.matches(".chosen"));
  if (chosen) {
    const box = chosen.getBoundingClientRect();
    const view = canvas.getBoundingClientRect();
    canvas.scrollTo(
      box.x - view.x - view.width / 2 + box.width / 2 + canvas.scrollLeft,
      box.y - view.y - view.height / 2 + box.height / 2 + canvas.scrollTop,
    );
  }
}
