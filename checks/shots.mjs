// Told {base, pages, out}, takes a picture of every page at three widths, light and dark: OUT/NAME-WIDTH-SCHEME.png.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { colours, launch, told } from "./browser.mjs";

const { base, pages, out } = await told();
mkdirSync(out, { recursive: true });
const browser = await launch();
try {
  const page = await browser.newPage();
  for (const scheme of ["light", "dark"]) {
    await colours(page, scheme);
    for (const width of [360, 768, 1440]) {
      await page.setViewport({ width, height: 900, deviceScaleFactor: width < 400 ? 2 : 1 });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(base + path, { waitUntil: "load" });
        await page.screenshot({ path: join(out, `${name}-${width}-${scheme}.png`), fullPage: true });
      }
    }
  }
} finally {
  await browser.close();
}
