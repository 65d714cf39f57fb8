// check.mjs NAME [FOLDER]: opens the built deck, NAME.html, in headless Chromium and looks at every slide.
// Fails when something overflows or overlaps or comes near the foot, when text has a contrast below 4.5:1 (WCAG 2.2, 1.4.3), when type
// is smaller than 18 px, when a cell, a figure, or the lower third of a slide is empty, when a figure has no text alternative, when a
// request leaves the file, or when a PDF has another number of pages, or notes where it should not. With FOLDER it also writes a
// picture of each slide there.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { PDFDocument } from "pdf-lib";
import { launch } from "./browser.mjs";

const [name, folder] = process.argv.slice(2);
const page_of = pathToFileURL(resolve(`${name}.html`)).href;
const complaints = [];
const browser = await launch();

try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 720 });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith("data:") && url.split("#")[0] !== page_of) complaints.push(`a request leaves the file: ${url}`);
  });
  await page.goto(page_of);
  const slides = await page.$$eval("section", (sections) => sections.length);

  for (let slide = 1; slide <= slides; slide++) {
    await page.goto(`${page_of}#${slide}`);
    // All at once, also what comes click by click.
    await page.addStyleTag({ content: "[data-marpit-fragment] { visibility: visible !important; } .bespoke-marp-osc { display: none !important; }" });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const found = await page.evaluate(look, slide);
    complaints.push(...found.map((text) => `slide ${slide}: ${text}`));
    if (folder) await page.screenshot({ path: `${folder}/${String(slide).padStart(2, "0")}.png` });
  }

  for (const [pdf, notes] of [[`${name}.pdf`, 0], [`${name}-notes.pdf`, slides]]) {
    const pages = (await PDFDocument.load(readFileSync(pdf))).getPages();
    if (pages.length !== slides) complaints.push(`${pdf} has ${pages.length} pages, and the deck ${slides} slides`);
    const noted = pages.filter(({ node }) => node.Annots()?.asArray().some((one) => `${node.context.lookup(one)}`.includes("/Subtype /Text"))).length;
    if (noted !== notes) complaints.push(`${pdf} has notes on ${noted} pages, not on ${notes}`);
  }
  if (slides === 0) complaints.push("no slide");
  console.log(`${slides} slides looked at, ${complaints.length} complaints`);
} finally {
  await browser.close();
}
for (const complaint of complaints) console.error(complaint);
process.exit(complaints.length === 0 ? 0 : 1);

// Runs in the page.
function look(number) {
  const section = [...document.querySelectorAll("section")][number - 1];
  const frame = section.getBoundingClientRect();
  const scale = frame.width / 1280; // Marp fits the slide to the window
  const complaints = [];
  const quote = (text) => `"${text.trim().replace(/\s+/g, " ").slice(0, 50)}"`;
  const near = 1.5;

  // Every piece of text with the box of its glyphs.
  const pieces = [];
  const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.data.trim() === "" || node.parentElement.closest("style, script, title")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width > 0) pieces.push({ text: node.data, element: node.parentElement, box });
  }

  for (const element of section.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (box.width > 0 && (box.left < frame.left - near || box.right > frame.right + near || box.top < frame.top - near || box.bottom > frame.bottom + near))
      complaints.push(`${element.tagName} is not all on the slide`);
  }
  for (const { text, element, box } of pieces) {
    if (box.left < frame.left - near || box.right > frame.right + near || box.top < frame.top - near || box.bottom > frame.bottom + near)
      complaints.push(`${quote(text)} is not all on the slide`);
    const block = element.closest("pre, td, th, li, p, h1, h2, figure");
    if (block) {
      const around = block.getBoundingClientRect();
      if (box.right > around.right + near || box.left < around.left - near || box.bottom > around.bottom + 6 || box.top < around.top - 6)
        complaints.push(`${quote(text)} leaves its ${block.tagName.toLowerCase()}`);
    }
    const height = parseFloat(getComputedStyle(element).fontSize) * (element.closest("figure svg") ? element.getScreenCTM().a : scale) / scale;
    if (height < 17.5) complaints.push(`${quote(text)} is ${height.toFixed(1)} px high`);
    const ratio = contrast(element, box);
    if (ratio < 4.5) complaints.push(`${quote(text)} has a contrast of ${ratio.toFixed(1)}:1`);
  }

  // Glyph boxes are as high as a line; a fifth of that on each side is empty.
  const inner = (box) => ({ left: box.left + 1, right: box.right - 1, top: box.top + box.height * 0.2, bottom: box.bottom - box.height * 0.2 });
  for (let i = 0; i < pieces.length; i++)
    for (let k = i + 1; k < pieces.length; k++) {
      const a = inner(pieces[i].box), b = inner(pieces[k].box);
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
        complaints.push(`${quote(pieces[i].text)} lies over ${quote(pieces[k].text)}`);
    }

  // The parts of a slide stand one below the other; text in a figure's box stays inside it.
  const blocks = [...section.children].filter((block) => !["STYLE", "HEADER", "FOOTER"].includes(block.tagName) && block.getBoundingClientRect().height > 0);
  for (let i = 1; i < blocks.length; i++)
    if (blocks[i].getBoundingClientRect().top < blocks[i - 1].getBoundingClientRect().bottom - near)
      complaints.push(`${blocks[i].tagName} overlaps ${blocks[i - 1].tagName}`);
  for (const block of blocks)
    if (block.getBoundingClientRect().bottom > frame.bottom - 46 * scale) complaints.push(`${block.tagName} touches the foot`);
  // Of a figure counts what is drawn: the box of its text and shapes, but not the ground.
  const drawn = [...section.querySelectorAll("td, pre, svg rect:not([width='100%']), svg path, svg circle")].map((shape) => shape.getBoundingClientRect());
  const lowest = Math.max(...[...drawn, ...pieces.filter(({ element }) => !element.closest("header")).map(({ box }) => box)].map((box) => box.bottom));
  if (!section.classList.contains("title") && lowest < frame.top + frame.height * 2 / 3) complaints.push("the lower third is empty");
  for (const { text, element, box } of pieces) {
    if (!element.closest("figure svg")) continue;
    for (const shape of element.closest("svg").querySelectorAll("rect")) {
      const around = shape.getBoundingClientRect();
      const inside = box.left >= around.left && box.right <= around.right;
      const apart = box.right <= around.left || box.left >= around.right || box.bottom - box.height * 0.2 <= around.top || box.top + box.height * 0.2 >= around.bottom;
      if (!inside && !apart) complaints.push(`${quote(text)} crosses the border of a box`);
    }
  }

  // No line of a figure goes through its text.
  for (const line of section.querySelectorAll("svg path, svg circle")) {
    if (getComputedStyle(line).stroke === "none" && line.tagName === "path") continue;
    const matrix = line.getScreenCTM(), length = line.getTotalLength();
    for (const { text, element, box } of pieces) {
      if (element.closest("svg") !== line.closest("svg")) continue;
      const a = inner(box);
      for (let way = 0; way <= length; way += 4) {
        const point = line.getPointAtLength(way).matrixTransform(matrix);
        if (point.x > a.left && point.x < a.right && point.y > a.top && point.y < a.bottom) {
          complaints.push(`a line goes through ${quote(text)}`);
          break;
        }
      }
    }
  }

  for (const figure of section.querySelectorAll("figure svg, img"))
    if (!(figure.getAttribute("aria-label") || figure.getAttribute("alt"))) complaints.push("a figure has no text alternative");
  for (const cell of section.querySelectorAll("td, th")) if (cell.textContent.trim() === "") complaints.push("a cell is empty");
  for (const figure of section.querySelectorAll("figure")) if (!figure.querySelector("svg text")) complaints.push("a figure is empty");
  return complaints;

  function contrast(element, box) {
    const style = getComputedStyle(element);
    const ink = element.closest("figure svg") ? style.fill : style.color;
    const a = light(ink), b = light(ground(element, box));
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  // What lies under the middle of the text.
  function ground(element, box) {
    for (const below of document.elementsFromPoint(box.left + box.width / 2, box.top + box.height / 2)) {
      if (below === element || below.tagName === "text" || below.tagName === "path") continue;
      const style = getComputedStyle(below);
      const colour = below instanceof SVGGeometryElement ? style.fill : style.backgroundColor;
      if (colour !== "none" && !/, 0\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  }

  // Relative luminance, as WCAG defines it.
  function light(colour) {
    const [r, g, b] = colour.match(/[\d.]+/g).map(Number).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
}
