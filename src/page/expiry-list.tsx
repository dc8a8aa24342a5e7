import type { PageExpiry } from './page-expiry.ts';
import { Badge, Time } from './prose.tsx';

/** Service tokens that end or that gates rotates, the first to end on top. */
export function ExpiryList({ expiries }: { readonly expiries: readonly PageExpiry[] }) {
  return (
    <section id="expiries" data-live aria-labelledby="expiries-title">
      <h2 id="expiries-title">What expires</h2>
      {expiries.length === 0 ? (
        <p class="empty">Nothing: no service token that gates made has an end.</p>
      ) : (
        <ul class="expiries">
          {expiries.map(({ name, what, when, isSoon }) => (
            <li>
              <span class="name">
                {name} <small>service token</small> {isSoon && <Badge word="soon" tone="warn" />}
              </span>
              <span>
                {what === 'ends' ? 'ends' : 'gates rotates it'} <Time moment={when} />{' '}
                <span class="quiet">{when.at.slice(0, 10)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
