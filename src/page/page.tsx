import { harmless } from '../report/screen/harmless.ts';
import { DoorMap, DoorTools } from './door-map.tsx';
import { ExpiryList } from './expiry-list.tsx';
import type { PageModel } from './page-model.ts';
import { ProblemCards } from './problem-cards.tsx';
import { Count, Time } from './prose.tsx';
import { RunList } from './run-list.tsx';
import type { Tone } from './tone.ts';

/** The page as HTML. Foreign text is escaped, and cannot reverse the direction of a line. */
export function renderPage(model: PageModel): string {
  return harmless(`<!doctype html>${<Page model={model} />}`);
}

function Page({ model }: { readonly model: PageModel }) {
  const { verdict } = model;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${verdict.state} · gates`}</title>
        <link id="icon" rel="icon" href={iconOf(verdict.tone)} />
        <link rel="stylesheet" href="page.css" />
        <script src="page.js" defer />
      </head>
      <body>
        <a class="skip" href="#doors">
          Skip to the doors
        </a>
        <header>
          <p class="brand">gates</p>
          <nav aria-label="On this page">
            <a href="#doors">Doors</a>
            <a href="#runs">Runs</a>
            <a href="#expiries">Expires</a>
            <a href="#daemon">Daemon</a>
          </nav>
          <p id="link" role="status" />
        </header>
        <main>
          <Verdict model={model} />
          <ProblemCards problems={model.problems} />
          <section id="doors" aria-labelledby="doors-title">
            <h2 id="doors-title">Doors</h2>
            <DoorTools tally={model.tally} />
            <DoorMap zones={model.zones} />
          </section>
          <div class="columns">
            <RunList runs={model.runs} />
            <ExpiryList expiries={model.expiries} />
          </div>
          <Daemon model={model} />
        </main>
      </body>
    </html>
  );
}

function Verdict({ model }: { readonly model: PageModel }) {
  const { verdict, tally } = model;
  const hosts = tally.attention + tally.guarded + tally.public;
  return (
    <section id="verdict" class={`verdict ${verdict.tone}`} data-live aria-labelledby="verdict-title">
      <h1 id="verdict-title">
        <span class="state">{verdict.state}</span> <span class="sentence">{verdict.text}</span>
      </h1>
      {hosts > 0 && (
        <ul class="tally">
          <Tally count={hosts} label={hosts === 1 ? 'host' : 'hosts'} />
          <Tally count={tally.guarded} label="guarded" />
          <Tally count={tally.public} label="public" />
          {tally.attention > 0 && (
            <Tally
              count={tally.attention}
              label={tally.attention === 1 ? 'needs attention' : 'need attention'}
            />
          )}
        </ul>
      )}
    </section>
  );
}

function Tally({ count, label }: { readonly count: number; readonly label: string }) {
  return (
    <li>
      <b>
        <Count of={count} />
      </b>{' '}
      {label}
    </li>
  );
}

function Daemon({ model }: { readonly model: PageModel }) {
  return (
    <section id="daemon" data-live aria-labelledby="daemon-title">
      <h2 id="daemon-title">Daemon</h2>
      <dl>
        {model.facts.map(([name, text]) => (
          <div>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        This page only shows. Last change of the status: <Time moment={model.updated} />. The same as JSON:{' '}
        <a href="api/status">/api/status</a>
      </p>
    </section>
  );
}

/** A dot in the color of the verdict, for the tab. */
function iconOf(tone: Tone): string {
  const fill = { good: '#1a7f4b', warn: '#b7791f', bad: '#c53030', info: '#2b6cb0', quiet: '#64748b' }[tone];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${fill}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
