// replay.mjs [-p FOLDER] FILE...: opens each page of `make replay` in headless Chromium and goes through all of its steps by
// keyboard, on a projector (1280x720) and on a phone (390x844), light and dark. Fails when a step's text is not that of the
// drawing, the lit line lacks the name of the call, a question is not asked, something overlaps, is cut or is hard to read (WCAG 2.2,
// 1.4.3), or a request leaves the file. With -p it puts pictures of some steps into FOLDER.
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./browser.mjs";

const files = process.argv.slice(2);
const folder = files[0] === "-p" ? files.splice(0, 2)[1] : "";
const complaints = [];
let steps = 0;
const browser = await launch();

try {
  for (const file of files) {
    const page = await browser.newPage();
    const url = pathToFileURL(resolve(file)).href;
    const name = basename(file, ".html");
    page.on("request", (request) => { if (request.url().split("#")[0] !== url) complaints.push(`${name}: a request leaves the file: ${request.url()}`); });
    page.on("pageerror", (error) => complaints.push(`${name}: ${error.message}`));
    page.on("console", (message) => complaints.push(`${name}: ${message.text()}`));
    for (const [width, height, scheme] of [[1280, 720, "light"], [390, 844, "light"], [1280, 720, "dark"]]) {
      await page.setViewport({ width, height });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(url);
      const complain = (text) => complaints.push(`${name}, ${width}x${height} ${scheme}, ${text}`);
      if (width === 1280 && scheme === "light") for (const check of [sameAsDrawing, sameAsSeen]) (await page.evaluate(check)).forEach(complain);
      // The dark colours stand in the same places: a look now and then is enough.
      const [walked, found] = await page.evaluate(`(${walk})(${look}, ${scheme === "light" ? 1 : 7})`);
      steps += walked;
      found.forEach(complain);
      for (let step = 0; folder && step <= walked; step += 5) await picture(page, step, `${name}-${width}-${scheme}-${step}`);
    }
    for (const text of await moves(page, url)) complaints.push(`${name}: ${text}`);
    await page.close();
  }
} finally {
  await browser.close();
}
console.log(`${files.length} pages, ${steps} steps looked at, ${complaints.length} complaints`);
for (const complaint of complaints) console.error(complaint);
process.exit(complaints.length === 0 && steps > 0 ? 0 : 1);

async function picture(page, step, name) {
  await page.evaluate((k) => show(k - 1, true), step); // the question before it, where there is one
  if (await page.evaluate("asking")) await page.screenshot({ path: `${folder}/${name}-question.png`, fullPage: name.includes("-390-") });
  await page.evaluate((k) => show(k), step);
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: name.includes("-390-") });
}

// The ways to a step other than one key: the address, a line of code, the slider, buttons; and paper.
async function moves(page, url) {
  const found = [];
  const at = () => page.evaluate("shown");
  const expect = (right, text) => { if (!right) found.push(text); };
  await page.goto(`${url}#3`);
  await page.reload();
  expect((await at()) === 3, "the address #3 does not lead to step 3");
  await page.evaluate("location.hash = '#2'");
  await page.waitForFunction("shown === 2", { timeout: 5000 }).catch(() => found.push("a new address is not followed"));
  await page.click("#first");
  await page.click("#next");
  if (await page.evaluate("asking")) await page.keyboard.press("Enter");
  expect((await at()) === 1 && (await page.evaluate("location.hash")) === "#1", "the buttons do not step, or the address does not hold the step");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  expect((await at()) === (await page.evaluate("steps.length - 1")), "End and the left arrow key do not lead to the last step but one");
  await page.evaluate("$('slider').value = 2; $('slider').dispatchEvent(new Event('input'))");
  expect((await at()) === 2, "the slider does not lead to its step");
  // Each line that made calls leads to all of them, one after the other.
  const [lines, lit] = await page.evaluate(() => {
    const wrong = [];
    const made = [...calls.entries()];
    for (const [where, numbers] of made) {
      show(numbers[0]);
      const [column, file, line] = where.split(" ").map(Number);
      for (const number of [...numbers.slice(1), numbers[0]]) {
        if (columns[column].file !== file) show(numbers[0] - 1);
        columns[column].items[line - 1].click();
        if (shown !== number) wrong.push(`a click on line ${line} of ${parties[columns[column].party]} leads to ${shown}, not to ${number}`);
      }
    }
    return [made.length, wrong];
  });
  found.push(...lit);
  if (lines) {
    await page.evaluate("show(0); document.querySelector('.source li[role]').focus()");
    await page.keyboard.press("Enter");
    expect((await at()) > 0, "Enter on a line of code does nothing");
  }
  await page.emulateMediaType("print");
  expect(await page.evaluate(() => {
    const seen = (element) => element.getClientRects().length > 0;
    return [...document.querySelectorAll("#list li")].filter(seen).length === steps.length && !seen(document.querySelector("main"));
  }), "on paper it is not a list of the steps");
  await page.emulateMediaType("screen");
  return found;
}

// Runs in the page: from the first step to the last by the right arrow key, which stops at a question once. Every so many steps it
// looks.
function walk(look, every) {
  const found = [];
  const key = (name) => document.dispatchEvent(new KeyboardEvent("keydown", { key: name }));
  const at = (number, asked) => found.push(...look(number, asked).map((text) => `step ${number}${asked ? ", the question" : ""}: ${text}`));
  key("End");
  key("Home");
  at(0);
  for (let step = 1; step <= steps.length; step++) {
    key("ArrowRight");
    if (steps[step - 1].q) {
      at(step - 1, true);
      key("ArrowRight");
    }
    if (step % every === 0) at(step);
  }
  if (shown !== steps.length) found.push("the last step is not reached");
  return [steps.length, found];
}

// Runs in the page: the texts of the steps, one after the other, are those of the drawing without its lifelines.
function sameAsDrawing() {
  const drawing = new DOMParser().parseFromString(document.querySelector("noscript").textContent, "text/html").body.textContent;
  const bare = (text) => text.replace(/[\s│┊●─━╌┈▶◀┼]/g, "");
  const rows = drawing.trim().split("\n").slice(1);
  const drawn = bare(rows.slice(0, rows.findLastIndex((row) => row.trim() === "")).join(""));
  const told = bare(steps.map((step) => [step.k === "state" ? "==" : "", step.s, ...(step.n || [])].join("")).join(""));
  let k = 0;
  while (k < told.length && told[k] === drawn[k]) k++;
  return told === drawn && told.length > 20 ? [] : [`the steps say "${told.slice(k, k + 40)}", and the drawing "${drawn.slice(k, k + 40)}"`];
}

// Runs in the page, for a slowed run: the TCP states of an end that ss has seen are states that the page has for it, in that order.
// When they change is another matter: ss is asked a little later than the time that it is given.
function sameAsSeen() {
  const seen = {}, had = {};
  for (const step of steps) {
    for (const [, , local, remote, state] of Object.values(step.ends).flat()) (had[`${local} ${remote}`] ??= new Set()).add(state);
    const [, local, remote = "", state] = step.k === "state" ? step.s.match(/^(\S+)(?: -> (\S+))? is (\S+)$/) : [];
    if (local) (seen[`${local} ${remote}`] ??= []).push(state);
  }
  return Object.entries(seen).flatMap(([end, states]) => {
    const ours = [...(had[end] || [])];
    const inOrder = states.every((state, k) => ours.includes(state) && (k === 0 || ours.indexOf(states[k - 1]) < ours.indexOf(state)));
    return inOrder ? [] : [`ss has seen ${end} in ${states}, and the page ${ours}`];
  });
}

// Runs in the page, at a step.
function look(number, asked = false) {
  const complaints = [], contrasts = {};
  const quote = (text) => `"${text.trim().replace(/\s+/g, " ").slice(0, 60)}"`;
  const near = 1;
  // Glyph boxes are as high as a line; a fifth of that on each side is empty.
  const inner = (box) => ({ left: box.left + 1, right: box.right - 1, top: box.top + box.height * 0.2, bottom: box.bottom - box.height * 0.2 });
  const step = steps[number - 1];
  if (shown !== number || asking !== asked) return [`it shows step ${shown}${asking ? " and asks" : ""}`];
  if (asked && $("question").textContent !== steps[number].q) complaints.push("it asks something else");
  if (step && !asked) {
    const told = `${$("who").textContent} ${$("text").textContent}`;
    if (told !== `${step.name}: ${step.s}`) complaints.push(`it says ${quote(told)}`);
    for (const note of step.n || []) if (!$("more").textContent.includes(note)) complaints.push(`it does not say ${quote(note)}`);
    litLine();
    inColumns();
  }
  if ($("step").getAttribute("aria-live") !== "polite") complaints.push("a screen reader is not told of it");
  if (document.scrollingElement.scrollWidth > innerWidth) complaints.push("the page is wider than the window");
  if (innerWidth >= 900 && document.scrollingElement.scrollHeight > innerHeight) complaints.push("the page is higher than the window");

  const pieces = visiblePieces();
  for (const { text, element, box } of pieces) {
    const ratio = contrast(element);
    if (ratio < 4.5) complaints.push(`${quote(text)} has a contrast of ${ratio.toFixed(1)}:1`);
    if (parseFloat(getComputedStyle(element).fontSize) < 12) complaints.push(`${quote(text)} is too small`);
    if (box.left < -near || box.right > innerWidth + near) complaints.push(`${quote(text)} leaves the window`);
  }
  for (let i = 0; i < pieces.length; i++)
    for (let k = i + 1; k < pieces.length; k++) {
      const a = inner(pieces[i].box), b = inner(pieces[k].box);
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) complaints.push(`${quote(pieces[i].text)} lies over ${quote(pieces[k].text)}`);
    }
  return complaints;

  // The line of the step, in the pane of its thread, is lit and in sight, and holds the name of the call.
  function litLine() {
    const [file, , how] = step.lines[step.f] || [-1];
    const pane = panes[step.f];
    if (!/^(call|wait|back)$/.test(step.k) || how !== "now") return;
    if (file < 0) { if (!run.said.includes("No line is lit") && !pane.source.textContent.includes("No line is lit")) complaints.push("no line is lit"); return; }
    const lit = pane.source.querySelectorAll(".now");
    const call = step.s.match(/^[a-z_0-9]+/)[0];
    if (lit.length !== 1 || !lit[0].textContent.includes(call)) complaints.push(`the lit line of ${call}: ${quote(lit[0]?.textContent || "none")}`);
    else if (!within(lit[0].getBoundingClientRect(), pane.source.getBoundingClientRect())) complaints.push("the lit line is not in sight");
  }

  // A program that acts has a column; there are at most three; each thread that waits in the lines of a column is marked there.
  function inColumns() {
    const seen = columns.filter(({ pane }) => !pane.hidden);
    if (seen.length > 3 || boxes.filter(({ box }) => !box.hidden).length > 3) complaints.push("it has more than three columns");
    if (panes[step.f] && !seen.includes(panes[step.f])) complaints.push(`${lives[step.f][0]} acts, and has no column`);
    for (const { threads, file, items } of seen)
      for (const life of threads) {
        const [at, line, how] = step.lines[life] || [-1];
        if (at < 0 || at !== file || how !== "waits") continue;
        const item = items[line - 1], named = [...item.querySelectorAll("b")].some((name) => name.textContent === lives[life][0]);
        if (!/waits|now|last/.test(item.className) || threads.filter((one) => step.lines[one] && !step.ended.includes(one)).length > 1 && !named)
          complaints.push(`${lives[life][0]} waits in line ${line}, which is not marked with its name`);
      }
  }

  function within(box, around) {
    return box.top >= around.top - near && box.bottom <= around.bottom + near && box.left >= around.left - near && box.right <= around.right + near;
  }

  // Every piece of text that can be seen, with the box of its glyphs. What a box cuts is a complaint.
  function visiblePieces() {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (node.data.trim() === "" || !element.getClientRects().length || element.closest("script, style, noscript, .unseen, #list, .later")) continue;
      const scroller = element.closest(".source, #rows, .party, .pane");
      const frame = scroller?.getBoundingClientRect();
      if (frame && hidden(node.data, element.getBoundingClientRect(), scroller, frame)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        if (box.width === 0 || frame && hidden(node.data, box, scroller, frame)) continue;
        const glyphs = inner(box);
        if (element.tagName === "CODE") box.width -= 9; // the space at which a line is broken hangs over
        if (frame && (glyphs.top < frame.top - near || glyphs.bottom > frame.bottom + near || box.left < frame.left - near || box.right > frame.right + near))
          complaints.push(`${quote(node.data)} is cut by its ${scroller.className || scroller.id}`);
        found.push({ text: node.data, element, box });
      }
    }
    return found;
  }

  // Scrolled out of sight, as may be in the code and the lifelines.
  function hidden(text, box, scroller, frame) {
    if (box.bottom > frame.top + 2 && box.top < frame.bottom - 2) return false;
    if (scroller.matches(".party, .pane")) complaints.push(`${quote(text)} needs scrolling`);
    return true;
  }

  // Of the text and what lies under it.
  function contrast(element) {
    const kind = `${element.tagName} ${element.className} ${element.parentElement.className} ${element.parentElement.parentElement.className}`;
    return contrasts[kind] ??= contrastOf(element);
  }

  function contrastOf(element) {
    let ground = element;
    while (ground !== document.documentElement && /, 0\)$|transparent/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
    const a = light(getComputedStyle(element).color), b = light(getComputedStyle(ground === document.documentElement ? document.body : ground).backgroundColor);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  // Relative luminance, as WCAG defines it.
  function light(colour) {
    const [r, g, b] = colour.match(/[\d.]+/g).map(Number).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
}
