// Builds the style sheets: one per direction, minified, named by their content, and a list of the names.
// Usage: node build.js OUTPUT_FOLDER
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import rtlcss from "rtlcss";
import * as sass from "sass";

const folder = process.argv[2];
if (!folder) throw new Error("Say where to: node build.js OUTPUT_FOLDER");

const { css } = sass.compile(new URL("styles/kinbridge.scss", import.meta.url).pathname, {
  style: "compressed",
  quietDeps: true,
});
const sheets = { ltr: css, rtl: rtlcss.process(css) };

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const names = {};
for (const [direction, text] of Object.entries(sheets)) {
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
  names[`kinbridge.${direction}.css`] = `kinbridge.${direction}.${digest}.css`;
  writeFileSync(join(folder, names[`kinbridge.${direction}.css`]), text);
}
writeFileSync(join(folder, "assets.json"), JSON.stringify(names, null, 1) + "\n");
