// usage: node lint.mjs FILE.json...   What types cannot see: layout, ids, units, variables, override ids, PromQL (by promtool).
import fs from 'node:fs'; import os from 'node:os'; import path from 'node:path'; import { spawnSync } from 'node:child_process'; import { createRequire } from 'node:module';
globalThis.navigator ??= { userAgent: 'node', platform: 'node', language: 'en-GB', languages: ['en-GB'] }; // @grafana/data looks at it when it loads; Node 20 has none
const { getValueFormats } = createRequire(import.meta.url)('@grafana/data');
const UNITS = new Set([...getValueFormats().flatMap((c) => c.submenu.map((u) => u.value)), 'string']);
const customUnit = (u) => /^(time|count|currency|prefix|suffix|si|bool|currencyFormat|semanticUnit):/.test(u);
const STD = new Set(['displayName', 'description', 'unit', 'min', 'max', 'decimals', 'noValue', 'fieldMinMax', 'color', 'thresholds', 'mappings', 'links', 'actions', 'filterable']);
const BUILTIN = /^(__\w+|timeFilter)$/;
let errors = 0; const seen = new Map();
for (const file of process.argv.slice(2)) {
  const d = JSON.parse(fs.readFileSync(file, 'utf8')), err = (where, what) => { errors++; console.log(`${file}: ${where}: ${what}`); };
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(d.uid ?? '')) err('uid', 'missing, too long (40) or with other characters than letters, digits, - and _');
  if (seen.has(d.uid)) err('uid', `also in ${seen.get(d.uid)}`); seen.set(d.uid, file);
  if (d.id != null) err('id', 'must be null or absent'); if (d.editable !== false) err('editable', 'generated dashboards must not be editable');
  const vars = new Map((d.templating?.list ?? []).map((v) => [v.name, v])), used = new Set();
  const all = d.panels.flatMap((p) => [p, ...(p.panels ?? [])]), ids = new Set(), exprs = [];
  const text = (s, where) => { for (const m of String(s).matchAll(/\$(\w+)|\$\{(\w+)(?:\.[^:}]+)?(?::[^}]+)?\}|\[\[(\w+)\]\]/g)) { const n = m[1] ?? m[2] ?? m[3]; if (/^\d/.test(n)) continue; used.add(n); if (!vars.has(n) && !BUILTIN.test(n)) err(where, `no variable ${n}`); } };
  for (const p of all) {
    const at = `panel ${p.id} '${p.title ?? ''}'`, g = p.gridPos ?? {};
    if (ids.has(p.id)) err(at, 'id used twice'); ids.add(p.id);
    if (!(g.x >= 0 && g.w > 0 && g.x + g.w <= 24 && g.h > 0 && g.y >= 0)) err(at, `gridPos outside the 24 columns: ${JSON.stringify(g)}`);
    if (p.type === 'row') continue;
    if (p.type !== 'text') {
      if (!p.title) err(at, 'no title'); if (!p.description) err(at, 'no description'); if (!p.targets?.length) err(at, 'no target');
      if (p.datasource?.uid !== '${datasource}') err(at, `data source is not the variable: ${p.datasource?.uid}`);
      const fc = p.fieldConfig.defaults, us = [fc.unit, ...p.fieldConfig.overrides.flatMap((o) => o.properties.filter((x) => x.id === 'unit').map((x) => x.value))].filter(Boolean);
      if (!us.length && !fc.mappings?.length && p.type !== 'heatmap') err(at, 'no unit'); for (const u of us) if (!UNITS.has(u) && !customUnit(u)) err(at, `unknown unit ${u}`);
      for (const o of p.fieldConfig.overrides) for (const x of o.properties) if (!STD.has(x.id) && !x.id.startsWith('custom.')) err(at, `unknown override property ${x.id}`);
      const st = fc.thresholds?.steps ?? []; if (st.length && st[0].value !== null) err(at, 'first threshold must be the base (value null)');
      for (let i = 2; i < st.length; i++) if (!(st[i].value > st[i - 1].value)) err(at, 'thresholds not rising');
    }
    const refs = new Set();
    for (const t of p.targets ?? []) { if (refs.has(t.refId)) err(at, `refId ${t.refId} twice`); refs.add(t.refId); if (/\b(rate|irate|increase)\([^[]*\[\$__interval\]/.test(t.expr)) err(at, 'use $__rate_interval'); exprs.push([at, t.expr]); text(t.legendFormat ?? '', at); }
    text(p.title ?? '', at); text(p.description ?? '', at); if (p.repeat) text(`$${p.repeat}`, at); text(p.datasource?.uid ?? '', at);
  }
  // Colours by name look right in both themes; numbers are right in one.
  const colours = (x, at) => { for (const [k, v] of Object.entries(x ?? {})) { if (typeof v === 'object') colours(v, at); else if (/colou?r$/i.test(k) && /^#|^rgb|^hsl|^(white|black)$/i.test(String(v))) err(at, `colour ${v} is made for one theme`); } };
  for (const p of all) colours(p.fieldConfig, `panel ${p.id} '${p.title ?? ''}'`);
  colours((d.annotations?.list ?? []).filter((a) => !a.builtIn), 'annotations'); // the built-in one is Grafana's
  for (const list of [d.panels.filter((p) => !(p.type === 'row' && p.collapsed)), ...d.panels.filter((p) => p.panels?.length).map((p) => p.panels)]) for (let i = 0; i < list.length; i++) for (let j = 0; j < i; j++) {
    const a = list[i].gridPos, b = list[j].gridPos; if (a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h) err(`panel ${list[i].id}`, `overlaps panel ${list[j].id}`);
  }
  for (const a of d.annotations?.list ?? []) if (a.expr) exprs.push([`annotation '${a.name}'`, a.expr]);
  for (const v of vars.values()) { const q = v.query?.query ?? v.query, m = /^label_values\((.+),\s*\w+\)$/.exec(q ?? ''); if (m) exprs.push([`variable ${v.name}`, m[1]]); }
  const rules = exprs.map(([at, e], i) => { text(e, at); const x = e.replace(/\[(\$\{?__\w+\}?)(:[^\]]*)?\]/g, '[5m]').replace(/\$\{?__(interval|rate_interval|range)\}?/g, '5m').replace(/\$\{?__(interval_ms|range_s|range_ms)\}?/g, '300').replace(/\$\{?(\w+)(?::\w+)?\}?/g, 'x'); return { i, at, e, x }; });
  const tmp = fs.mkdtempSync(path.join(os.tmpdir(), 'lint-'));
  for (const r of rules) fs.writeFileSync(path.join(tmp, `${r.i}.yml`), JSON.stringify({ groups: [{ name: 'g', rules: [{ record: `r${r.i}`, expr: r.x }] }] }));
  const pt = spawnSync(process.env.PROMTOOL ?? 'promtool', ['check', 'rules', ...rules.map((r) => path.join(tmp, `${r.i}.yml`))], { encoding: 'utf8' }), said = pt.stdout + pt.stderr;
  if (pt.error) err('promtool', pt.error.message);
  for (const r of rules) { const m = new RegExp(`/${r.i}\\.yml[^\\n]*parse expression: ([^\\n]*)|/${r.i}\\.yml\\n\\s*FAILED:?\\s*\\n?([^\\n]*)`).exec(said); if (m) err(r.at, `PromQL: ${(m[1] ?? m[2]).slice(0, 160)}`); }
  fs.rmSync(tmp, { recursive: true });
  for (const v of vars.keys()) if (!used.has(v)) err(`variable ${v}`, 'never used');
}
console.log(`${process.argv.length - 2} files, ${errors} problems`); process.exitCode = errors ? 1 : 0;
