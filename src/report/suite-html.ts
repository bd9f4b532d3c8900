import type { SuiteRun } from '../suite/result.ts';
import { Figures } from './html/figure.ts';
import { html } from './html/markup.ts';
import { runArticle } from './html/run.ts';
import { style } from './html/style.ts';
import { broken, facts, headline, matrix } from './html/summary.ts';
import type { SuiteReporter } from './suite-reporter.ts';

/** One HTML file that needs nothing else: no script, nothing from elsewhere but the bundles that it links to. */
export const suiteHtml: SuiteReporter = {
  format: 'html',
  report: (result, folder) => {
    const figures = new Figures();
    const idOf = (run: SuiteRun) => `run-${result.runs.indexOf(run) + 1}`;
    const title = headline(result);
    const scenarios = [...new Set(result.runs.map(({ scenario }) => scenario))];
    const sections = scenarios.map((scenario, index) => {
      const runs = result.runs.filter((run) => run.scenario === scenario);
      const articles = runs.map((run) =>
        runArticle(run, { topology: result.topologies[run.topologyFile], figures, id: idOf(run), folder }),
      );
      const id = `scenario-${index + 1}`;
      return html`<section class="scenario" aria-labelledby="${id}">
<h2 id="${id}">${runs[0]?.title} <code>${scenario}</code></h2>
<p class="teaches">${runs[0]?.teaches}</p>
${articles}</section>
`;
    });
    const page = html`<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${figures.definitions}
<header class="${result.verdict}">
<p class="from">lab suite</p>
<h1>${title}</h1>
${facts(result)}
</header>
<main>
${broken(result.runs, idOf)}
<section aria-labelledby="runs"><h2 id="runs">Runs</h2>
${matrix(result.runs, idOf)}</section>
${sections}</main>
</body>
</html>
`;
    return `<!doctype html>\n${page.text}`;
  },
};
