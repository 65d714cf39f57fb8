// browser.mjs: the headless Chromium of the scripts that look at pages and pictures; browser.sh says which one.
import puppeteer from "puppeteer-core";

export const launch = () => puppeteer.launch({
  executablePath: process.env.CHROME_PATH,
  args: ["--disable-gpu", "--disable-background-networking", ...(process.env.CHROME_NO_SANDBOX ? ["--no-sandbox"] : [])],
});
