// Lighthouse's four scores of a page, as a phone sees it (its default: a slow phone on slow 4G, simulated).
import lighthouse from "lighthouse";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

// A busy machine costs points of performance, so a page may try again for those; its best run counts.
export async function scores(browser, url, tries) {
  const runs = [];
  while (runs.length < tries && !runs.some((run) => run.scores.performance === 100)) runs.push(await one(browser, url));
  return runs;
}

async function one(browser, url) {
  const port = Number(new URL(browser.wsEndpoint()).port);
  const { lhr } = await lighthouse(url, { port, logLevel: "error", onlyCategories: CATEGORIES });
  if (lhr.runtimeError) throw new Error(`Lighthouse of ${url}: ${lhr.runtimeError.message}`);
  return {
    scores: Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(lhr.categories[name].score * 100)])),
    faults: CATEGORIES.flatMap((name) => faults(lhr, name)),
  };
}

function faults(lhr, category) {
  return lhr.categories[category].auditRefs
    .filter((ref) => ref.weight > 0)
    .map((ref) => lhr.audits[ref.id])
    .filter((audit) => audit.score !== null && audit.score < 1)
    .map((audit) => `${category}: ${audit.id}: ${audit.explanation || audit.displayValue || audit.title} ${nodes(audit)}`.trim());
}

const nodes = (audit) =>
  (audit.details?.items ?? [])
    .map((item) => item.node?.snippet ?? item.url ?? item.source ?? "")
    .slice(0, 3)
    .join(" ");
