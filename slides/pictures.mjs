// pictures.mjs PICTURE.svg...: opens each picture alone in headless Chromium, on a light page and on a dark one.
// Fails when a picture is of one colour, when its paper is not light or dark as the page is, when nothing on it stands out,
// and when text is cut off or lies over other text.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./browser.mjs";

const pictures = process.argv.slice(2);
const complaints = [];
const browser = await launch();

try {
  const page = await browser.newPage();
  const counter = await browser.newPage();
  for (const picture of pictures)
    for (const scheme of ["light", "dark"]) {
      await page.bringToFront();
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(pathToFileURL(resolve(picture)).href);
      await page.setViewport(await page.evaluate(size));
      const found = await page.evaluate(readable);
      const { colours, paper, contrast } = await counter.evaluate(painted, await page.screenshot({ encoding: "base64" }));
      if (colours < 3) found.push(`it has ${colours} colours only`);
      if (scheme === "light" ? paper < 0.8 : paper > 0.1) found.push(`its paper has a luminance of ${paper.toFixed(2)}`);
      if (contrast < 7) found.push(`what stands out most has a contrast of ${contrast.toFixed(1)}:1`);
      complaints.push(...found.map((text) => `${picture}, ${scheme}: ${text}`));
    }
  if (pictures.length === 0) complaints.push("no picture");
  console.log(`${pictures.length} pictures looked at, light and dark, ${complaints.length} complaints`);
} finally {
  await browser.close();
}
for (const complaint of complaints) console.error(complaint);
process.exit(complaints.length === 0 ? 0 : 1);

// Runs in the page of the picture.
function size() {
  const svg = document.documentElement;
  return { width: Number(svg.getAttribute("width") ?? svg.viewBox.baseVal.width), height: Number(svg.getAttribute("height") ?? svg.viewBox.baseVal.height) };
}

// Runs there too.
function readable() {
  const complaints = [];
  const frame = document.documentElement.getBoundingClientRect();
  const pieces = [...document.querySelectorAll("text")].map((element) => ({ text: element.textContent, box: element.getBoundingClientRect() })).filter(({ box }) => box.width > 0);
  for (const { text, box } of pieces)
    if (box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom + 2) complaints.push(`"${text}" is cut off`);
  // Boxes of text are as high as a line; a fifth of that on each side is empty.
  const inner = ({ left, right, top, bottom, height }) => ({ left: left + 1, right: right - 1, top: top + height * 0.2, bottom: bottom - height * 0.2 });
  for (let i = 0; i < pieces.length; i++)
    for (let k = i + 1; k < pieces.length; k++) {
      const a = inner(pieces[i].box), b = inner(pieces[k].box);
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) complaints.push(`"${pieces[i].text}" lies over "${pieces[k].text}"`);
    }
  return complaints;
}

// Runs in another page, with a screenshot. A colour counts when it fills a line of ten pixels somewhere, across or down: what lies
// between two colours, at their border, does not.
async function painted(base64) {
  const image = new Image();
  image.src = `data:image/png;base64,${base64}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer);
  const lines = new Map();
  const down = new Uint32Array(image.width).fill(1);
  for (let i = 1, across = 1; i < pixels.length; i++) {
    across = pixels[i] === pixels[i - 1] ? across + 1 : 1;
    down[i % image.width] = pixels[i] === pixels[i - image.width] ? down[i % image.width] + 1 : 1;
    if (across >= 10 || down[i % image.width] >= 10) lines.set(pixels[i], (lines.get(pixels[i]) ?? 0) + 1);
  }
  // Relative luminance, as WCAG defines it.
  const light = (pixel) => {
    const [r, g, b] = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [most] = [...lines].sort((a, b) => b[1] - a[1])[0] ?? [pixels[0]];
  const paper = light(most);
  const contrast = Math.max(0, ...[...lines.keys()].map((pixel) => (Math.max(light(pixel), paper) + 0.05) / (Math.min(light(pixel), paper) + 0.05)));
  return { colours: lines.size, paper, contrast };
}
