import type { SectionItem } from '../report/status/status-section.ts';
import type { PageProblem } from './page-model.ts';
import { Prose } from './prose.tsx';

/** The most lines of one cause that a card shows; the others are folded away. */
const SHOWN = 6;

/** The problems that need a person, the worst first; nothing if there are none. */
export function ProblemCards({ problems }: { readonly problems: readonly PageProblem[] }) {
  if (problems.length === 0) return <section id="problems" data-live hidden />;
  return (
    <section id="problems" data-live aria-labelledby="problems-title">
      <h2 id="problems-title">Needs attention</h2>
      <div class="cards">
        {problems.map((problem) => (
          <article class={`card ${problem.tone}`}>
            <h3>
              <Prose text={problem.title} />
            </h3>
            {problem.items.map((item, index) => (
              <Item item={item} id={`more-${problem.about}-${index}`} />
            ))}
            {problem.next !== undefined && (
              <p class="next">
                <Prose text={problem.next} />
              </p>
            )}
          </article>
        ))}
      </div>
    </section>
  );
}

function Item({ item, id }: { readonly item: SectionItem; readonly id: string }) {
  const { lines, details = [] } = item;
  const shown = lines.length > SHOWN + 1 ? lines.slice(0, SHOWN) : lines;
  const folded = lines.slice(shown.length);
  return (
    <div class={details.length > 0 ? 'item caused' : 'item'}>
      <Lines lines={shown} />
      {folded.length > 0 && (
        <details id={id}>
          <summary>{folded.length} more with the same cause</summary>
          <Lines lines={folded} />
        </details>
      )}
      {details.map((detail) => (
        <p class="why">
          <Prose text={detail} />
        </p>
      ))}
    </div>
  );
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <ul>
      {lines.map((line) => (
        <li>
          <Prose text={line} />
        </li>
      ))}
    </ul>
  );
}
