// Where Tab leads, from the top of the page to its end.

const MOST = 2000;

export async function stops(page) {
  await page.setViewport({ width: 1280, height: 900 });
  await page.evaluate(() => {
    scrollTo(0, 0);
    globalThis.met = new Set();
  });
  const found = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(here);
    if (!stop) return found;
    found.push(stop);
    if (found.length > MOST) throw new Error("Tab never leaves the page");
  }
}

// Null at the end: the focus left the document, or came round.
function here() {
  const element = document.activeElement;
  if (!element || element === document.body || globalThis.met.has(element)) return null;
  globalThis.met.add(element);
  const style = getComputedStyle(element);
  const clear = (colour) => /^rgba\(.*, 0\)$|^transparent$/.test(colour);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 && !clear(style.outlineColor);
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const inside = x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight;
  return {
    html: element.cloneNode(false).outerHTML.slice(0, 120),
    href: element.getAttribute("href") ?? "",
    outlined,
    shown: inside && box.width > 1 && box.height > 1 && element.contains(document.elementFromPoint(x, y)),
  };
}
