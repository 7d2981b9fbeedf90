// A share of 1 as a percentage with one decimal: the same figure as agent_desktop/formats.py::rate_figure writes.

const HALF = 0.5 + 1e-7; // a half goes up, also where the share in binary lies a hair below it (17 of 80 is 21.3)

export const rateFigure = (share: number): string => (Math.floor(share * 1000 + HALF) / 10).toFixed(1);
