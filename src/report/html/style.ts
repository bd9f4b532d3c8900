import { Markup } from './markup.ts';

/** Colours of a theme, by what they are for. Text on ground or surface has a contrast of at least 4.5 (WCAG 2.2, AA). */
export type Theme = Readonly<Record<(typeof colourNames)[number], string>>;

const colourNames = [
  'ground',
  'surface',
  'ink',
  'muted',
  'line',
  'link',
  'good',
  'bad',
  'warn',
  'local',
  'segment',
] as const;

export const themes: Readonly<Record<'light' | 'dark', Theme>> = {
  light: {
    ground: '#ffffff',
    surface: '#f5f6f8',
    ink: '#1a1d21',
    muted: '#586069',
    line: '#d3d8de',
    link: '#0b57c9',
    good: '#17703a',
    bad: '#b3261e',
    warn: '#855600',
    local: '#006a6a',
    segment: '#7a3fb0',
  },
  dark: {
    ground: '#14161a',
    surface: '#1d2025',
    ink: '#e7e9ec',
    muted: '#9ba4ae',
    line: '#3a414a',
    link: '#8ab8ff',
    good: '#67cf8b',
    bad: '#ff938a',
    warn: '#e2b562',
    local: '#5fd3d0',
    segment: '#cda4f5',
  },
};

function variables(theme: Theme): string {
  return colourNames.map((name) => `--${name}:${theme[name]}`).join(';');
}

/** The style sheet of the report. */
export const style = new Markup(`
:root{${variables(themes.light)};color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{${variables(themes.dark)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
header,main{max-width:76rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.87em}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 1.25rem;letter-spacing:-.015em;font-weight:650}
h2{font-size:1.25rem;line-height:1.3;margin:3rem 0 .5rem;letter-spacing:-.005em}
h2 code{font-size:.75em;font-weight:400;color:var(--muted);margin-left:.4em;overflow-wrap:anywhere}
h3{font-size:1rem;margin:0;display:inline}
h4{font-size:.95rem;margin:0}
a{color:var(--link);text-underline-offset:.15em}
p{margin:.4rem 0}
.from{color:var(--muted);margin:0 0 .15rem;font-size:.9rem}
header.fail h1,header.error h1{color:var(--bad)}
header.pass h1{color:var(--good)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.shared{position:absolute}
dl{margin:0}dt{color:var(--muted)}dd{margin:0}
.counts{display:flex;flex-wrap:wrap;gap:1.75rem}
.counts div{display:flex;flex-direction:column-reverse}
.counts dt{font-size:.85rem}
.counts dd{font-size:1.6rem;font-weight:600;line-height:1.15;font-variant-numeric:tabular-nums}
.counts .passed dd{color:var(--good)}.counts .failed dd,.counts .errors dd{color:var(--bad)}.counts .skipped dd,.counts .flaky dd{color:var(--warn)}
.counts .none dd{color:var(--muted);font-weight:400}
.facts{display:flex;flex-wrap:wrap;gap:.2rem 1.75rem;font-size:.87rem;border-top:1px solid var(--line);padding-top:.7rem;margin-top:.7rem}
.facts div{display:flex;gap:.45rem;min-width:0}
.facts dd{overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);font-size:.85rem;padding-bottom:.3rem}
th,td{text-align:left;padding:.28rem .9rem .28rem 0;vertical-align:baseline;font-weight:400}
thead th{color:var(--muted);font-size:.85rem;border-bottom:1px solid var(--line)}
.matrix tbody tr+tr>*{border-top:1px solid var(--line)}
.matrix td,.matrix th{white-space:nowrap}
.matrix td a{text-decoration:none}
.took,.settings{color:var(--muted);font-size:.85rem;font-weight:400}
.number{text-align:right;padding-right:0;padding-left:.9rem}
.verdict{font-weight:600;font-size:.85rem}
.verdict.pass{color:var(--good)}.verdict.fail,.verdict.error{color:var(--bad)}.verdict.skip,.verdict.flaky{color:var(--warn)}
.broken{padding-left:1.3rem;margin:.25rem 0}.broken li{margin:.5rem 0}.broken .summary{margin-left:.5rem}
.why,.frames{display:block;color:var(--muted);font-size:.87rem;overflow-wrap:anywhere}
.guilty-hop{color:var(--bad)}.cause{display:block;color:var(--bad);font-weight:600;overflow-wrap:anywhere}
.teaches{color:var(--muted);max-width:46rem;margin:0 0 1rem}
.run{border-top:1px solid var(--line);padding:.6rem 0;scroll-margin-top:.5rem}
.run.fail,.run.error{padding-bottom:1.5rem}
.head .verdict{margin:0 .35rem 0 .6rem}
summary{cursor:pointer}
summary:focus-visible,a:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
.reason{color:var(--bad);overflow-wrap:anywhere;white-space:pre-line}
.skip .reason{color:var(--warn)}
.bundle,.earlier,.link{font-size:.9rem}.link{color:var(--muted)}
.journey{margin:1.4rem 0 0}
.end{margin:.1rem 0 .6rem;font-size:.9rem;overflow-wrap:anywhere}
.end.lost{color:var(--bad)}.pass .end.lost{color:var(--warn)}.end.delivered{color:var(--good)}
.told{display:grid;grid-template-columns:minmax(0,27rem) minmax(0,1fr);gap:1.25rem 2.25rem;align-items:start}
.told>.beside:only-child{grid-column:1/-1}
.hops{width:100%;max-width:38rem}
.hops code{overflow-wrap:anywhere}
.hops .label{color:var(--muted);font-size:.87rem}
.hops .mark{color:var(--muted);padding-right:.6rem;width:1.2rem}
.hops .aside{color:var(--muted)}
.hops tbody tr+tr>*{border-top:1px solid color-mix(in srgb,var(--line) 55%,transparent)}
.hops td,.hops th{padding-top:.2rem;padding-bottom:.2rem}
span.tag{white-space:nowrap}
span.tag.local{color:var(--local);font-weight:600}span.tag.segment{color:var(--segment);font-weight:600}span.tag.other{color:var(--warn);font-weight:600}
.claims{list-style:none;margin:.9rem 0 0;padding:0}
.claims li{padding:.22rem 0 .22rem 1.5rem;position:relative}
.claims .sign{position:absolute;left:.1rem}
.holds .sign{color:var(--good)}.broken .sign{color:var(--bad)}
.claims .broken{font-weight:600}.claims .broken .why{color:var(--bad);font-weight:400}.claims .frames{font-weight:400}
.trace{margin-top:.8rem}.trace summary{color:var(--muted);font-size:.87rem}
pre{background:var(--surface);border:1px solid var(--line);border-radius:4px;padding:.7rem .8rem;overflow-x:auto;margin:.4rem 0;line-height:1.4}
.timeline{margin:1rem 0;max-width:30rem}.timeline figcaption{margin-bottom:.4rem;font-size:.95rem}
svg{display:block;width:100%;height:auto;font-family:inherit}
svg.shared{width:0;height:0}
text{font-size:11px;fill:var(--ink)}
.host{fill:none;stroke:var(--line);stroke-dasharray:3 3}
.host-name,.port,.box-text{fill:var(--muted);font-size:10px}
.bar{fill:var(--surface);stroke:var(--muted)}.box{fill:var(--ground);stroke:var(--line)}
.bar-name{font-weight:600}
.cable{stroke:var(--line);stroke-width:1.5;fill:none}
.way{fill:none;stroke:var(--link);stroke-width:3;stroke-linejoin:round;stroke-linecap:round}
.ahead{fill:none;stroke:var(--muted);stroke-width:1.5;stroke-dasharray:2 5;stroke-linecap:round}
.guilty{fill:none;stroke:var(--bad);stroke-width:2}
.aside circle,circle.aside{fill:var(--ground);stroke:var(--muted);stroke-width:1.5}
.hop circle{fill:var(--link)}svg .hop .number{fill:var(--ground);font-weight:650;font-size:10.5px}
.hop rect{fill:var(--ground);stroke:var(--muted)}svg .hop .tag{font-size:9.5px;fill:var(--ink)}
.hop.local rect{stroke:var(--local)}svg .hop.local .tag{fill:var(--local);font-weight:600}
.hop.segment rect{stroke:var(--segment)}svg .hop.segment .tag{fill:var(--segment);font-weight:600}
.hop.other rect{stroke:var(--warn)}svg .hop.other .tag{fill:var(--warn);font-weight:600}
.loss circle{fill:var(--bad);stroke:var(--ground);stroke-width:1.5}.loss path{stroke:var(--ground);stroke-width:2.2;stroke-linecap:round;fill:none}
.timeline svg text{font-size:12px}.timeline svg .took-text,.timeline svg .detail{fill:var(--muted)}.timeline svg .detail{font-size:10px}
.track{stroke:var(--line);stroke-width:1}.took{fill:var(--link)}
main{padding-bottom:4rem}
@media (max-width:58rem){.told{grid-template-columns:minmax(0,1fr)}.drawn{max-width:30rem}}
@media (max-width:34rem){
body{font-size:14.5px}header,main{padding-left:.9rem;padding-right:.9rem}header{padding-top:1.25rem}
h1{font-size:1.5rem}h2{margin-top:2.25rem}.counts{gap:1.25rem}.facts{gap:.2rem 1.2rem}
.head .summary{display:block}.drawn{margin:0 -.7rem}
th,td{padding-right:.55rem}.number{padding-left:.4rem}
}
@media print{
:root{${variables(themes.light)}}
body{font-size:9pt}header,main{max-width:none;padding:0}
h2,h3,h4,.end,.head{break-after:avoid}.journey,.timeline,figure,table{break-inside:avoid}
.told{grid-template-columns:minmax(0,15rem) minmax(0,1fr);gap:1rem}
details::details-content{content-visibility:visible;block-size:auto}
details:not([open])>summary{list-style:none}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
a{color:inherit;text-decoration:none}
}
`);
