// The chart of a report: bars, marks of the earlier period, a line of shares with its target. Drawn on a canvas, so that
// the page policy needs no inline style.
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, type EChartsType, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { rateFigure } from "./rates";

use([BarChart, LineChart, ScatterChart, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

interface Series {
  word: string;
  shape: "bar" | "side" | "mark" | "line";
  values: (number | null)[];
  tone: string;
  percent: boolean;
  breaches: number[];
}

export interface ChartData {
  labels: string[];
  keys: string[];
  series: Series[];
  target: number | null;
}

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const TONES: Record<string, string> = { past: "chart-past", breach: "breach-fill", mark: "ink-3", agent: "chart-agent", customer: "chart-customer", main: "chart-main", ready: "ready", ringing: "ringing", talking: "talking", hold: "hold", acw: "acw", break: "break" };
const colourOf = (tone: string) => colour(TONES[tone] ?? "chart-main");
const share = (value: number) => `${rateFigure(value)}%`;

function drawn(one: Series, data: ChartData, targetWord: string): EChartsCoreOption {
  const axis = one.percent ? 1 : 0;
  const common = { name: one.word, yAxisIndex: axis, itemStyle: { color: colourOf(one.tone) } };
  const tooltip = { valueFormatter: (value: unknown) => (typeof value !== "number" ? "—" : one.percent ? share(value) : value.toLocaleString("en")) };
  if (one.shape === "bar") return { ...common, tooltip, type: "bar", stack: "bars", barMaxWidth: 36, barCategoryGap: "44%", data: one.values };
  if (one.shape === "side") return { ...common, tooltip, type: "bar", barMaxWidth: 26, barGap: "12%", barCategoryGap: "44%", data: one.values };
  if (one.shape === "mark") return { ...common, tooltip, type: "scatter", symbol: "rect", symbolSize: [30, 1.5], data: one.values, z: 3 };
  return {
    ...common,
    tooltip,
    type: "line",
    z: 4,
    symbol: "circle",
    symbolSize: 7,
    lineStyle: { color: colourOf(one.tone), width: 2.2 },
    data: one.values.map((value, place) => ({
      value,
      itemStyle: { color: one.breaches.includes(place) ? colour("breach") : colourOf(one.tone), borderColor: colour("surface"), borderWidth: 1.5 },
    })),
    ...(one.percent && data.target !== null
      ? {
          markLine: {
            silent: true,
            symbol: "none",
            data: [{ yAxis: data.target }],
            lineStyle: { color: colour("chart-target"), type: "dashed" },
            label: { position: "insideEndTop", formatter: targetWord, color: colour("ink-3"), fontSize: 11 },
          },
        }
      : {}),
  };
}

function options(data: ChartData, chosen: string, targetWord: string): EChartsCoreOption {
  const place = data.keys.indexOf(chosen);
  const words = { color: colour("ink-3"), fontSize: 11, fontFamily: getComputedStyle(document.body).fontFamily };
  const series = data.series.map((one) => drawn(one, data, targetWord));
  const label = data.labels[place];
  if (label !== undefined && series[0]) {
    Object.assign(series[0], { markArea: { silent: true, itemStyle: { color: colour("accent-soft") }, data: [[{ xAxis: place }, { xAxis: place }]] } });
  }
  const shares = data.series.some((one) => one.percent);
  return {
    animation: false,
    textStyle: words,
    grid: { left: 40, right: shares ? 44 : 8, top: 12, bottom: 26 },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, backgroundColor: colour("surface"), borderColor: colour("line-strong"), textStyle: { ...words, color: colour("ink"), fontSize: 12 } },
    xAxis: { type: "category", data: data.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("line-strong") } }, axisLabel: { ...words, hideOverlap: true } },
    yAxis: [
      { type: "value", minInterval: 1, axisLabel: words, splitLine: { lineStyle: { color: colour("chart-grid") } } },
      { type: "value", show: shares, min: 0, max: 1, interval: 0.25, axisLabel: { ...words, formatter: (value: number) => `${value * 100}%` }, splitLine: { show: false } },
    ],
    series,
  };
}

/** Draws the chart and gives a way to mark the chosen step. A click on a step chooses it. */
export function drawChart(place: HTMLElement, data: ChartData, chosen: string, choose: (key: string) => void): (key: string) => void {
  const chart: EChartsType = init(place, undefined, { renderer: "canvas" });
  const targetWord = place.dataset["target"] ?? "";
  const draw = (key: string) => chart.setOption(options(data, key, targetWord), { notMerge: true });
  draw(chosen);
  new ResizeObserver(() => chart.resize()).observe(place);
  chart.getZr().on("click", (event) => {
    const at = chart.convertFromPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [event.offsetX, event.offsetY]) as number[] | undefined;
    const key = data.keys[Math.round(at?.[0] ?? -1)];
    if (key !== undefined) choose(key);
  });
  return draw;
}
