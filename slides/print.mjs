// print.mjs PAGE.html OUT.pdf PAPER: prints a page with headless Chromium, light, with bookmarks. Where it has contents
// (nav), each of their links and each link to an answer gets the number of its page, and the pages have numbers at their foot.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { PDFArray, PDFDict, PDFDocument, PDFName } from "pdf-lib";
import { launch } from "./browser.mjs";

const [source, out, format] = process.argv.slice(2);
const browser = await launch();

try {
  const page = await browser.newPage();
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await page.goto(pathToFileURL(resolve(source)).href);
  const title = await page.title();
  const numbered = (await page.$("nav")) !== null;
  const foot = `<div style="width: 100%; margin: 0 18mm; display: flex; justify-content: space-between; font: 8pt 'DejaVu Sans', sans-serif; color: #59636e">
    <span>${title}</span><span class="pageNumber"></span></div>`;
  const print = () => page.pdf({
    format, printBackground: true, outline: true, tagged: true, timeout: 300000,
    preferCSSPageSize: false, displayHeaderFooter: numbered, headerTemplate: "<span></span>", footerTemplate: foot,
    margin: numbered ? { top: "18mm", bottom: "20mm", left: "18mm", right: "18mm" } : { top: "8mm", bottom: "8mm", left: "8mm", right: "8mm" },
  });
  let bytes = await print();
  if (numbered) {
    await page.evaluate((pages) => {
      for (const link of document.querySelectorAll("nav a, a.answer")) link.dataset.page = pages[decodeURIComponent(link.hash.slice(1))] ?? "";
    }, await pagesOfAnchors(bytes));
    bytes = await print();
  }
  writeFileSync(out, bytes);
} finally {
  await browser.close();
}

// On which page each anchor is that something in the document leads to.
async function pagesOfAnchors(bytes) {
  const document = await PDFDocument.load(bytes);
  const pages = document.getPages().map((one) => one.ref);
  const anchors = document.catalog.lookup(PDFName.of("Dests"), PDFDict);
  return Object.fromEntries(anchors.keys().map((name) => [name.decodeText(), pages.indexOf(anchors.lookup(name, PDFArray).get(0)) + 1]));
}
