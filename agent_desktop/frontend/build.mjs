// Bundles every entry into ../static/dist and draws one sprite of the icons that the templates and scripts name.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "../static/dist");
const entries = ["desk", "wallboard", "board_edit", "login", "customer_phone", "recording", "contacts", "dial", "floor", "admin", "admin_skills", "messages", "message", "data", "cases", "case", "bookings", "dealer", "customers", "desk_customer", "leads", "segments", "classes", "integration", "knowledge", "where", "flows", "flow_call", "campaigns", "campaign", "questionnaire", "reports", "ledger", "quality_panel", "quality_form", "quality_excerpt", "quality_library"]
  .map((name) => join(here, `${name}.ts`))
  .filter(existsSync);

function filesBelow(folder, endings) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((file) => file.isFile() && endings.some((end) => file.name.endsWith(end)))
    .map((file) => join(file.parentPath ?? file.path, file.name))
    .filter((path) => !path.includes("node_modules"));
}

function iconNames() {
  const named = /icon\(\s*["']([a-z0-9-]+)["']|icon=["']([a-z0-9-]+)["']/g;
  const sources = [
    ...filesBelow(join(here, "../templates"), [".html"]),
    ...filesBelow(here, [".ts"]),
    join(here, "../navigation.py"),
  ];
  const names = new Set(readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean));
  for (const file of sources) {
    for (const match of readFileSync(file, "utf8").matchAll(named)) names.add(match[1] ?? match[2]);
  }
  return [...names].sort();
}

function drawSprite() {
  const symbols = iconNames().map((name) => {
    const file = join(here, "node_modules/lucide-static/icons", `${name}.svg`);
    if (!existsSync(file)) throw new Error(`No icon "${name}" in lucide-static: see its icons folder for the names.`);
    const shapes = readFileSync(file, "utf8").replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
  });
  writeFileSync(join(dist, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
}

// Chinese and Latin letters of the PDF files, which Python writes: see agent_desktop/reports/as_pdf.py.
function copyFonts() {
  const from = join(here, "node_modules/@fontsource/noto-sans-sc");
  mkdirSync(join(dist, "fonts"), { recursive: true });
  for (const weight of [400, 700]) {
    copyFileSync(join(from, `files/noto-sans-sc-chinese-simplified-${weight}-normal.woff`), join(dist, `fonts/noto-sans-sc-${weight}.woff`));
  }
  copyFileSync(join(from, "LICENSE"), join(dist, "fonts/LICENSE"));
}

entries.push(join(here, "staffing.ts"), join(here, "lines.ts"));
entries.push(join(here, "recording_page.ts"), join(here, "recording_words.ts"), join(here, "recording_out.ts"));
mkdirSync(dist, { recursive: true });
drawSprite();
copyFonts();
const options = {
  entryPoints: entries,
  outdir: dist,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  legalComments: "linked",
  logLevel: "info",
  define: { "process.env.NODE_ENV": '"production"' },
};
if (process.argv.includes("--watch")) await (await esbuild.context(options)).watch();
else await esbuild.build(options);
