// Copies the fonts of printed reports, as their packages bring them (TrueType, SIL Open Font License).
// Usage: node fonts.js OUTPUT_FOLDER
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = process.argv[2];
if (!folder) throw new Error("Say where to: node fonts.js OUTPUT_FOLDER");
const fonts = [
  ["noto-sans", "400Regular", "NotoSans_400Regular.ttf"],
  ["noto-sans", "700Bold", "NotoSans_700Bold.ttf"],
  ["noto-sans-arabic", "400Regular", "NotoSansArabic_400Regular.ttf"],
  ["noto-sans-arabic", "700Bold", "NotoSansArabic_700Bold.ttf"],
  ["noto-sans-ethiopic", "400Regular", "NotoSansEthiopic_400Regular.ttf"],
  ["noto-sans-ethiopic", "700Bold", "NotoSansEthiopic_700Bold.ttf"],
  ["noto-sans-math", "400Regular", "NotoSansMath_400Regular.ttf"], // ≤, ≥, →
];

const { resolve } = createRequire(import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, weight, file] of fonts) {
  const home = dirname(resolve(`@expo-google-fonts/${name}/package.json`));
  copyFileSync(join(home, weight, file), join(folder, file));
}
