import { describe, expect, it } from 'vitest';
import type { AnyReconciler, Reconciler } from '../../../src/core/reconciler.ts';
import { waitForParts } from '../../../src/plan/decisions/staying-parts.ts';
import { draftOf, knownOf } from '../support/drafts.ts';
import { live, thing } from '../support/fakes.ts';

describe('a token that becomes good again', () => {
  interface Token {
    readonly enabled: boolean;
  }
  const token: Reconciler<Token> = {
    ...(thing as unknown as Reconciler<Token>),
    kind: 'cloudflare/token',
    login: { enables: (asked, { spec }) => asked.enabled === true && !spec.enabled },
  };
  const disabled = live(token, 'ci', { enabled: false });
  const policy = live(thing, 'policy', { value: 'x' }, { uses: [disabled.id] });
  const application = live(thing, 'application', { value: 'x' }, { uses: [policy.id] });
  const enabling = draftOf(token, {
    ...{ verb: 'update', key: 'ci', have: disabled, want: { enabled: true }, needs: ['first'] },
  });
  const refusal = draftOf(thing, { verb: 'refuse', key: 'application', have: application });
  const world = knownOf([thing, token] as readonly unknown[] as readonly AnyReconciler[], {
    lives: [disabled, policy, application],
  });

  it('waits for the refused removal of what admits people by it', () => {
    const [first] = waitForParts(world, [enabling, refusal]);
    expect(first?.needs).toEqual(['first', refusal.id]);
  });

  it.each([
    ['that is removed', enabling, { ...refusal, verb: 'prune' as const }],
    ['that the file asks for', enabling, { ...refusal, want: {} }],
    ['of another token', enabling, { ...refusal, have: live(thing, 'other', { value: 'x' }) }],
    ['if it was good before', { ...enabling, have: live(token, 'ci', { enabled: true }) }, refusal],
    ['if it stays disabled', { ...enabling, want: { enabled: false } }, refusal],
    ['if it goes', { ...enabling, verb: 'prune' as const, want: undefined }, refusal],
  ])('waits for nothing %s', (_, draft, other) => {
    const [first] = waitForParts(world, [draft, other]);
    expect(first?.needs).toEqual(['first']);
  });
});
