// usage: node mutants.mjs DASHBOARDS-FOLDER V2-FOLDER
// Proves that the checks bite: each mutant is a generated dashboard with one fault, and types or lint must
// reject it. Ends with 1 when one passes.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

const here = path.dirname(new URL(import.meta.url).pathname);
const [classic, v2] = process.argv.slice(2);
const every = (d) => d.panels.flatMap((p) => [p, ...(p.panels ?? [])]);
const find = (d, type) => every(d).find((p) => p.type === type);
const lines = (d) => find(d, 'timeseries');
const field = (p) => p.fieldConfig.defaults;
const WORKERS = 'fleet-workers', QUEUES = 'fleet-queues', CAPACITY = 'fleet-capacity', SLOS = 'fleet-slos';

// [file, what, how]
const CLASSIC = [
  [QUEUES, 'unknown key of the dashboard', (d) => { d.titel = 'x'; }],
  [QUEUES, 'an old schema', (d) => { d.schemaVersion = 16; }],
  [QUEUES, 'rows of the old kind', (d) => { d.rows = []; }],
  [QUEUES, 'inputs, which a folder never fills in', (d) => { d.__inputs = []; }],
  [QUEUES, 'a panel type that is gone', (d) => { lines(d).type = 'graph'; }],
  [QUEUES, 'misspelt option of lines', (d) => { field(lines(d)).custom.lineWdth = 2; }],
  [QUEUES, 'misspelt option of a legend', (d) => { lines(d).options.legend.calc = []; }],
  [QUEUES, 'legend at the top', (d) => { lines(d).options.legend.placement = 'top'; }],
  [QUEUES, 'an alert inside the panel', (d) => { lines(d).alert = {}; }],
  [QUEUES, 'pie option on a stat', (d) => { find(d, 'stat').options.pieType = 'pie'; }],
  [QUEUES, 'draw style that does not exist', (d) => { field(lines(d)).custom.drawStyle = 'lines'; }],
  [QUEUES, 'stacking that does not exist', (d) => { field(lines(d)).custom.stacking.mode = 'stack'; }],
  [QUEUES, 'colour mode that does not exist', (d) => { field(find(d, 'stat')).color.mode = 'threshold'; }],
  [QUEUES, 'thresholds as a list', (d) => { field(find(d, 'stat')).thresholds = [{ color: 'red', value: 1 }]; }],
  [QUEUES, 'threshold as text', (d) => { field(find(d, 'bargauge')).thresholds.steps[1].value = '1000'; }],
  [QUEUES, 'decimals as text', (d) => { field(find(d, 'stat')).decimals = '2'; }],
  [QUEUES, 'place without a width', (d) => { delete find(d, 'stat').gridPos.w; }],
  [QUEUES, 'data source by name', (d) => { find(d, 'stat').datasource = 'Prometheus'; }],
  [QUEUES, 'query without a name', (d) => { delete find(d, 'stat').targets[0].refId; }],
  [QUEUES, 'format that does not exist', (d) => { find(d, 'heatmap').targets[0].format = 'heat'; }],
  [QUEUES, 'heatmap scale that does not exist', (d) => { find(d, 'heatmap').options.color.scale = 'log'; }],
  [QUEUES, 'bar gauge mode that does not exist', (d) => { find(d, 'bargauge').options.displayMode = 'bars'; }],
  [QUEUES, 'hidden variable by boolean', (d) => { d.templating.list[0].hide = true; }],
  [QUEUES, 'refresh of a variable', (d) => { d.templating.list[1].refresh = 3; }],
  [QUEUES, 'type of a variable', (d) => { d.templating.list[1].type = 'label'; }],
  [QUEUES, 'annotation without a colour', (d) => { delete d.annotations.list[1].iconColor; }],
  [QUEUES, 'type of a link', (d) => { d.links[0].type = 'dashboard'; }],
  [QUEUES, 'row without panels', (d) => { delete find(d, 'row').panels; }],
  [CAPACITY, 'gauge shape that does not exist', (d) => { find(d, 'gauge').options.shape = 'arc'; }],
  [CAPACITY, 'pie without an orientation', (d) => { delete find(d, 'piechart').options.orientation; }],
  [WORKERS, 'mappings of the old kind', (d) => { field(find(d, 'state-timeline')).mappings = [{ type: 1, value: '0', text: 'x' }]; }],
  [WORKERS, 'cell height that does not exist', (d) => { find(d, 'table').options.cellHeight = 'tiny'; }],
  [QUEUES, 'unit that does not exist', (d) => { field(find(d, 'stat')).unit = 'seconds'; }],
  [QUEUES, 'no unit', (d) => { delete field(lines(d)).unit; }],
  [QUEUES, 'unbalanced PromQL', (d) => { find(d, 'stat').targets[0].expr = 'sum(rate(x[5m])'; }],
  [QUEUES, 'rate of nothing', (d) => { find(d, 'stat').targets[0].expr = 'rate(fleet_queue_depth)'; }],
  [QUEUES, 'rate over $__interval', (d) => { find(d, 'stat').targets[0].expr = 'rate(fleet_runs_created_total[$__interval])'; }],
  [QUEUES, 'panels over each other', (d) => { const [a, b] = every(d).filter((p) => p.type === 'stat'); b.gridPos = a.gridPos; }],
  [QUEUES, 'panel outside the grid', (d) => { find(d, 'stat').gridPos.x = 22; }],
  [QUEUES, 'two panels with one id', (d) => { const [a, b] = every(d).filter((p) => p.type === 'stat'); b.id = a.id; }],
  [QUEUES, 'variable that nobody defined', (d) => { find(d, 'stat').targets[0].expr = 'up{job="$jobb"}'; }],
  [QUEUES, 'variable that nobody uses', (d) => { d.templating.list.push({ ...d.templating.list[1], name: 'unused' }); }],
  [QUEUES, 'data source by id', (d) => { find(d, 'stat').datasource.uid = 'P1809F7CD0C75ACF3'; }],
  [QUEUES, 'no description', (d) => { delete find(d, 'stat').description; }],
  [QUEUES, 'no query', (d) => { find(d, 'stat').targets = []; }],
  [QUEUES, 'thresholds that fall', (d) => { field(find(d, 'bargauge')).thresholds.steps.reverse(); }],
  [QUEUES, 'white threshold', (d) => { field(find(d, 'bargauge')).thresholds.steps[0].color = '#FFFFFF'; }],
  [QUEUES, 'black series', (d) => { lines(d).fieldConfig.overrides.push({ matcher: { id: 'byName', options: 'A' }, properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: 'rgb(0,0,0)' } }] }); }],
  [WORKERS, 'white state', (d) => { Object.values(field(find(d, 'state-timeline')).mappings.find((m) => m.type === 'value').options)[0].color = 'white'; }],
  [QUEUES, 'annotation in black', (d) => { d.annotations.list.find((a) => !a.builtIn).iconColor = 'black'; }],
  [QUEUES, 'editable', (d) => { d.editable = true; }],
  [QUEUES, 'uid with a blank', (d) => { d.uid = 'fleet queues'; }],
  [QUEUES, 'numeric id', (d) => { d.id = 12; }],
  [SLOS, 'override of a property that does not exist', (d) => { find(d, 'table').fieldConfig.overrides[0].properties[0].id = 'units'; }],
];
const panel = (d) => Object.values(d.spec.elements)[0].spec;
const V2 = [
  [QUEUES, 'v2: unknown key', (d) => { d.spec.titel = 'x'; }],
  [QUEUES, 'v2: cursor', (d) => { d.spec.cursorSync = 1; }],
  [QUEUES, 'v2: element without a kind', (d) => { delete Object.values(d.spec.elements)[0].kind; }],
  [QUEUES, 'v2: layout that does not exist', (d) => { d.spec.layout.kind = 'Rows'; }],
  [QUEUES, 'v2: item without a height', (d) => { delete d.spec.layout.spec.rows[0].spec.layout.spec.items[0].spec.height; }],
  [QUEUES, 'v2: query without a group', (d) => { delete panel(d).data.spec.queries[0].spec.query.group; }],
  [QUEUES, 'v2: variable by number', (d) => { d.spec.variables[1].spec.refresh = 2; }],
  [QUEUES, 'v2: threshold as text', (d) => { panel(d).vizConfig.spec.fieldConfig.defaults.thresholds = { mode: 'absolute', steps: [{ color: 'red', value: '1' }] }; }],
];

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mutants-'));
const mutants = [...CLASSIC.map((m) => [classic, ...m]), ...V2.map((m) => [v2, ...m])];
const files = mutants.map(([from, file, what, how], i) => {
  const d = JSON.parse(fs.readFileSync(path.join(from, `${file}.json`), 'utf8'));
  how(d);
  const out = path.join(folder, `m${i}.json`);
  fs.writeFileSync(out, JSON.stringify(d, null, 2));
  return out;
});
const run = (script, ...args) => { const r = spawnSync('node', [path.join(here, script), ...args], { encoding: 'utf8', maxBuffer: 1e8 }); return r.stdout + r.stderr; };
const types = run('tsc/check.mjs', ...files);
const passed = [];
let byTypes = 0;
mutants.forEach(([from, , what], i) => {
  if (types.includes(`${files[i]}:`)) { byTypes++; return; }
  if (from === classic && run('lint.mjs', files[i]).includes(`${files[i]}:`)) return;
  passed.push(what);
});
fs.rmSync(folder, { recursive: true, force: true });
for (const what of passed) console.log(`not rejected: ${what}`);
console.log(`${mutants.length - passed.length} of ${mutants.length} damaged dashboards rejected (${byTypes} by types, the others by lint)`);
process.exitCode = passed.length ? 1 : 0;
