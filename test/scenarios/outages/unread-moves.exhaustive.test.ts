import { describe, expect, it } from 'vitest';
import { OutageHome, outageHome } from '../homes/outage-home.ts';
import { type Admitted, type State, state, union } from '../moves/moves.ts';
import { inTurn } from '../stage/cut.ts';
import { unfinished } from '../stage/stage.ts';
import { tallied } from '../stage/tally.ts';
import { forbidden, type Meddling, readOf } from '../stage/trouble.ts';

const tally = tallied('moves to another origin while lists cannot be read');

const [me, you] = ['me@example.dev', 'you@example.dev'];
const people = (...emails: readonly string[]) => `{ cloudflare: { emails: [${emails.join(', ')}] } }`;
const asks = (...groups: readonly string[]) => `{ authentik: { groups: [${groups.join(', ')}] } }`;
const byProxy = (group: string) => `{ authentik: { mode: proxy, groups: [${group}] } }`;
const byDomain = '{ authentik: { mode: domain } }';
const admins: Admitted = { groups: ['admins'] };
const family: Admitted = { groups: ['family'] };
const both: Admitted = { groups: ['admins', 'family'] };

/** A state of the host behind an origin of `outageHome`, with the address of that. */
function at(origin: string, address: string, gate: string, admit: Admitted): State {
  return { ...state(`${gate} at ${origin}`, gate, admit, {}, origin), origin: `http://${address}:80` };
}

const app = ['app', 'app.lan'] as const;
const traefik = ['traefik', 'traefik.lan'] as const;
const moved = ['moved', 'moved.lan'] as const;
const away = ['away', 'other.lan'] as const;
const behind = ['behind', 'moved.lan'] as const;

/** The same file, in which the login of the domain has another group. */
const withAdmins = (file: string) => file.replace('{ groups: [family] } }', '{ groups: [family, admins] } }');

const [emails, more] = [{ emails: [me] }, { emails: [me, you] }];
const rows: readonly (readonly [before: State, after: State, edit?: typeof withAdmins])[] = [
  [at(...app, people(me), emails), at(...away, people(me, you), more)],
  [at(...app, people(me), emails), at('next', 'next.lan', people(me, you), more)],
  [at(...app, people(me), emails), at(...away, people(you), { emails: [you] })],
  [at(...traefik, asks('admins'), admins), at(...moved, asks('admins', 'family'), both)],
  [at(...traefik, asks('admins'), admins), at(...behind, asks('admins', 'family'), both)],
  [at(...traefik, byDomain, family), at(...moved, byDomain, both), withAdmins],
  [at(...traefik, asks('admins'), admins), at(...behind, asks('family'), family)],
  [at(...traefik, asks('admins'), admins), at(...moved, asks('family'), family)],
  [at(...app, people(me), emails), at(...behind, asks('admins'), admins)],
  [at(...app, people(me), emails), at(...away, '{ serviceToken: { tokens: [ci] } }', { tokens: ['ci'] })],
  [at(...app, byProxy('admins'), admins), at('next', 'next.lan', byProxy('family'), family)],
  [at(...app, byProxy('admins'), admins), at(...away, people(you), { emails: [you] })],
];

/** A home with one more origin of the first tunnel. */
function fileOf(of: State): string {
  return outageHome(of).replace(
    'origins:\n',
    'origins:\n  next: { tunnel: homelab, url: "http://next.lan:80" }\n',
  );
}

/** Rejects these reads: each one, or only the first of each list, so that the run reads it later. */
function without(lists: readonly string[], isForShort: boolean): Meddling {
  const rejected = new Set<string>();
  return {
    meddle: async ({ system, request }, send) => {
      const read = readOf(system, request);
      if (request.method !== 'GET' || !lists.includes(read)) return send();
      if (isForShort && rejected.has(read)) return send();
      rejected.add(read);
      return forbidden[system]();
    },
  };
}

/** Each list that shows where a host leads, and the names together with the rules. */
function unreadIn(reads: readonly string[]): readonly (readonly string[])[] {
  const lists = [...new Set(reads)].filter((read) =>
    /\/(zones|dns_records|cfd_tunnel|configurations)$/.test(read),
  );
  return [...lists.map((read) => [read]), lists.filter((read) => /dns_records|configurations/.test(read))];
}

describe('new people of a host that moves do not reach its old origin if gates cannot read where it leads', () => {
  it.each(
    inTurn(rows).map(([before, after, edit]) => ({
      ...{ before, after, edit },
      name: `${before.name} → ${after.name}`,
    })),
  )('$name', async ({ before, after, edit = (file: string) => file }) => {
    const file = edit(fileOf(after));
    const home = await OutageHome.open(before, tally);
    await home.withMembers();
    const start = await home.begin();
    await home.moves.guard(union(before, after));
    const undisturbed = await home.moves.process(start, file);
    expect(unfinished(undisturbed.report)).toEqual([]);
    expect(home.moves.sandbox.exposures()).toEqual([]);
    const lists = unreadIn(undisturbed.reads.map(({ read }) => read));
    expect(lists).toHaveLength(6);
    for (const unread of lists) {
      for (const isForShort of [false, true]) {
        const where = `${unread.join(', ')}${isForShort ? ', once' : ''}`;
        const disk = await home.begin();
        await home.moves.guard(union(before, after));
        await home.moves.process(disk, file, without(unread, isForShort));
        expect(home.moves.sandbox.exposures(), where).toEqual([]);
        const next = await home.moves.process(disk, file);
        expect(unfinished(next.report), where).toEqual([]);
        expect(home.moves.sandbox.exposures(), where).toEqual([]);
      }
    }
  });
});
