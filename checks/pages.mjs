// One page in a real browser: what it asks for, what it says on the console, and how it looks and behaves.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { colours } from "./browser.mjs";
import { stops } from "./keyboard.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const NARROW = [320, 360];
const AXE_WIDTHS = { light: 1280, dark: 360 };

export async function measure(browser, base, path) {
  const page = await browser.newPage();
  try {
    const seen = await watch(page, base);
    await page.setViewport({ width: 360, height: 740 });
    const response = await page.goto(base + path, { waitUntil: "load" });
    await scrolledThrough(page);
    return {
      status: response.status(),
      scripts: await page.evaluate(scripts),
      sideways: await sideways(page),
      axe: { light: await axe(page, "light"), dark: await axe(page, "dark") },
      stops: await stops(page),
      ...seen(),
    };
  } finally {
    await page.close();
  }
}

// Requests, bytes on the wire and console, from now on; a request to another origin is noted and refused.
async function watch(page, base) {
  const foreign = [], said = [], types = new Map();
  let bytes = 0, scriptBytes = 0;
  const wire = await page.createCDPSession();
  await wire.send("Network.enable");
  await page.setCacheEnabled(false);
  await page.setRequestInterception(true);
  wire.on("Network.responseReceived", (event) => types.set(event.requestId, event.type));
  wire.on("Network.loadingFinished", (event) => {
    bytes += event.encodedDataLength;
    if (types.get(event.requestId) === "Script") scriptBytes += event.encodedDataLength;
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    const own = url.protocol === "data:" || url.origin === new URL(base).origin;
    if (!own) foreign.push(request.url());
    own ? request.continue() : request.abort();
  });
  page.on("console", (message) => {
    if (["error", "warn", "warning"].includes(message.type())) said.push(message.text());
  });
  page.on("pageerror", (error) => said.push(String(error)));
  return () => ({ foreign, console: said, bytes, scriptBytes });
}

// Lazy images count too: a reader who reads to the end gets them all.
async function scrolledThrough(page) {
  await page.evaluate(async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
      scrollTo(0, y);
      await new Promise(requestAnimationFrame);
    }
    await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
    scrollTo(0, 0);
  });
  await page.waitForNetworkIdle({ idleTime: 100 });
}

// What would run if scripts were allowed. A data block (JSON-LD) is not one.
function scripts() {
  const javascript = (type) => !type || type === "module" || /(java|ecma)script/.test(type);
  const found = [...document.querySelectorAll("script")].filter((element) => javascript(element.type));
  const handlers = [...document.querySelectorAll("*")].filter((element) =>
    [...element.attributes].some((attribute) => attribute.name.startsWith("on") || /^\s*javascript:/i.test(attribute.value)),
  );
  return [...found, ...handlers].map((element) => element.outerHTML.slice(0, 120));
}

async function sideways(page) {
  const found = [];
  for (const width of NARROW) {
    await page.setViewport({ width, height: 740 });
    const wide = await page.evaluate(() => {
      const root = document.documentElement;
      if (root.scrollWidth <= root.clientWidth) return [];
      const sticking = [...document.body.querySelectorAll("*")].filter(
        (element) => element.getBoundingClientRect().right > root.clientWidth + 0.5,
      );
      return sticking.map((element) => element.outerHTML.slice(0, 100)).slice(0, 3).concat(`${root.scrollWidth} px`);
    });
    if (wide.length) found.push(`at ${width} px: ${wide.join(" | ")}`);
  }
  return found;
}

// Every default rule of axe. Not through a script element: the page's own policy stays in force.
async function axe(page, scheme) {
  await page.setViewport({ width: AXE_WIDTHS[scheme], height: 900 });
  await colours(page, scheme);
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations", "passes"] }));
  if (!passes.length) throw new Error("axe judged nothing");
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.html.slice(0, 160)}`));
}
