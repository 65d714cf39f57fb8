// book.mjs [-p FOLDER] BOOK.html: opens the book in headless Chromium, on a screen (1280x800) and on a phone (390x844), light and dark.
// Fails when a link leads nowhere, a picture is not drawn or has no text alternative, headings do not nest, a cell is empty, something
// is wider than the window, is hard to read (WCAG 2.2, 1.4.3), or a request leaves the file. With -p it puts pictures into FOLDER.
// book.mjs -t TEXT WIDTH PRINT.html: the page that was printed, on paper of this width, in CSS pixels: fails when it does not fit, or when
// a line of code is not in TEXT, which is that of the PDF.
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./browser.mjs";

const given = process.argv.slice(2);
const folder = given[0] === "-p" ? given.splice(0, 2)[1] : "";
const [printed, width] = given[0] === "-t" ? given.splice(0, 3).slice(1) : [];
const file = resolve(given[0]);
const url = pathToFileURL(file).href;
const complaints = [];
const browser = await launch();

try {
  const page = await browser.newPage();
  page.on("request", (request) => {
    if (!request.url().startsWith("data:") && request.url().split("#")[0] !== url) complaints.push(`a request leaves the file: ${request.url()}`);
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  if (printed) await onPaper(page);
  else await onScreens(page);
} finally {
  await browser.close();
}
console.log(`${file}: looked at, ${complaints.length} complaints`);
for (const complaint of complaints.slice(0, 99)) console.error(complaint);
process.exit(complaints.length === 0 ? 0 : 1);

async function onScreens(page) {
  for (const [width, height, scheme] of [[1280, 800, "light"], [1280, 800, "dark"], [390, 844, "light"], [390, 844, "dark"]]) {
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(url);
    const complain = (text) => complaints.push(`${width} ${scheme}: ${text}`);
    (await page.evaluate(contentsFold)).forEach(complain);
    if (width === 1280 && scheme === "light") {
      (await page.evaluate(parts)).forEach(complain);
      (await page.evaluate(pictures)).forEach(complain);
      for (const path of await page.evaluate(filesLinked)) if (!existsSync(resolve(dirname(file), path))) complain(`a link leads to ${path}, which is not there`);
    }
    await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => (one.open = true)));
    (await page.evaluate(fits)).forEach(complain);
    (await page.evaluate(readable)).forEach(complain);
    if (folder) await shots(page, `${folder}/${width}-${scheme}`);
  }
}

async function onPaper(page) {
  await page.emulateMediaType("print");
  await page.setViewport({ width: Math.floor(Number(width)), height: 900 });
  await page.goto(url);
  complaints.push(...(await page.evaluate(fits)));
  const squeezed = (text) => text.replace(/\s+/g, "");
  const text = squeezed(readFileSync(printed, "utf8"));
  for (const line of await page.$$eval("pre", (all) => all.flatMap((pre) => pre.textContent.split("\n"))))
    if (!text.includes(squeezed(line))) complaints.push(`not on paper as it stands: ${line}`);
}

async function shots(page, name) {
  const chapters = await page.$$eval("main > section", (all) => all.map((one) => one.id));
  for (const id of chapters) {
    await page.evaluate((there) => document.getElementById(there).scrollIntoView(), id);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.screenshot({ path: `${name}-${id}.png` });
  }
}

// ---- these run in the page ----

function contentsFold() {
  const complaints = [];
  const folded = document.querySelector("nav details"), nav = document.querySelector("nav").getBoundingClientRect(), main = document.querySelector("main").getBoundingClientRect();
  if (innerWidth < 900) {
    if (folded.open || nav.bottom > main.top + 1) complaints.push("the contents are not folded above the text");
    folded.open = true;
  } else if (!folded.open || nav.right > main.left) complaints.push("the contents are not open beside the text");
  if (!document.querySelectorAll("nav a").length) complaints.push("no contents");
  return complaints;
}

// Links inside the file, headings, cells, what is folded.
function parts() {
  const complaints = [];
  const quote = (element) => `"${element.textContent.trim().replace(/\s+/g, " ").slice(0, 60)}"`;
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) complaints.push(`two elements are called ${id}`);
  for (const a of document.querySelectorAll("a:not([aria-hidden])")) {
    const href = a.getAttribute("href");
    if (!href) complaints.push(`${quote(a)} is a link without a goal`);
    else if (href[0] === "#" && !ids.includes(decodeURIComponent(href.slice(1)))) complaints.push(`${quote(a)} leads to ${href}, which is not there`);
    else if (/^[a-z]+:/.test(href) && !href.startsWith("https://")) complaints.push(`${quote(a)} leads to ${href}`);
    if (!quote(a).slice(1, -1)) complaints.push(`a link to ${href} has no text`);
  }
  let before = 0;
  for (const heading of document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")) {
    const level = Number(heading.tagName[1]);
    if (level > before + 1) complaints.push(`${quote(heading)} is a heading of level ${level} below one of level ${before}`);
    before = level;
  }
  if (before === 0) complaints.push("no heading");
  for (const cell of document.querySelectorAll("td, th")) if (!cell.textContent.trim()) complaints.push(`a cell is empty beside ${quote(cell.parentElement)}`);
  for (const one of document.querySelectorAll("main details"))
    if (one.firstElementChild?.tagName !== "SUMMARY" || one.children.length < 2) complaints.push(`nothing is folded: ${quote(one)}`);
  if (document.querySelector("main").textContent.includes("<!--")) complaints.push("a comment of a page shows");
  return complaints;
}

function filesLinked() {
  return [...document.querySelectorAll("a")].map((a) => a.getAttribute("href") || "").filter((href) => href && !/^(#|[a-z]+:)/.test(href)).map((href) => href.split("#")[0]);
}

// Each has an alternative, and something is painted: at least three colours.
async function pictures() {
  const complaints = [];
  for (const image of document.querySelectorAll("img")) {
    const name = image.alt.slice(0, 60);
    if (!image.alt.trim()) complaints.push("a picture has no text alternative");
    await image.decode().catch(() => complaints.push(`a picture cannot be read: ${name}`));
    if (!image.naturalWidth) continue;
    const canvas = new OffscreenCanvas(image.naturalWidth, Math.min(image.naturalHeight, 400)).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const colours = new Set(new Uint32Array(canvas.getImageData(0, 0, canvas.canvas.width, canvas.canvas.height).data.buffer));
    if (colours.size < 3) complaints.push(`a picture has ${colours.size} colours only: ${name}`);
    if (image.getBoundingClientRect().height < 50) complaints.push(`a picture is not seen: ${name}`);
  }
  if (!document.querySelector("img")) complaints.push("no picture");
  return complaints;
}

// Nothing is wider than the window, or than the box that it is in; a box that scrolls may have more than it shows.
function fits() {
  const complaints = [];
  const right = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth > right) complaints.push(`the page is ${document.scrollingElement.scrollWidth} wide, and the window ${right}`);
  for (const element of document.querySelectorAll("body *")) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.right <= right + 1 && box.left >= -1) continue;
    let around = element.parentElement;
    while (around && !/auto|scroll/.test(getComputedStyle(around).overflowX)) around = around.parentElement;
    if (!around) complaints.push(`${element.tagName} "${element.textContent.trim().slice(0, 50)}" leaves the window`);
  }
  return complaints;
}

// Each kind of text, on what lies under it.
function readable() {
  const complaints = [], kinds = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.getClientRects().length || element.closest("script, style")) continue;
    let ground = element;
    while (ground !== document.documentElement && /, 0\)$|transparent/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
    const { color, fontSize } = getComputedStyle(element), { backgroundColor } = getComputedStyle(ground);
    const kind = `${color} on ${backgroundColor}, ${fontSize}`;
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    const a = light(color), b = light(backgroundColor), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) complaints.push(`"${node.data.trim().slice(0, 40)}" has a contrast of ${ratio.toFixed(1)}:1`);
    if (parseFloat(fontSize) < 12) complaints.push(`"${node.data.trim().slice(0, 40)}" is ${fontSize} high`);
  }
  return complaints;

  // Relative luminance, as WCAG defines it.
  function light(colour) {
    const [r, g, b] = colour.match(/[\d.]+/g).map(Number).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
}
