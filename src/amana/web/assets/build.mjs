// Bundles the pages' styles and scripts into static/built. Everything comes from node_modules; nothing from a CDN.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static", "built");
const icons = readFileSync(join(here, "icons.txt"), "utf8").trim().split("\n");

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

await build({
  entryPoints: {
    theme: join(here, "theme.js"),
    app: join(here, "app.js"),
    "app-ltr": join(here, "app-ltr.css"),
    "app-rtl": join(here, "app-rtl.css"),
  },
  outdir: out,
  bundle: true,
  minify: true,
  target: ["es2020"],
  loader: { ".woff2": "file" },
  assetNames: "fonts/[name]-[hash]",
  logLevel: "warning",
});

// The letter of transmission is set in these; what a page shows is woff2 and comes with the styles.
mkdirSync(join(out, "fonts"), { recursive: true });
const faces = [["noto-sans", "NotoSans"], ["vazirmatn", "Vazirmatn"], ["noto-sans-arabic", "NotoSansArabic"]];
for (const [folder, name] of faces) {
  for (const weight of ["400Regular", "700Bold"]) {
    const file = `${name}_${weight}.ttf`;
    copyFileSync(join("node_modules", "@expo-google-fonts", folder, weight, file), join(out, "fonts", file));
  }
}

const symbols = icons.map((name) => {
  const svg = readFileSync(join("node_modules", "@tabler", "icons", "icons", "outline", `${name}.svg`), "utf8");
  const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
});
writeFileSync(join(out, "sprite.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);

// The people's door serves these beside the plain files to whoever accepts them.
for (const name of readdirSync(out).filter((one) => /\.(js|css|svg)$/.test(one))) {
  const plain = readFileSync(join(out, name));
  writeFileSync(join(out, `${name}.gz`), gzipSync(plain, { level: 9 }));
  writeFileSync(join(out, `${name}.br`), brotliCompressSync(plain));
}
