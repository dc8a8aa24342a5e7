import { describe, expect, it } from 'vitest';
import type { Observed } from '../../src/core/objects/object.ts';
import { type Gate, gate, live, name, planOf, route, thing, want } from './support/fakes.ts';

const host = 'a.example.dev';
const proof = {
  address: { kind: thing.kind, key: 'look' },
  ...{ host, spec: { value: 'gate' }, step: 'prove', needs: ['cloudflare/gate:g'], because: 'services.a' },
} as const;
const outer: Gate = { host, admits: ['me', 'you'], claims: ['/x/*'] };
const inner = live(gate, 'x', { host, admits: ['me'], path: '/x' });

const wants = (claims = outer.claims ?? []) => [
  want(gate, 'g', { ...outer, claims }),
  want(gate, 'x', { host, admits: ['me'], path: '/x' }),
  want(route, 'r', { host, via: 'second', to: 'app' }),
  want(name, 'n', { host, target: 'second' }),
];

/** The changes of a host that moves to another tunnel, in order. */
function moved(gates: readonly Observed[], asked = wants()): readonly string[] {
  const lives = [
    ...gates,
    live(route, 'old', { host, via: 'homelab', to: 'app' }),
    live(name, 'n', { host, target: 'homelab' }),
  ];
  return planOf(asked, lives, { proofs: [proof] })
    .changes.filter(({ verb }) => verb !== 'keep' && verb !== 'verify')
    .map(({ id }) => id.replace(/cloudflare\/| name-n| gate-\w| route-\w+/g, ''));
}

describe('a host that moves to another tunnel', () => {
  it.each([
    { because: 'a new gate takes what lies below the path of a live one', gates: [inner] },
    {
      because: 'a gate takes more of it',
      gates: [inner, live(gate, 'g', { ...outer, claims: [] })],
    },
  ])('no longer answers through the old one while $because', ({ gates }) => {
    const [first] = moved(gates);
    expect(first).toBe('close route:old');
  });

  it.each([
    { because: 'both gates are new', gates: [] },
    { because: 'the outer gate has it already', gates: [inner, live(gate, 'g', outer)] },
    { because: 'it takes none of it', gates: [inner], asked: wants([]) },
    { because: 'it takes what lies below another path', gates: [inner], asked: wants(['/y/*']) },
    {
      because: 'the inner gate is at another host',
      gates: [live(gate, 'x', { host: 'b.example.dev', admits: ['me'], path: '/x' })],
    },
    {
      because: 'the outer gate admits fewer people there than the inner one',
      gates: [live(gate, 'x', { host, admits: ['me'], path: '/x', partOf: 'y' })],
    },
  ])('answers until the name has moved if $because', ({ gates, asked }) => {
    const steps = moved(gates, asked);
    expect(steps).toContain('prune route:old');
    expect(steps).not.toContain('close route:old');
  });
});
