// Opens a page of a running preview, saves files, and tells what the reader of the page saw, and when.
import { writeFileSync } from "node:fs";
import { launch, told } from "./browser.mjs";

const { address, saves } = await told();
const browser = await launch();
const seen = [];
try {
  const page = await browser.newPage();
  await page.goto(address, { waitUntil: "load" });
  for (const { file, text, expect } of saves) {
    const began = performance.now();
    writeFileSync(file, text);
    await page.waitForFunction(
      (words) => document.readyState === "complete" && document.body.innerText.includes(words),
      { polling: 5, timeout: 60000 },
      expect,
    );
    const milliseconds = performance.now() - began;
    await page.waitForFunction(() => [...document.styleSheets].length === document.querySelectorAll("link[rel=stylesheet]").length);
    seen.push({
      milliseconds,
      troubles: await page.$eval("#_troubles", (box) => box.innerText).catch(() => ""),
      colour: await page.$eval("#_troubles", (box) => getComputedStyle(box).backgroundColor).catch(() => ""),
    });
  }
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(seen));
