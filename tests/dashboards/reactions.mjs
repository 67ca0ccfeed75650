// usage: node reactions.mjs --prometheus=URL --end=UNIX-SECONDS [--all] FILE.json...
// A panel that looks the same when the fleet is in trouble as when it is well is of no use in trouble. The
// history of data.sh is quiet for two hours, then has its incidents: in each panel some series must leave,
// by CHANGE at least, what it was in the quiet hour, and by more than that hour's halves differ from each
// other. Ends with 1 when a panel does not.
import fs from 'node:fs';

const CHANGE = 0.25, STEP = 30;
const QUIET = [-120 * 60, -55 * 60 - STEP], TROUBLE = [-55 * 60, 0]; // seconds from the end; data.sh says when incidents begin
const MIDDLE = (QUIET[0] + QUIET[1]) / 2;
const options = process.argv.slice(2).filter((a) => a.startsWith('--'));
const files = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const arg = Object.fromEntries(options.map((a) => a.replace(/^--/, '').split(/=(.*)/s)));
const end = Number(arg.end);

// As Grafana asks when the page is opened: a variable that takes one value has its first, the others "All".
const asked = (expr, variables) => expr
  .replace(/\$\{?__rate_interval\}?/g, '60s').replace(/\$\{?__interval\}?/g, `${STEP}s`).replace(/\$\{?__range\}?/g, '3600s')
  .replace(/\$\{?([a-z]\w*)\}?/g, (_, name) => { const v = variables.find((x) => x.name === name); return v.multi ? '.+' : v.current.value; });
async function series(expr, variables) {
  const form = new URLSearchParams({ query: asked(expr, variables), start: end + QUIET[0], end, step: STEP });
  const body = await (await fetch(`${arg.prometheus}/api/v1/query_range`, { method: 'POST', body: form })).json();
  if (body.status !== 'success') throw new Error(`${expr}: ${body.error}`);
  return body.data.result.map((s) => s.values.map(([t, v]) => [t - end, Number(v)]).filter(([, v]) => Number.isFinite(v)));
}

const between = (points, [from, to]) => points.filter(([t]) => t >= from && t <= to);
const grows = (points) => points.length > 1 && points.every(([, v], i) => i === 0 || v >= points[i - 1][1]) && points.at(-1)[1] > points[0][1];
const slope = (points) => (points.at(-1)[1] - points[0][1]) / (points.at(-1)[0] - points[0][0]);
const relative = (from, to) => Math.abs(to - from) / Math.max(Math.abs(from), 1e-9);

// How far `after` leaves the range of `before`, in parts of it; of what only grows, how its pace differs.
function change(before, after) {
  if (after.length === 0) return 0;
  if (before.length === 0) return Infinity; // such a series there was not
  if (grows(before) && (grows(after) || after.length < 2)) return after.length < 2 ? 0 : relative(slope(before), slope(after));
  const values = before.map(([, v]) => v), low = Math.min(...values), high = Math.max(...values);
  return Math.max(0, ...after.map(([, v]) => (v > high ? relative(high, v) : v < low ? relative(low, v) : 0)));
}
// Averages of the last minutes: what lasts shows in them, where single values vary as much at all times.
const smooth = (points) => points.map(([t], i) => {
  const part = points.slice(Math.max(0, i - 9), i + 1).filter(([at]) => t - at <= 10 * STEP);
  return [t, part.reduce((sum, [, v]) => sum + v, 0) / part.length];
});
// Of a share near one counts what lacks of it: 99.9 % that fall to 99 % are ten times the errors.
const lacks = (points) => (points.every(([, v]) => v > 0.5 && v <= 1) ? points.map(([t, v]) => [t, 1 - v]) : []);
// Every series of the panel: { change, usual }, the greatest first.
async function reactions(panel, variables) {
  const found = [];
  const isShare = panel.fieldConfig?.defaults?.unit === 'percentunit';
  for (const target of panel.targets) {
    for (const points of await series(target.expr, variables)) {
      for (const line of [points, smooth(points), ...(isShare ? [lacks(points)] : [])]) {
        const quiet = between(line, QUIET);
        found.push({ change: change(quiet, between(line, TROUBLE)), usual: change(between(quiet, [QUIET[0], MIDDLE]), between(quiet, [MIDDLE, QUIET[1]])) });
      }
    }
  }
  return found.sort((a, b) => b.change - a.change);
}
const reacts = (all) => all.some((r) => r.change >= CHANGE && r.change > r.usual);
const percent = (x) => (x > 100 ? 'from nothing' : `${Math.round(100 * x)} %`);

const known = new Set();
let bad = 0, moved = 0;
for (const file of files) {
  const page = JSON.parse(fs.readFileSync(file, 'utf8'));
  for (const panel of page.panels.flatMap((p) => [p, ...(p.panels ?? [])]).filter((p) => p.targets?.length)) {
    const name = `${page.uid}: ${panel.title}`;
    if (known.has(name)) { console.log(`${name}: two panels have this title`); bad++; }
    known.add(name);
    const all = await reactions(panel, page.templating.list), does = reacts(all);
    if ('all' in arg) console.log(`${does ? 'reacts' : 'STEADY'}  ${name}  ${percent(all[0]?.change ?? 0)}, usually ${percent(all[0]?.usual ?? 0)}`);
    if (!does) console.log(`${name}: does not react to any incident; most: ${percent(all[0]?.change ?? 0)}, wanted: ${percent(CHANGE)}`);
    if (does) moved++; else bad++;
  }
}
console.log(`${moved} panels react to the incidents, ${bad} are wrong`);
process.exitCode = bad ? 1 : 0;
