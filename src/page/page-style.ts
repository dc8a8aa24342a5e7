/**
 * The style of the page. Colors are pairs for light and dark, each with a contrast of at least 4.5 to its background;
 * the end-to-end tests have axe measure it.
 */
export const pageStyle = `:root {
  color-scheme: light dark;
  --ground: #f5f6f4;
  --surface: #ffffff;
  --sunken: #f0f2ef;
  --line: #dcdfda;
  --text: #1b211e;
  --quiet: #58625c;
  --link: #1d5f8a;
  --good: #176b41;
  --good-soft: #e2f2e8;
  --warn: #855100;
  --warn-soft: #fbeed3;
  --bad: #a82424;
  --bad-soft: #fbe5e3;
  --info: #23598a;
  --info-soft: #e2eef8;
  --quiet-soft: #eaecea;
  --raised: #ffffff;
  --radius: 10px;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121614;
    --surface: #1a1f1c;
    --sunken: #161b18;
    --line: #2e3632;
    --text: #e6ebe8;
    --quiet: #9ea9a3;
    --link: #85bdea;
    --good: #7ed3a3;
    --good-soft: #173325;
    --warn: #ebbb62;
    --warn-soft: #382b12;
    --bad: #f7a099;
    --bad-soft: #401f1e;
    --info: #8fc1f0;
    --info-soft: #172c40;
    --quiet-soft: #272e2a;
    --raised: #3b4540;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0;
  background: var(--ground);
  color: var(--text);
  font: 400 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: break-word;
}
[hidden] { display: none !important; }
h1, h2, h3, p, ul, ol, dl, dd, fieldset { margin: 0; padding: 0; }
ul, ol { list-style: none; }
a { color: var(--link); text-underline-offset: 0.2em; }
small { font-size: 0.8125rem; color: var(--quiet); font-weight: 400; }
code { font: 0.92em/1.4 var(--mono); background: var(--quiet-soft); padding: 0.08em 0.3em; border-radius: 4px; }
.quiet { color: var(--quiet); font-weight: 400; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: 1rem; top: -4rem; background: var(--surface); padding: 0.5rem 1rem; border-radius: 6px; z-index: 1; }
.skip:focus { top: 0.5rem; }
header, main { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; align-items: center; gap: 0.5rem 1.5rem; padding-block: 0.9rem; flex-wrap: wrap; }
.brand { font-weight: 680; letter-spacing: -0.01em; font-size: 1.0625rem; }
.brand::before {
  content: ""; display: inline-block; width: 0.78em; height: 0.82em; margin-right: 0.5em;
  border: 0.15em solid var(--good); border-bottom-width: 0; border-radius: 0.45em 0.45em 0 0;
}
nav { display: flex; gap: 1.1rem; }
nav a { color: var(--quiet); text-decoration: none; padding-block: 0.2rem; }
nav a:hover { color: var(--text); text-decoration: underline; }
#link { margin-left: auto; font-size: 0.8125rem; color: var(--quiet); }
#link[data-state]::before {
  content: ""; display: inline-block; width: 0.5rem; height: 0.5rem; border-radius: 50%;
  margin-right: 0.4rem; background: var(--warn);
}
#link[data-state="live"]::before { background: var(--good); }
main { padding-bottom: 3.5rem; }
section { margin-top: 2.25rem; }
h2 { font-size: 1.125rem; font-weight: 640; letter-spacing: -0.01em; margin-bottom: 0.75rem; }
h3 { font-size: 0.9375rem; font-weight: 620; }

.verdict {
  margin-top: 0.25rem; padding: 1.35rem 1.5rem; border-radius: var(--radius);
  background: var(--surface); border: 1px solid var(--line);
  display: flex; gap: 0.75rem 2rem; align-items: center; justify-content: space-between; flex-wrap: wrap;
}
.verdict h1 { font-size: 1.25rem; line-height: 1.35; font-weight: 560; letter-spacing: -0.012em; display: flex; align-items: baseline; gap: 0.35rem 0.8rem; flex-wrap: wrap; min-width: 0; flex: 1 1 26rem; }
.verdict .sentence { flex: 1 1 14rem; min-width: 0; }
.verdict .sentence::first-letter { text-transform: uppercase; }
.state { font-size: 0.8125rem; font-weight: 700; letter-spacing: 0.045em; padding: 0.28rem 0.7rem; border-radius: 999px; white-space: nowrap; position: relative; top: -0.12em; }
.verdict.good .state { background: var(--good-soft); color: var(--good); }
.verdict.warn .state { background: var(--warn-soft); color: var(--warn); }
.verdict.bad .state { background: var(--bad-soft); color: var(--bad); }
.verdict.info .state { background: var(--info-soft); color: var(--info); }
.verdict.warn { border-color: color-mix(in srgb, var(--warn) 40%, var(--line)); }
.verdict.bad { border-color: color-mix(in srgb, var(--bad) 55%, var(--line)); }
.tally { display: flex; gap: 0.25rem 1.5rem; flex-wrap: wrap; color: var(--quiet); font-size: 0.875rem; }
.tally b { color: var(--text); font-weight: 640; font-variant-numeric: tabular-nums; font-size: 1.0625rem; }

.cards { columns: 2 25rem; column-gap: 0.75rem; }
.card { background: var(--surface); border: 1px solid var(--line); border-left: 4px solid var(--warn); border-radius: var(--radius); padding: 0.95rem 1.15rem 1rem; margin-bottom: 0.75rem; break-inside: avoid; }
.card.bad { border-left-color: var(--bad); }
.card.info { border-left-color: var(--info); }
.item { margin-top: 0.6rem; }
.item + .item { border-top: 1px solid var(--line); padding-top: 0.6rem; }
.item li { font-size: 0.875rem; }
.item.caused li { font-weight: 600; font-size: 0.8125rem; line-height: 1.55; }
.why { font-size: 0.875rem; margin-top: 0.3rem; }
.next { margin-top: 0.7rem; padding-top: 0.6rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.875rem; }
summary { cursor: pointer; }
.item summary { color: var(--link); font-size: 0.875rem; padding-block: 0.15rem; }

#tools { display: flex; gap: 0.6rem 1rem; align-items: center; flex-wrap: wrap; margin-bottom: 0.75rem; }
#tools input[type="search"] {
  font: inherit; color: inherit; background: var(--surface); border: 1px solid color-mix(in srgb, var(--quiet) 60%, var(--line));
  border-radius: 8px; padding: 0.4rem 0.75rem; width: 17rem; max-width: 100%;
}
#tools input[type="search"]::placeholder { color: var(--quiet); opacity: 1; }
fieldset { border: 0; display: flex; gap: 0.2rem; background: var(--quiet-soft); border-radius: 9px; padding: 0.2rem; flex-wrap: wrap; min-width: 0; }
fieldset label { position: relative; cursor: pointer; }
fieldset input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; width: 100%; height: 100%; }
fieldset span:not(.unseen) { display: block; padding: 0.22rem 0.7rem; border-radius: 7px; font-size: 0.875rem; color: var(--text); }
fieldset b { font-weight: 500; color: var(--quiet); font-variant-numeric: tabular-nums; }
fieldset input:checked + span b { color: inherit; }
fieldset input:checked + span { background: var(--raised); box-shadow: 0 1px 2px rgb(0 0 0 / 0.16); font-weight: 560; }
fieldset input:focus-visible + span { outline: 2px solid var(--link); outline-offset: 1px; }
#matches { color: var(--quiet); font-size: 0.875rem; margin-left: auto; }

table.map { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); table-layout: fixed; }
.map th, .map td { text-align: left; vertical-align: top; padding: 0.6rem 0.9rem; font-size: 0.875rem; border-top: 1px solid var(--line); }
.map thead th { border-top: 0; color: var(--quiet); font-weight: 560; font-size: 0.8125rem; padding-block: 0.55rem; }
.map thead th:nth-child(1) { width: 23%; }
.map thead th:nth-child(2) { width: 17%; }
.map thead th:nth-child(3) { width: 20%; }
.map thead th:nth-child(4) { width: 20%; }
.map thead th:nth-child(5) { width: 12%; }
.map thead th:nth-child(6) { width: 8%; text-align: right; padding-left: 0; }
.map tbody th { font-weight: 560; }
.map .zone th { background: var(--sunken); font-weight: 640; padding-block: 0.42rem; font-size: 0.8125rem; }
.map small { display: block; line-height: 1.4; margin-top: 0.1rem; }
.map .number { text-align: right; padding-left: 0; font-variant-numeric: tabular-nums; white-space: nowrap; }
.map .path th, .map .path td { border-top-style: dashed; padding-block: 0.4rem; }
.map .path th { padding-left: 1.9rem; font-weight: 400; }
.map time { color: inherit; }
.badge { display: inline-block; font-size: 0.8125rem; font-weight: 600; line-height: 1.35; padding: 0.1rem 0.55rem; border-radius: 999px; white-space: nowrap; }
.badge.good { background: var(--good-soft); color: var(--good); }
.badge.warn { background: var(--warn-soft); color: var(--warn); }
.badge.bad { background: var(--bad-soft); color: var(--bad); }
.badge.info { background: var(--info-soft); color: var(--info); }
.badge.quiet { background: var(--quiet-soft); color: var(--quiet); font-weight: 600; }
.notes { margin-top: 0.35rem; }
.notes li { font-size: 0.8125rem; line-height: 1.4; color: var(--warn); }
.notes li + li { margin-top: 0.2rem; }

.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 1.5rem; }
@media (min-width: 62rem) { .columns { grid-template-columns: minmax(0, 1.9fr) minmax(0, 1fr); } }
.runs, .expiries { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }
.runs > li, .expiries > li { border-top: 1px solid var(--line); padding: 0.6rem 1rem; font-size: 0.875rem; }
.runs > li:first-child, .expiries > li:first-child { border-top: 0; }
.run { display: grid; grid-template-columns: 7.6rem 6.2rem minmax(0, 1fr) 0.8rem; gap: 0.1rem 0.75rem; align-items: start; }
.run .badge { justify-self: start; }
.run small { display: block; }
.runs summary { list-style: none; }
.runs summary::-webkit-details-marker { display: none; }
.runs summary .run::after { content: ""; width: 0.5rem; height: 0.5rem; margin-top: 0.35rem; border: solid var(--quiet); border-width: 0 1.5px 1.5px 0; transform: rotate(45deg); }
.runs details[open] summary .run::after { transform: rotate(225deg); margin-top: 0.6rem; }
.runs summary:hover .what { text-decoration: underline; text-decoration-color: var(--line); text-underline-offset: 0.2em; }
.changes { margin: 0.6rem 0 0.3rem; padding: 0.55rem 0.9rem; background: var(--sunken); border-radius: 8px; }
.changes li { font: 0.8125rem/1.55 var(--mono); padding-left: 1.2em; text-indent: -1.2em; }
.expiries .name { font-weight: 560; display: block; }

dl { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); font-size: 0.875rem; }
dl div { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: 0.75rem; padding: 0.5rem 1rem; border-top: 1px solid var(--line); }
dl div:first-child { border-top: 0; }
dt { color: var(--quiet); }
#daemon > p { font-size: 0.8125rem; margin-top: 0.75rem; }
.empty { background: var(--surface); border: 1px dashed var(--line); border-radius: var(--radius); padding: 1rem 1.15rem; color: var(--quiet); font-size: 0.875rem; }

@media (max-width: 52rem) {
  header, main { padding-inline: 1rem; }
  section { margin-top: 1.75rem; }
  .verdict { padding: 1.1rem 1.15rem; }
  .verdict h1 { font-size: 1.125rem; flex-basis: 100%; }
  nav { order: 3; width: 100%; }
  #tools label.search, #tools input[type="search"] { width: 100%; }
  #matches { margin-left: 0; }
  table.map, .map tbody, .map tr { display: block; }
  table.map { background: none; border: 0; }
  .map thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .map th, .map td { border: 0; padding: 0; }
  .map .zone { margin: 1.1rem 0 0.4rem; }
  .map tbody:first-of-type .zone { margin-top: 0; }
  .map .zone th { display: block; background: none; padding: 0 0.15rem; font-size: 0.875rem; }
  .map .host, .map .path { background: var(--surface); border: 1px solid var(--line); padding: 0.8rem 1rem; }
  .map .host { border-radius: var(--radius); margin-top: 0.6rem; }
  .map .host:has(+ .path) { border-radius: var(--radius) var(--radius) 0 0; }
  .map .path { border-top-style: dashed; margin-top: -1px; }
  .map .path:not(:has(+ .path)) { border-radius: 0 0 var(--radius) var(--radius); }
  .map .host th, .map .path th { display: block; margin-bottom: 0.4rem; padding: 0; font-size: 0.9375rem; }
  .map .path th { font-size: 0.875rem; }
  .map td { display: grid; grid-template-columns: 6.2rem minmax(0, 1fr); gap: 0 0.75rem; padding: 0.14rem 0; }
  .map .path td { padding: 0.14rem 0; }
  .map td::before { content: attr(data-label); color: var(--quiet); grid-row: 1 / span 9; }
  .map td > * { grid-column: 2; justify-self: start; }
  .map td.blank { display: none; }
  .map .number { text-align: left; }
  .run { grid-template-columns: auto auto 1fr; }
  .run .what { grid-column: 1 / -1; }
  .runs summary .run::after { grid-area: 1 / 3; justify-self: end; margin-right: 0.2rem; }
  .map td.none { display: none; }
  dl div { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media (forced-colors: active) {
  .badge, .state { border: 1px solid; }
  fieldset input:checked + span { outline: 2px solid; }
}
@media print { nav, #link, #tools, .skip { display: none; } body { background: none; } }
`;
