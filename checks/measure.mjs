// Told {base, pages, lighthouse, tries}, measures each page and prints one JSON document.
import { launch, told } from "./browser.mjs";
import { scores } from "./lighthouse.mjs";
import { measure } from "./pages.mjs";

const { base, pages, lighthouse, tries } = await told();
const browser = await launch();
try {
  const found = { version: await browser.version(), lighthouse: {}, pages: {} };
  // First and alone: its figures are times.
  for (const path of lighthouse) found.lighthouse[path] = await scores(browser, base + path, tries);
  for (const path of pages) found.pages[path] = await measure(browser, base, path);
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
}
