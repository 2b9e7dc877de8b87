/** The page's style sheet. Colours are named once, for light and for dark; paper takes the light ones. */
export const STYLE = `
:root {
  --ground: #f6f6f3; --surface: #ffffff; --ink: #1d2430; --soft: #596273; --rule: #e2e4e6;
  --accent: #0d7470; --accent-soft: #d5ebe8; --train: #7a8496; --miss: #c2480f; --on-middle: #1d2430; --on-deep: #ffffff;
  --good: #1a7443; --warning: #9a5a00;
  --pearl: linear-gradient(100deg, #dceeea 0%, #e9e6f5 38%, #f8e8e2 70%, #e5f0f3 100%);
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #11151a; --surface: #191f26; --ink: #e7eaee; --soft: #a0aab8; --rule: #2d353f;
    --accent: #52cdbf; --accent-soft: #1e4844; --train: #8b96a8; --miss: #f58c53; --on-middle: #0d1115; --on-deep: #0d1115;
    --good: #6fd39b; --warning: #f0b45c;
    --pearl: linear-gradient(100deg, #17302f 0%, #242440 38%, #38262b 70%, #182a33 100%);
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; print-color-adjust: exact; -webkit-print-color-adjust: exact;
}
.page { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
header { background: var(--pearl); padding: 48px 0 76px; }
h1 { font-size: clamp(1.8rem, 5vw, 2.6rem); line-height: 1.15; letter-spacing: -0.02em; margin: 0; text-wrap: balance; }
.subtitle { color: var(--soft); margin: 6px 0 0; }
.verdict { font-size: 1.12rem; max-width: 64ch; margin: 20px 0 0; text-wrap: pretty; }
footer { color: var(--soft); font-size: 0.85rem; padding-block: 8px 40px; }
h2 { font-size: 1.3rem; letter-spacing: -0.01em; margin: 0; }
h3 { font-size: 0.95rem; margin: 0 0 8px; }
.lead { color: var(--soft); max-width: 76ch; margin: 4px 0 20px; text-wrap: pretty; }
section, .card, .bars {
  background: var(--surface); border: 1px solid var(--rule); border-radius: 14px;
}
section { padding: 24px 26px 26px; margin: 20px 0; }
.columns { display: grid; gap: 24px 36px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 360px), 1fr)); align-items: start; }
.columns > * { min-width: 0; }
.scroll { overflow-x: auto; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 4px; }

.cards { display: flex; flex-wrap: wrap; gap: 14px; margin-top: -46px; }
.card { flex: 1 1 190px; padding: 16px 18px; }
.card .label { color: var(--soft); font-size: 0.82rem; }
.card .value { font-size: 1.4rem; font-weight: 650; letter-spacing: -0.01em; line-height: 1.35; white-space: nowrap; }
.card .note { color: var(--soft); font-size: 0.8rem; line-height: 1.4; }
.card.hero { flex: 2 1 360px; }
.card.hero .value { font-size: 2.4rem; line-height: 1.15; color: var(--accent); }

table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
caption { text-align: left; color: var(--soft); font-size: 0.85rem; padding-bottom: 8px; }
th, td { text-align: right; padding: 7px 12px; border-bottom: 1px solid var(--rule); white-space: nowrap; }
tr > :first-child { text-align: left; padding-left: 0; }
tr > :last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 500; font-size: 0.83rem; }
tbody th { font-weight: 600; }
tbody tr:last-child > * { border-bottom: 0; }
tfoot tr > * { border-top: 2px solid var(--rule); border-bottom: 0; }

.bars { display: block; margin: 14px 0 0; padding: 16px 20px; }
.bars caption { display: block; }
.bars tbody, .bars tr { display: block; }
.bars tr { display: grid; grid-template-columns: minmax(90px, 190px) 1fr 68px; gap: 14px; align-items: center; }
.bars th, .bars td { border: 0; padding: 4px 0; white-space: normal; font-weight: 400; }
.bars .own > * { font-weight: 650; }
.bars .track div { position: relative; height: 14px; background: var(--ground); border-radius: 7px; }
.bars .fill { position: absolute; inset: 0 auto 0 0; background: var(--train); opacity: 0.55; border-radius: 7px; }
.bars .own .fill { background: var(--accent); opacity: 1; }
.bars .whisker { position: absolute; top: -3px; bottom: -3px; border: 2px solid var(--ink); border-block: 0; }
.bars .whisker::before { content: ""; position: absolute; inset: calc(50% - 1px) 0 auto; height: 2px; background: var(--ink); }

figure { margin: 0; }
.chart figcaption { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 0.88rem; margin-bottom: 6px; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; }
.chart { max-width: 620px; }
.chart.square svg { max-width: 400px; margin: 0 auto; }
.chart text { fill: var(--soft); font-size: 12px; }
.chart .grid { stroke: var(--rule); }
.chart .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round; }
.line.train { stroke: var(--train); stroke-width: 1.75; }
.line.validation { stroke: var(--accent); }
circle.train { fill: var(--train); }
circle.validation { fill: var(--accent); }
circle { stroke: var(--surface); stroke-width: 1.5; }
.key { color: var(--soft); display: inline-flex; align-items: center; gap: 6px; }
.key::before { content: ""; width: 20px; border-top: 3px solid var(--accent); }
.key.train::before { border-top: 2px solid var(--train); }
.chart line.best { stroke: var(--miss); stroke-dasharray: 4 4; }
.chart text.best { fill: var(--miss); font-weight: 600; }
.spot rect { fill: transparent; }
.spot circle { opacity: 0; }
.spot:hover circle, .spot.shown circle { opacity: 1; }
.bin rect { fill: var(--accent-soft); }
.ideal { stroke: var(--soft); stroke-dasharray: 5 5; }

.columns.stacked { grid-template-columns: minmax(0, 1fr); }
.columns.uneven { grid-template-columns: minmax(0, 5fr) minmax(0, 3fr); }
.heat { width: auto; font-size: 0.85rem; border-collapse: separate; border-spacing: 2px; }
.heat th, .heat td { border: 0; text-align: center; padding: 0 6px; height: 34px; min-width: 38px; border-radius: 5px; }
.heat tr > :first-child { text-align: right; padding-right: 8px; }
.heat thead th { color: var(--ink); font-weight: 600; font-size: 0.85rem; vertical-align: bottom; }
.heat thead .corner { white-space: pre; line-height: 1.3;  color: var(--soft); font-weight: 400; font-size: 0.75rem; }
.heat.upright thead th:not(.corner) { height: auto; }
.heat.upright thead span { writing-mode: vertical-rl; transform: rotate(180deg); display: inline-block; padding-bottom: 2px; }
.heat.dense { font-size: 0.75rem; border-spacing: 1px; }
.heat.dense th, .heat.dense td { height: 25px; min-width: 25px; padding: 0 3px; border-radius: 3px; }
.heat td.none { background: var(--ground); position: relative; }
.heat td.right { background: color-mix(in srgb, var(--accent) var(--shade), var(--ground)); }
.heat td.wrong { background: color-mix(in srgb, var(--miss) var(--shade), var(--ground)); font-weight: 600; }
.heat td.middle { color: var(--on-middle); }
.heat td.deep { color: var(--on-deep); }
.pairs { list-style: none; padding: 0; margin: 0; font-size: 0.92rem; }
.pairs li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 16px; padding: 7px 0; border-bottom: 1px solid var(--rule); }
.pairs li:last-child { border: 0; }
.pairs .aside { margin-left: auto; text-align: right; }
small { color: var(--soft); font-size: 0.85em; }

.classes td { width: 21%; }
.classes td:last-child { width: 10%; }
.meter { display: block; height: 5px; border-radius: 3px; background: var(--ground); margin-top: 3px; overflow: hidden; }
.meter span { display: block; height: 100%; background: var(--accent); border-radius: 3px; }

.pictures { list-style: none; padding: 0; margin: 0; display: grid; gap: 20px 16px; grid-template-columns: repeat(auto-fill, minmax(116px, 1fr)); }
.pictures img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; background: var(--ground); border: 1px solid var(--rule); border-radius: 8px; }
.pictures figcaption { font-size: 0.85rem; line-height: 1.35; padding-top: 6px; }
.pictures small { display: block; }
.miss { color: var(--miss); }

.facts tr > :first-child { width: 34%; padding-right: 20px; }
.facts th, .facts td { text-align: left; white-space: normal; vertical-align: top; overflow-wrap: anywhere; }
.facts th { font-weight: 400; color: var(--soft); }
.mark { display: inline-block; font-size: 0.78rem; font-weight: 650; border: 1px solid currentcolor; border-radius: 99px; padding: 0 8px; margin-right: 4px; }
.mark.good { color: var(--good); }
.mark.warning { color: var(--warning); }
.plain tr > * { text-align: left; }
pre { background: var(--ground); border: 1px solid var(--rule); border-radius: 8px; padding: 12px 16px; margin: 0 0 16px; overflow-x: auto; font-size: 0.88rem; }

@media (max-width: 760px) {
  .page { padding: 0 16px; }
  header { padding: 32px 0 68px; }
  .cards { gap: 10px; }
  .card { flex-basis: 40%; padding: 12px 14px; }
  .card.hero { flex-basis: 100%; }
  section { padding: 18px 16px 20px; margin: 14px 0; border-radius: 12px; }
  .columns.stacked { grid-template-columns: minmax(0, 1fr); }
.columns.uneven { grid-template-columns: minmax(0, 1fr); }
  .heat:not(.dense) { font-size: 0.78rem; border-spacing: 1px; }
  .heat:not(.dense) th, .heat:not(.dense) td { min-width: 27px; height: 28px; padding: 0 2px; }
  .heat:not(.dense) tr > :first-child { padding-right: 6px; }
  .bars tr { grid-template-columns: 96px 1fr 58px; gap: 10px; }
  th, td { padding-inline: 8px; }
}
@media (max-width: 480px) {
  .chart text { font-size: 15px; }
  .heat:not(.dense) th, .heat:not(.dense) td { min-width: 23px; height: 26px; padding: 0 1px; font-size: 0.75rem; }
  .heat thead .corner { font-size: 0.62rem; }
  .classes { font-size: 0.82rem; }
  .classes tr > :not(:first-child) { padding-left: 4px; }
  .classes tr > :not(:last-child) { padding-right: 4px; }
  .classes tbody th { white-space: normal; overflow-wrap: anywhere; }
}
@media print {
  body { font-size: 10.5pt; background: none; }
  .page { max-width: none; padding: 0; }
  header { padding: 20px 16px 60px; border-radius: 12px; }
  section, .card, .bars { border-color: #ccc; }
  section, figure, tr, li, .card, .bars { break-inside: avoid; }
  h2, .lead { break-after: avoid; }
  .scroll { overflow: visible; }
  .columns { grid-template-columns: 1fr 1fr; }
  .columns.uneven { grid-template-columns: 5fr 3fr; }
}
`;
