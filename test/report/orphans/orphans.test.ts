import { describe, expect, it } from 'vitest';
import type { Desired, Observation, Observed } from '../../../src/core/objects/object.ts';
import { type OwnedFile, orphansDocument } from '../../../src/report/orphans/orphans.ts';
import { formatOrphans } from '../../../src/report/orphans/orphans-text.ts';
import { kinds, live, name, place, planOf, route, thing } from '../../plan/support/fakes.ts';

const scope = { owner: 'home', account: 'account', zones: ['example.dev'], tunnels: ['homelab'] };
const empty: Desired = { scope, objects: [], proofs: [], refusals: [], warnings: [] };

function fileOf(lives: readonly Observed[], desired: Partial<Desired> = {}): OwnedFile {
  const observed = [place, thing, route, name].map(
    ({ kind }): Observation => ({
      kind,
      state: 'known',
      objects: lives.filter(({ address }) => address.kind === kind),
    }),
  );
  const whole = { ...empty, ...desired };
  const plan = planOf([], lives, { refusals: whole.refusals });
  return { file: 'gates.yaml', asked: whole, desired: whole, observed, plan };
}

describe('the orphans of a file with several accounts', () => {
  const left = live(thing, 'left', { value: 'v' });
  const desired = (owner: string) => ({ scope: { ...scope, owner } });
  const unread: Observation = { kind: thing.kind, state: 'unknown', error: new Error('it is down') };

  it('name the account, and are not those of another owner in the file', () => {
    const files = [
      { ...fileOf([left], desired('home')), account: 'lan' },
      { ...fileOf([left], desired('home-work')), account: 'work' },
    ];
    const document = orphansDocument(files, kinds);
    expect(document.owners.map(({ owner, file, account }) => [owner, file, account])).toEqual([
      ['home', 'gates.yaml', 'lan'],
    ]);
    const text = formatOrphans(document, { color: false, width: 80, quiet: false, kinds });
    expect(text).toContain('home  gates.yaml, account lan\n');
  });

  it('say in which account a kind could not be read', () => {
    const files = ['lan', 'work'].map((account) => {
      return { ...fileOf([], desired(account)), account, observed: [unread] };
    });
    const document = orphansDocument(files, kinds);
    expect(document.unknown.map(({ account, reason }) => [account, reason])).toEqual([
      ['lan', 'it is down'],
      ['work', 'it is down'],
    ]);
    const text = formatOrphans(document, { color: false, width: 80, quiet: false, kinds });
    expect(text).toContain(`account work: ${thing.kind} could not be read`);
  });
});

describe('the orphans of a file', () => {
  it('leave out the objects of a refused service, and objects without an owner', () => {
    const lives = [
      live(route, 'r', { host: 'a.example.dev', via: 't', to: 'x' }),
      live(thing, 'policy of a.example.dev', { value: 'v' }),
      live(thing, 'nobody', { value: 'v' }, { owner: undefined }),
    ];
    const refusals = [{ service: 'a', host: 'a.example.dev', reason: 'G101' }];
    expect(orphansDocument([fileOf(lives, { refusals })], kinds).owners).toEqual([]);
  });

  it('have the objects of a protected service that left the file', () => {
    const lives = [live(route, 'r', { host: 'a.example.dev', via: 't', to: 'x' })];
    const refusals = [{ service: undefined, host: 'a.example.dev', reason: 'protected' }];
    const { owners } = orphansDocument([fileOf(lives, { refusals })], kinds);
    expect(owners[0]?.objects).toMatchObject([{ key: 'r', next: 'kept' }]);
  });

  it('say what the next run does, and why', () => {
    const used = live(thing, 'used', { value: 'v' });
    const theirs = live(thing, 'theirs', { value: 'v' }, { owner: 'work', uses: [used.id] });
    const old = live(thing, 'old', { value: 'v' }, { createdAt: '2026-11-25T04:33:00Z' });
    const stays = live(thing, 'stays', { value: 'v' }, { staysBecause: 'it has members' });
    const document = orphansDocument([fileOf([used, theirs, old, stays])], kinds);
    const form = { color: false, width: 100, quiet: false, kinds };
    expect(formatOrphans(document, form)).toBe(`home  gates.yaml
  thing old    since 2026-11-25; to be removed
  thing stays  kept: it has members
  thing used   not removed: cloudflare/thing:theirs is not ours and still uses it

work  no file of this owner was given
  thing theirs

4 objects of 2 owners that no given file names.
`);
    expect(formatOrphans(document, { ...form, quiet: true })).toBe(
      '4 objects of 2 owners that no given file names.\n',
    );
  });

  it('are perhaps not all if a kind could not be read', () => {
    const unread: Observation = { kind: thing.kind, state: 'unknown', error: new Error('403') };
    const document = orphansDocument([{ ...fileOf([]), observed: [unread] }], kinds);
    expect(document.unknown).toEqual([{ kind: thing.kind, reason: '403' }]);
    expect(formatOrphans(document, { color: false, width: 80, quiet: false, kinds })).toContain(
      '! cloudflare/thing could not be read, and may have more: 403',
    );
  });
});
