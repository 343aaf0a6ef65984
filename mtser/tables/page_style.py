"""The style sheet of the HTML page: desktop, phone and paper."""

STYLE = """
:root { color-scheme: light; --ink: #1d2329; --soft: #55606b; --rule: #d5dae0; --tint: #f4f6f8; --link: #0b5cad;
  --paper: #f6f1e4; --better: #00674c; --worse: #a33c00; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0 auto; padding: 1.5rem clamp(0.9rem, 3vw, 2.5rem) 4rem; max-width: 78rem; background: #fff;
  color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: break-word; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.5rem; line-height: 1.25; margin: 3rem 0 0.8rem; padding-top: 1rem; border-top: 3px solid var(--ink); }
h3 { font-size: 1.25rem; line-height: 1.3; margin: 2.4rem 0 0.6rem; padding-bottom: 0.25rem;
  border-bottom: 1px solid var(--rule); }
h4 { font-size: 1.05rem; margin: 2rem 0 0.5rem; }
h5 { font-size: 0.95rem; margin: 0 0 0.4rem; }
p, ul, ol { margin: 0.5rem 0; max-width: 52rem; }
ul, ol { padding-left: 1.3rem; }
a { color: var(--link); }
code { font: 0.88em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.glance { background: var(--tint); border-left: 4px solid var(--ink); padding: 0.7rem 1rem;
  border-radius: 0 4px 4px 0; }
.glance ul { max-width: none; list-style: disc; }
.glance > ul { list-style: none; padding: 0; }
.glance > ul > li + li { margin-top: 0.6rem; }
.contents { font-size: 0.9rem; }
.contents ul { max-width: none; }
.contents li { margin: 0.15rem 0; }
.contents a { display: inline-block; padding: 0.15rem 0.5rem 0.15rem 0; }
.warnings { background: #fff8e1; border-left: 4px solid #c98a00; padding: 0.5rem 1rem; margin: 0.8rem 0;
  border-radius: 0 4px 4px 0; max-width: 60rem; }
.warnings ul { margin: 0.2rem 0; max-width: none; }
.synthetic { background: #fdecea; border-left: 4px solid #b3261e; padding: 0.5rem 1rem; margin: 0.8rem 0;
  border-radius: 0 4px 4px 0; max-width: 60rem; font-weight: 600; }
.badge { display: inline-block; font-size: 0.72rem; font-weight: 600; color: #8c1d18; background: #fdecea;
  border-radius: 3px; padding: 0.05rem 0.4rem; vertical-align: middle; margin-left: 0.3rem; }
.scroll { overflow-x: auto; margin: 0.6rem 0; border: 1px solid var(--rule); border-radius: 4px; max-width: 100%;
  width: fit-content; }
.scroll:focus-visible { outline: 3px solid var(--link); }
table { border-collapse: separate; border-spacing: 0; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.7rem; text-align: right; vertical-align: top; border-top: 1px solid #eceff2;
  white-space: nowrap; }
thead th { background: var(--tint); border-top: 0; vertical-align: bottom; font-weight: 600; }
thead tr + tr th { border-top: 1px solid var(--rule); }
thead th.group { text-align: left; font-weight: 600; color: var(--soft); font-size: 0.8rem; white-space: normal; }
th[scope="row"] { text-align: left; font-weight: 500; position: sticky; left: 0; background: #fff; z-index: 1;
  border-right: 1px solid var(--rule); white-space: normal; min-width: 7.5rem; max-width: 13rem; }
thead th { white-space: normal; }
thead tr:first-child th:first-child { text-align: left; position: sticky; left: 0; z-index: 2;
  border-right: 1px solid var(--rule); }
thead th.verdict { text-align: left; }
th[scope="row"] code { color: var(--soft); font-size: 0.8em; overflow-wrap: anywhere; }
th[scope="row"] code:only-child { color: var(--ink); }
tr.reference th[scope="row"], tr.reference td { background: #eef4fb; }
tr.rule th { background: var(--tint); border-top: 2px solid var(--ink); color: var(--soft); font-style: italic;
  text-align: left; position: static; border-right: 0; }
td.missing { text-align: left; color: var(--soft); font-style: italic; }
.paper, tr.reference td.paper { background: var(--paper); font-style: italic; color: #5d5335; }
thead th.group.paper { white-space: nowrap; }
thead th.paper { background: #ece3cb; font-style: italic; color: #4c4327; }
td.paper.first, th.paper.first { border-left: 3px double #b9a877; }
td .ci { display: block; color: var(--soft); font-size: 0.82em; }
.std { color: var(--soft); }
.mark { display: inline-block; width: 1.1em; text-align: center; }
.better { color: var(--better); } .worse { color: var(--worse); } .same { color: var(--soft); }
td.verdict { text-align: left; }
.notes { font-size: 0.85rem; color: var(--soft); max-width: 60rem; }
.notes p, .notes ol, .notes ul { margin: 0.3rem 0; max-width: none; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem 1.5rem;
  align-items: start; margin: 0.8rem 0; }
.beside { min-width: 0; }
figure { margin: 0; max-width: 36rem; }
figure img { display: block; width: 100%; height: auto; }
figcaption { font-size: 0.85rem; color: var(--soft); margin-top: 0.3rem; }
.matrices { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1.2rem 1.5rem;
  align-items: start; }
.matrices.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 31rem), 1fr)); }
.matrices > div { min-width: 0; }
.matrices table { font-size: 0.82rem; }
.matrices th, .matrices td { padding: 0.25rem 0.5rem; }
.matrices.wide table { font-size: 0.76rem; }
.matrices.wide th, .matrices.wide td { padding: 0.2rem 0.35rem; }
.matrices th[scope="row"] { min-width: 0; white-space: nowrap; }
.heat { text-align: center; }
.heat small { display: block; font-size: 0.8em; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
@media (max-width: 40rem) {
  body { font-size: 15px; padding-top: 1rem; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.3rem; } h3 { font-size: 1.15rem; }
  th, td { padding: 0.3rem 0.5rem; }
  th[scope="row"] { min-width: 6rem; max-width: 8.5rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  .contents { display: none; }
  .figures { grid-template-columns: repeat(2, 1fr); }
  .matrices { grid-template-columns: repeat(3, 1fr); }
  .matrices.wide { grid-template-columns: repeat(2, 1fr); }
  .matrices table, .matrices.wide table { font-size: 6.5pt; }
  .scroll { overflow: visible; border: 0; }
  table { font-size: 7.5pt; }
  th, td { padding: 1pt 3pt; }
  th[scope="row"], thead tr:first-child th:first-child { position: static; }
  tr, figure, .matrices > div, .warnings, .synthetic { break-inside: avoid; }
  h2, h3, h4, h5 { break-after: avoid; }
  .heat, .paper, thead th, .warnings, .synthetic, .glance, tr.reference td { -webkit-print-color-adjust: exact;
    print-color-adjust: exact; }
}
"""
