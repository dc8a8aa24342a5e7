import type { DoorFilter, PageHost, PageModel, PagePath, PageZone } from './page-model.ts';
import { Badge, Count, Time } from './prose.tsx';

/**
 * The usual roles of these elements. On a phone the table is laid out as cards, and some screen readers then no longer
 * recognize it as a table.
 */
const roles = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  column: { role: 'columnheader', scope: 'col' },
  zone: { role: 'rowheader', scope: 'rowgroup' },
  header: { role: 'rowheader', scope: 'row' },
  cell: { role: 'cell' },
} as const;

const COLUMNS = ['Host', 'Gate', 'Who gets in', 'State', 'Last check', 'Latency'] as const;

/** Every host of the file, by zone: its gate, who gets in, and what the last check found. */
export function DoorMap({ zones }: Pick<PageModel, 'zones'>) {
  if (zones === undefined || zones.length === 0) {
    const text = zones === undefined ? 'No revision has been applied yet.' : 'The file has no services.';
    return (
      <div id="map" data-live>
        <p class="empty">{text}</p>
      </div>
    );
  }
  return (
    <div id="map" data-live>
      <table class="map" {...roles.table} aria-labelledby="doors-title">
        <thead {...roles.group}>
          <tr {...roles.row}>
            {COLUMNS.map((column) => (
              <th {...roles.column}>{column}</th>
            ))}
          </tr>
        </thead>
        {zones.map((zone) => (
          <Zone zone={zone} />
        ))}
      </table>
      <p id="none" class="empty" hidden>
        No host matches.
      </p>
    </div>
  );
}

function Zone({ zone }: { readonly zone: PageZone }) {
  return (
    <tbody {...roles.group}>
      <tr class="zone" {...roles.row}>
        <th {...roles.zone} colspan={COLUMNS.length}>
          {zone.name}{' '}
          <span class="quiet">
            <Count of={zone.hosts.length} />
          </span>
        </th>
      </tr>
      {zone.hosts.map((host) => (
        <Host host={host} />
      ))}
    </tbody>
  );
}

function Host({ host }: { readonly host: PageHost }) {
  const { state, checked, milliseconds } = host;
  const isNamed = host.host.startsWith(`${host.service}.`);
  return (
    <>
      <tr class="host" data-filter={host.filter} data-service={host.service} {...roles.row}>
        <th {...roles.header}>
          {host.host}
          {isNamed ? '' : <small>{host.service}</small>}
        </th>
        <Gate of={host} />
        <td data-label="State" {...roles.cell}>
          <Badge word={state.word} tone={state.tone} />
          {state.detail !== undefined && <small>{state.detail}</small>}
          {state.since !== undefined && state.tone !== 'good' && (
            <small>
              for <Time moment={state.since} />
            </small>
          )}
          {host.notes.length > 0 && (
            <ul class="notes">
              {host.notes.map((note) => (
                <li>{note}</li>
              ))}
            </ul>
          )}
        </td>
        <td data-label="Last check" class={checked === undefined ? 'none' : ''} {...roles.cell}>
          {checked === undefined ? <Nothing /> : <Time moment={checked} />}
        </td>
        <td
          data-label="Latency"
          class={milliseconds === undefined ? 'number none' : 'number'}
          {...roles.cell}
        >
          {milliseconds === undefined ? <Nothing /> : `${milliseconds} ms`}
        </td>
      </tr>
      {host.paths.map((path) => (
        <tr class="path" {...roles.row}>
          <th {...roles.header}>
            <span class="quiet">path </span>
            {path.path}
          </th>
          <Gate of={path} />
          <td class="blank" {...roles.cell} />
          <td class="blank" {...roles.cell} />
          <td class="blank" {...roles.cell} />
        </tr>
      ))}
    </>
  );
}

function Gate({ of }: { readonly of: PageHost | PagePath }) {
  return (
    <>
      <td data-label="Gate" {...roles.cell}>
        {of.gate.name}
        {of.gate.how !== undefined && <small>{of.gate.how}</small>}
      </td>
      <td data-label="Who gets in" {...roles.cell}>
        {of.admits.length === 0 ? 'nobody' : of.admits.join('; ')}
        {of.reason !== undefined && <small>{of.reason}</small>}
      </td>
    </>
  );
}

function Nothing() {
  return (
    <span class="quiet">
      <span aria-hidden="true">–</span>
      <span class="unseen">none</span>
    </span>
  );
}

/** Search and filter: they need the script, which shows them. */
export function DoorTools({ tally }: Pick<PageModel, 'tally'>) {
  const all = tally.attention + tally.guarded + tally.public;
  const filters: readonly (readonly [value: DoorFilter | 'all', label: string, count: number])[] = [
    ['all', 'All', all],
    ['attention', 'Needs attention', tally.attention],
    ['guarded', 'Guarded', tally.guarded],
    ['public', 'Public', tally.public],
  ];
  return (
    <search id="tools" hidden>
      <label class="search">
        <span class="unseen">Search hosts, gates and people</span>
        <input id="search" type="search" placeholder="Search" autocomplete="off" spellcheck={false} />
      </label>
      <fieldset>
        <legend class="unseen">Show</legend>
        {filters.map(([value, label, count]) => (
          <label>
            <input type="radio" name="filter" value={value} checked={value === 'all'} />
            <span>
              {label}{' '}
              <b id={`count-${value}`}>
                <Count of={count} />
              </b>
            </span>
          </label>
        ))}
      </fieldset>
      <output id="matches" aria-live="polite" />
    </search>
  );
}
