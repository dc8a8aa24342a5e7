import { describe, expect, it } from 'vitest';
import type { AddressId } from '../../../src/core/objects/address.ts';
import type { AnyReconciler } from '../../../src/core/reconciler.ts';
import type { Draft } from '../../../src/plan/drafts/draft.ts';
import { orderWithoutVain } from '../../../src/plan/order/in-vain.ts';
import { draftOf } from '../support/drafts.ts';
import { live, thing } from '../support/fakes.ts';

const whole: AddressId = 'cloudflare/thing:whole';
const value = { value: '0' };
const login = draftOf(thing, {
  ...{ verb: 'keep', key: 'whole', have: live(thing, 'whole', value), want: value },
  leansOn: ['cloudflare/thing:new', 'cloudflare/thing:other'],
});
const part = (id: string, verb: Draft['verb'] = 'prune', partOf: AddressId = whole) =>
  draftOf(thing, { verb, key: id, id, have: live(thing, id, value, { partOf }) });
const made = (key: string, more: Partial<Draft> = {}) =>
  draftOf(thing, { verb: 'create', key, id: key, want: value, ...more });
const refusal = made('refused', { verb: 'refuse' });
const waiting = made('new', { needs: ['refused'] });

/** The needs of each removal. */
function needsOf(...drafts: readonly Draft[]): readonly string[] {
  const ordered = orderWithoutVain(drafts, [(thing as AnyReconciler).kind]);
  return ordered.flatMap(({ draft: { id, verb }, needs }) =>
    verb === 'prune' ? [`${id} needs ${needs.join(', ') || 'nothing'}`] : [],
  );
}

describe('the last parts of a login', () => {
  it('stay while those that the file asks for wait for a refused change, or are refused', () => {
    const both = ['one needs refused', 'two needs refused'];
    expect(needsOf(login, part('one'), part('two'), waiting, refusal)).toEqual(both);
    expect(needsOf(login, part('one'), made('new', { verb: 'refuse' }))).toEqual(['one needs new']);
  });

  const { want: _, ...gone } = login;
  it.each<[because: string, drafts: readonly Draft[]]>([
    ['one of the new ones is made', [login, part('one'), waiting, made('other'), refusal]],
    ['another one stays', [login, part('one'), part('two', 'keep'), waiting, refusal]],
    ['another one is repaired', [login, part('one'), part('two', 'update'), waiting, refusal]],
    ['the login gets no other ones', [{ ...login, leansOn: [] }, part('one'), waiting, refusal]],
    ['the login goes', [{ ...gone, verb: 'keep' }, part('one'), waiting, refusal]],
    ['the login is new', [made('whole', { leansOn: login.leansOn ?? [] }), part('one'), waiting, refusal]],
    [
      'they are parts of another login',
      [login, part('one', 'prune', 'cloudflare/thing:else'), waiting, refusal],
    ],
  ])('go if %s', (_, drafts) => {
    expect(needsOf(...drafts)[0]).toBe('one needs nothing');
  });
});
