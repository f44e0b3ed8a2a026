// The peer of the benchmark: playwright-core takes the same full-page picture
// and MHTML. One line in, an address and a folder; one line out, the bytes.
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [peer, program, once] = process.argv.slice(2);
const { chromium } = createRequire(`${peer}/`)('playwright-core');
// As root only without a sandbox; ours then runs as another, and keeps its own.
const chromiumSandbox = process.getuid() !== 0;
const browser = await chromium.launch({ executablePath: program, chromiumSandbox });

async function keep(url, folder) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'load' });
  // The same picture: lazy parts scrolled in.
  await page.evaluate(async () => {
    const pause = ms => new Promise(done => setTimeout(done, ms));
    const whole = document.scrollingElement;
    if (whole.scrollHeight <= innerHeight) return;
    for (let at = 0; at < whole.scrollHeight; at += innerHeight) {
      scrollTo(0, at);
      await pause(25);
    }
    scrollTo(0, 0);
    await Promise.all([...document.images].map(image => image.decode().catch(() => 0)));
  });
  const picture = await page.screenshot({ fullPage: true });
  const session = await context.newCDPSession(page);
  const { data } = await session.send('Page.captureSnapshot', { format: 'mhtml' });
  await context.close();
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/page.png`, picture);
  await writeFile(`${folder}/page.mhtml`, data);
  return picture.length + Buffer.byteLength(data);
}

if (once) {
  const [url, folder] = once.split(' ');
  console.log(await keep(url, folder));
} else {
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const [url, folder] = line.split(' ');
    console.log(await keep(url, folder));
  }
}
await browser.close();
