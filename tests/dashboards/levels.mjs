// usage: node levels.mjs RULES.json FOLDER   (RULES.json: the answer of Prometheus' /api/v1/rules)
// Rules that read other rules must be backfilled after them, and promtool knows no order. Writes one file
// a level, 0/rules.json first: rules of a level read only levels before it. promtool also skips alerts, so
// each becomes a rule that records ALERTS, true for as long as its `for` asks.
// Prometheus shifts the evaluations of a group by a hash of its name and its file, as they are given: all
// levels have the same, or one would read what another recorded some seconds before.
import fs from 'node:fs';
import path from 'node:path';

const STEP = 30;
const [answer, folder] = process.argv.slice(2);
const rules = JSON.parse(fs.readFileSync(answer, 'utf8')).data.groups.flatMap((group) => group.rules);
const recorded = new Set(rules.filter((r) => r.type === 'recording').map((r) => r.name));
const reads = (r) => [...r.query.matchAll(/slo[a-z_]*(?::[a-zA-Z0-9_:]+)?/g)].map((m) => m[0]).filter((n) => recorded.has(n) && n !== r.name);

const level = new Map();
const levelOf = (name) => {
  if (!level.has(name)) {
    level.set(name, 0); // a name that reads itself, as the long windows do, counts as read
    const all = rules.filter((r) => r.type === 'recording' && r.name === name).flatMap(reads);
    level.set(name, Math.max(-1, ...all.map(levelOf)) + 1);
  }
  return level.get(name);
};
const alert = (r) => {
  const times = Math.floor(r.duration / STEP);
  const lasting = times > 0 ? `count_over_time((${r.query})[${r.duration}s:${STEP}s]) >= ${times}` : r.query;
  const labels = Object.fromEntries(Object.entries(r.labels ?? {}));
  return { record: 'ALERTS', expr: `(${lasting}) * 0 + 1`, labels: { ...labels, alertname: r.name, alertstate: 'firing' } };
};

const files = [];
for (const r of rules) {
  const at = r.type === 'recording' ? levelOf(r.name) : Math.max(-1, ...reads(r).map(levelOf)) + 1;
  (files[at] ??= []).push(r.type === 'recording' ? { record: r.name, expr: r.query, labels: r.labels ?? {} } : alert(r));
}
files.forEach((list, i) => {
  const level = path.join(folder, String(i));
  fs.mkdirSync(level, { recursive: true });
  fs.writeFileSync(path.join(level, 'rules.json'), JSON.stringify({ groups: [{ name: 'rules', interval: `${STEP}s`, rules: list }] }));
});
console.log(files.map((list, i) => `${i}: ${list.length}`).join(', '));
