import { expect, it } from 'vitest';
import { type Edit, merge } from '../../../reconcilers/cloudflare/ingress/merge.ts';

const hostname = 'a.example.dev';
const catchAll = { service: 'http_status:404' };
const twin = (name: string) => ({ hostname, service: `http://${name}.lan` });

/** Removes the entry with this number, from 0, among those for the host. */
const removal = (ordinal: number): Edit => ({
  change: {
    id: `prune cloudflare/ingress-rule:${ordinal}`,
    address: { kind: 'cloudflare/ingress-rule', key: String(ordinal) },
    verb: 'prune',
    phase: 'retire',
    needs: [],
    doors: [],
    drift: [],
    want: undefined,
    have: undefined,
    because: 'the file',
  } as Edit['change'],
  match: { hostname, path: undefined },
  ordinal,
});

it.each([[[0, 1]], [[1, 0]]])('removing the twins %s of three leaves the third', (ordinals) => {
  const entries = [twin('first'), twin('second'), twin('third'), catchAll];
  expect(merge(entries, ordinals.map(removal))).toEqual([twin('third'), catchAll]);
});
