// What of a drawn flow is in view: its size on the screen, the small map of the whole, and the hand that moves the paper.
const ZOOMS = [0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.25];
const SVG = "http://www.w3.org/2000/svg";

export class FlowView {
  private readonly width: number;
  private readonly height: number;
  private readonly shown = document.querySelector<HTMLOutputElement>(".zoom output");
  private readonly frame = document.createElementNS(SVG, "rect");
  private zoom = Number(sessionStorage.getItem("flow-zoom") ?? "1") || 1;

  constructor(
    private readonly paper: SVGSVGElement,
    private readonly canvas: HTMLElement,
  ) {
    const [, , width = 0, height = 0] = (paper.getAttribute("viewBox") ?? "").split(" ").map(Number);
    [this.width, this.height] = [width, height];
    this.apply();
    this.drawMap();
    document.querySelectorAll<HTMLButtonElement>("[data-zoom]").forEach((button) =>
      button.addEventListener("click", () => {
        if (button.dataset.zoom === "fit") this.fit();
        else this.step(button.dataset.zoom === "+" ? 1 : -1);
      }),
    );
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.step(event.deltaY < 0 ? 1 : -1);
    });
    this.letDrag();
  }

  step(direction: 1 | -1): void {
    const next = direction > 0 ? ZOOMS.find((one) => one > this.zoom + 0.001) : [...ZOOMS].reverse().find((one) => one < this.zoom - 0.001);
    if (next) this.set(next);
  }

  /** The whole flow, as large as it fits; never larger than life. */
  fit(): void {
    this.set(Math.min(1, this.canvas.clientWidth / this.width, this.canvas.clientHeight / this.height));
  }

  show(box: Element): void {
    const seen = box.getBoundingClientRect();
    const view = this.canvas.getBoundingClientRect();
    this.canvas.scrollBy(seen.x - view.x - (view.width - seen.width) / 2, seen.y - view.y - (view.height - seen.height) / 2);
  }

  private set(zoom: number): void {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.canvas;
    const [x, y] = [(scrollLeft + clientWidth / 2) / this.zoom, (scrollTop + clientHeight / 2) / this.zoom];
    this.zoom = zoom;
    sessionStorage.setItem("flow-zoom", String(zoom));
    this.apply();
    this.canvas.scrollTo(x * zoom - clientWidth / 2, y * zoom - clientHeight / 2);
    this.moveFrame();
  }

  private apply(): void {
    this.paper.setAttribute("width", String(Math.round(this.width * this.zoom)));
    this.paper.setAttribute("height", String(Math.round(this.height * this.zoom)));
    if (this.shown) this.shown.value = `${Math.round(this.zoom * 100)}%`;
  }

  private drawMap(): void {
    const place = document.querySelector(".minimap");
    if (!place) return;
    const map = document.createElementNS(SVG, "svg");
    map.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.paper.querySelectorAll("foreignObject:not(.way-word)").forEach((object) => {
      const box = document.createElementNS(SVG, "rect");
      for (const name of ["x", "y", "width", "height"]) box.setAttribute(name, object.getAttribute(name) ?? "0");
      box.setAttribute("height", String(Number(object.getAttribute("height")) * 0.6)); // boxes that stay apart
      box.setAttribute("class", object.querySelector("a.box")?.className.replace("box", "spot") ?? "spot");
      map.append(box);
    });
    this.frame.setAttribute("class", "frame");
    map.append(this.frame);
    place.append(map);
    const go = (event: PointerEvent) => {
      const seen = map.getBoundingClientRect();
      const scale = Math.min(seen.width / this.width, seen.height / this.height);
      const x = (event.clientX - seen.x - (seen.width - this.width * scale) / 2) / scale;
      const y = (event.clientY - seen.y - (seen.height - this.height * scale) / 2) / scale;
      this.canvas.scrollTo(x * this.zoom - this.canvas.clientWidth / 2, y * this.zoom - this.canvas.clientHeight / 2);
    };
    map.addEventListener("pointerdown", (event) => {
      map.setPointerCapture(event.pointerId);
      go(event);
    });
    map.addEventListener("pointermove", (event) => {
      if (map.hasPointerCapture(event.pointerId)) go(event);
    });
    this.canvas.addEventListener("scroll", () => this.moveFrame(), { passive: true });
    new ResizeObserver(() => this.moveFrame()).observe(this.canvas);
  }

  private moveFrame(): void {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.canvas;
    const parts: [string, number][] = [
      ["x", scrollLeft / this.zoom],
      ["y", scrollTop / this.zoom],
      ["width", Math.min(this.width, clientWidth / this.zoom)],
      ["height", Math.min(this.height, clientHeight / this.zoom)],
    ];
    parts.forEach(([name, value]) => this.frame.setAttribute(name, String(Math.round(value))));
  }

  private letDrag(): void {
    let from: { x: number; y: number } | undefined;
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button === 0 && !(event.target as Element).closest("a.box")) from = { x: event.clientX, y: event.clientY };
    });
    window.addEventListener("pointermove", (event) => {
      if (!from) return;
      this.canvas.scrollBy(from.x - event.clientX, from.y - event.clientY);
      from = { x: event.clientX, y: event.clientY };
    });
    window.addEventListener("pointerup", () => (from = undefined));
  }
}
