// The page for people without a mouse, with a screen reader, on a phone, at night.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { counts, download, open, outcome, root } from "./page.mjs";

test("everything works from the keyboard", async (t) => {
  const { page } = await open(t);
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.dataset.file);
  const order = [];
  for (let i = 0; i < 4; i++) {
    await page.keyboard.press("Tab");
    order.push(await focused());
  }
  assert.deepEqual(order.slice(0, 3), ["file", "sample", "paste"]);
  await page.focus("#paste");
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "text");
  await page.keyboard.insertText(readFileSync(join(root, "www/sample.ndjson"), "utf8").split("\n")[1]);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await outcome(page);
  assert.equal((await counts(page)).records, 1);
  assert.equal(await focused(), "results-heading");
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "accepted.ndjson");
  const [saved] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  assert.equal(saved.suggestedFilename(), "accepted.ndjson");
});

test("the focus is visible, on the hidden file input too", async (t) => {
  const { page } = await open(t);
  const outline = (selector) => page.$eval(selector, (element) => getComputedStyle(element).outlineStyle);
  assert.equal(await outline("#drop"), "none");
  await page.keyboard.press("Tab");
  assert.equal(await outline("#drop"), "solid");
});

/** What has no name for a screen reader, of all that needs one: controls, pictures, tables. */
async function nameless(context, page) {
  const session = await context.newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const roles = new Set([
    "button",
    "textbox",
    "image",
    "img",
    "table",
    "progressbar",
    "link",
    "region",
    "DisclosureTriangle",
  ]);
  return nodes
    .filter(({ role, ignored, name }) => !ignored && roles.has(role?.value) && !name?.value)
    .map(({ role, description }) => `${role.value} ${description?.value ?? ""}`);
}

test("every control, picture and table has a name", async (t) => {
  const { page, context } = await open(t);
  await page.locator("#options").evaluate((options) => (options.open = true));
  await page.click("#paste");
  await page.click("#sample");
  await outcome(page);
  assert.deepEqual(await nameless(context, page), []);
  const picture = page.locator('#review svg[aria-label^="Scored records by score"]');
  assert.match(await picture.getAttribute("aria-label"), /; flagged above 0\.\d{3}$/);
  const levels = await page.$$eval("h1, h2, h3", (all) => all.map(({ tagName }) => Number(tagName[1])));
  assert.ok(
    levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1),
    `headings jump: ${levels}`,
  );

  const report = await context.newPage();
  await report.setContent(await download(page, "report.html"));
  assert.deepEqual(await nameless(context, report), []);
});

test("what happens is announced", async (t) => {
  const { page } = await open(t);
  await page.click("#sample");
  await outcome(page);
  assert.match(
    await page.textContent("[aria-live=polite]"),
    /^Done: 40 records, \d+ accepted, \d+ rejected, \d+ flagged\.$/,
  );
});

for (const colorScheme of ["light", "dark"]) {
  test(`text stands out from its ground in the ${colorScheme} colours (WCAG 2.2, 1.4.3)`, async (t) => {
    const { page } = await open(t, { colorScheme });
    const names = ["--text", "--quiet", "--accent", "--page", "--card", "--bad-soft", "--accent-soft"];
    const values = await page.evaluate(
      (names) => names.map((name) => getComputedStyle(document.body).getPropertyValue(name).trim()),
      names,
    );
    const colour = Object.fromEntries(names.map((name, index) => [name, luminance(values[index])]));
    for (const [text, ground] of [
      ["--text", "--page"],
      ["--text", "--card"],
      ["--text", "--bad-soft"],
      ["--quiet", "--page"],
      ["--quiet", "--card"],
      ["--quiet", "--accent-soft"],
      ["--accent", "--card"],
      ["--accent", "--accent-soft"],
    ]) {
      const [low, high] = [colour[text], colour[ground]].sort((a, b) => a - b);
      const ratio = (high + 0.05) / (low + 0.05);
      assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
    }
  });
}

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test("on a phone nothing is wider than the screen, and nothing moves for those who asked for that", async (t) => {
  const { page } = await open(t, { viewport: { width: 360, height: 740 }, reducedMotion: "reduce" });
  await page.click("#sample");
  await outcome(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  const moving = await page.$$eval(
    "*",
    (all) => all.filter((element) => !/^0s(, 0s)*$/.test(getComputedStyle(element).transitionDuration)).length,
  );
  assert.equal(moving, 0);
});
