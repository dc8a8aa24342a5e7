import type { PageRun } from './page-runs.ts';
import { Badge, Prose, Time } from './prose.tsx';

/** The last runs, newest first, each with its changes. */
export function RunList({ runs }: { readonly runs: readonly PageRun[] }) {
  return (
    <section id="runs" data-live aria-labelledby="runs-title">
      <h2 id="runs-title">Last runs</h2>
      {runs.length === 0 ? (
        <p class="empty">No run has ended yet.</p>
      ) : (
        <ol class="runs">
          {runs.map((run) => (
            <li>{run.details.length === 0 ? <Line run={run} /> : <Folded run={run} />}</li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Folded({ run }: { readonly run: PageRun }) {
  return (
    <details id={`run-${run.id}`}>
      <summary>
        <Line run={run} />
      </summary>
      <ul class="changes">
        {run.details.map((detail) => (
          <li>
            <Prose text={detail} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Line({ run }: { readonly run: PageRun }) {
  const { before } = run;
  return (
    <span class="run">
      <Time moment={run.started} />
      <Badge word={run.result} tone={run.tone} />
      <span class="what">
        <Prose text={run.summary} />
        <small>
          {run.about}
          {before !== undefined && (
            <>
              ; {before.count} more since <Time moment={before.since} />
            </>
          )}
        </small>
      </span>
    </span>
  );
}
