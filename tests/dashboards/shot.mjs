// usage: node shot.mjs --prometheus=URL --from=TIME --to=TIME --out=FOLDER [--theme=light] [--width=N] [--scale=S] FILE.json...
// Serves the page, passes /prom on to a Prometheus on loopback, draws each dashboard in headless Chromium
// and writes NAME.png and NAME.report.json. Ends with 1 when a query failed or found nothing, a variable
// was unknown, a panel could not be drawn, a table or legend was cut off, or text cannot be told from what is
// behind it.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const options = process.argv.slice(2).filter((a) => a.startsWith('--'));
const files = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const arg = Object.fromEntries(options.map((a) => a.replace(/^--/, '').split(/=(.*)/s)));
const prom = new URL(arg.prometheus);
const width = Number(arg.width ?? 1600);
const here = path.dirname(new URL(import.meta.url).pathname);
const icons = path.join(here, 'node_modules/@grafana/ui/dist/public');
const mime = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json', '.html': 'text/html' };
const html = `<!doctype html><html><head><meta charset=utf-8><link rel=stylesheet href=/dist/app.css>
<style>body{margin:0;font-family:Inter,sans-serif}</style>
<script>window.__grafana_public_path__='/public/';window.grafanaBootData={settings:{},user:{},navTree:[]}</script>
</head><body><div id=root></div><script type=module src=/dist/app.js></script></body></html>`;

function pathOf(url) {
  const font = /^\/public\/fonts\/inter\/Inter-(\w+)\.woff2$/.exec(url);
  if (font) return `/usr/share/fonts/opentype/inter/Inter-${font[1]}.otf`;
  const dashboard = /^\/dashboard\/(\d+)\.json$/.exec(url);
  if (dashboard) return path.resolve(files[Number(dashboard[1])]);
  if (url.startsWith('/public/build/img/')) return path.join(icons, url.slice(18));
  return path.join(here, url);
}
const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://x').pathname;
  if (url.startsWith('/prom/')) {
    http.get({ host: prom.hostname, port: prom.port, path: request.url.slice(5) }, (answer) => {
      response.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] });
      answer.pipe(response);
    }).on('error', (e) => { response.writeHead(502); response.end(JSON.stringify({ status: 'error', error: e.message })); });
    return;
  }
  if (url === '/') { response.writeHead(200, { 'content-type': 'text/html' }); response.end(html); return; }
  const file = pathOf(url);
  fs.readFile(file, (e, bytes) => {
    response.writeHead(e ? 404 : 200, { 'content-type': mime[path.extname(file)] ?? 'application/octet-stream' });
    response.end(e ? '' : bytes);
  });
}).listen(0, '127.0.0.1');
await new Promise((ready) => server.once('listening', ready));

// Long enough that every panel has asked and drawn: nothing asked, and nothing new for one and a half seconds.
async function settle(page) {
  let last = -1;
  for (let i = 0, same = 0; i < 240 && same < 6; i++) {
    await page.waitForTimeout(250);
    const now = await page.evaluate(() => ({ pending: window.__pending ?? 1, drawn: `${window.__queries?.length} ${document.querySelectorAll('canvas,svg').length}` }));
    same = now.pending === 0 && now.drawn === last ? same + 1 : 0;
    last = now.drawn;
  }
}

// What a person would have to scroll for inside a panel, and text that ends at the edge of its cell.
const cutOff = () => {
  const out = [];
  for (const panel of document.querySelectorAll('[data-viz-panel-key]')) {
    const title = panel.querySelector('h2,h6')?.textContent ?? panel.dataset.vizPanelKey;
    for (const e of panel.querySelectorAll('*')) {
      const clips = getComputedStyle(e).overflowX;
      if (['auto', 'scroll'].includes(clips) && e.scrollWidth > e.clientWidth + 2) out.push(`${title}: cut off at the right`);
      for (const text of e.childNodes) {
        if (text.nodeType !== 3 || !text.textContent.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const cell = e.closest('[role=cell],[role=gridcell],[role=columnheader],td,th,a,button');
        let clip = e; // not of what only a screen reader sees, in a box of one pixel
        while (clip !== panel && getComputedStyle(clip).overflowX === 'visible') clip = clip.parentElement;
        const edge = Math.min(clip.getBoundingClientRect().right, cell?.getBoundingClientRect().right ?? Infinity);
        if (clip.clientWidth > 1 && range.getBoundingClientRect().right > edge + 1) out.push(`${title}: '${text.textContent.slice(0, 40)}' is cut off`);
      }
    }
  }
  return [...new Set(out)];
};

// Text that is lost on what is behind it, as white is on white. The bound is low: the yellow of Grafana's own
// palette has no more in the light theme.
const faint = () => {
  const out = [], canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const rgba = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, k, i) => sum + k * (c[i] <= 10 ? c[i] / 3294 : ((c[i] / 255 + 0.055) / 1.055) ** 2.4), 0);
  const behind = (e) => { if (e.dataset.on) return rgba(e.dataset.on); for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 200) return c; } return [255, 255, 255]; };
  for (const panel of document.querySelectorAll('[data-viz-panel-key]')) {
    const title = panel.querySelector('h2,h6')?.textContent ?? panel.dataset.vizPanelKey;
    for (const e of panel.querySelectorAll('*')) {
      if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
      const style = getComputedStyle(e), pair = [light(rgba(e.namespaceURI.endsWith('svg') ? style.fill : style.color)), light(behind(e))].sort((a, b) => b - a);
      if ((pair[0] + 0.05) / (pair[1] + 0.05) < 1.4) out.push(`${title}: '${e.textContent.slice(0, 30)}' can hardly be seen`);
    }
  }
  return [...new Set(out)];
};

const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'dashboards-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, viewport: { width, height: 1000 }, deviceScaleFactor: Number(arg.scale ?? 1),
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let bad = 0;
fs.mkdirSync(arg.out, { recursive: true });
for (const [number, file] of files.entries()) {
  const page = await browser.newPage();
  const log = new Set();
  page.on('console', (m) => { if (m.type() === 'error') log.add(m.text().slice(0, 300)); });
  const query = new URLSearchParams({ dashboard: `/dashboard/${number}.json`, expand: '1', from: arg.from, to: arg.to, theme: arg.theme ?? 'dark' });
  await page.goto(`http://127.0.0.1:${server.address().port}/?${query}`);
  await settle(page);
  const height = await page.evaluate(() => Math.max(...[...document.querySelectorAll('[data-viz-panel-key]')].map((e) => e.getBoundingClientRect().bottom)));
  await page.setViewportSize({ width, height: Math.ceil(height) + 20 });
  await settle(page);
  const name = path.join(arg.out, path.basename(file, '.json'));
  await page.screenshot({ path: `${name}.png` });
  const report = await page.evaluate(() => ({ title: document.title, problems: window.__problems, queries: window.__queries }));
  const asked = report.queries.length, panels = JSON.parse(fs.readFileSync(file, 'utf8')).panels.flatMap((p) => [p, ...(p.panels ?? [])]);
  const wanted = panels.reduce((sum, p) => sum + (p.targets ?? []).length, 0);
  if (asked < wanted) report.problems.push({ kind: 'not all was asked', text: `${asked} of ${wanted} queries` });
  for (const text of await page.evaluate(cutOff)) report.problems.push({ kind: 'cut off', text });
  for (const text of await page.evaluate(faint)) report.problems.push({ kind: 'contrast', text });
  fs.writeFileSync(`${name}.report.json`, JSON.stringify({ ...report, console: [...log] }, null, 1));
  const problems = [...new Set(report.problems.map((p) => JSON.stringify(p)))];
  console.log(`${report.title}: ${report.queries.length} queries, ${problems.length} problems`);
  for (const p of problems) console.log(`  ${p}`);
  if (problems.length || report.queries.length === 0) bad++;
  await page.close();
}
await browser.close();
server.close();
fs.rmSync(profile, { recursive: true, force: true });
process.exitCode = bad ? 1 : 0;
