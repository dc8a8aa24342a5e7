import { expect } from 'vitest';
import { certificate } from '../../reconcilers/authentik/certificate.ts';
import { certificateKeyPair } from '../../reconcilers/authentik/certificate-key-pair.ts';
import { flow } from '../../reconcilers/authentik/flow.ts';
import { scopeMapping } from '../../reconcilers/authentik/scope-mapping.ts';
import { version } from '../../reconcilers/authentik/version.ts';
import type { Kind } from '../../src/core/address.ts';
import type { DesiredObject } from '../../src/core/object.ts';
import { flows } from '../reconcilers/authentik/grafana.ts';
import { pending } from '../world.ts';
import { stockMapping } from './gate.ts';
import { all } from './live-kind.ts';
import type { Stage } from './stage.ts';
import type { Story } from './story.ts';

const mustExist = 'there is none';

function lookedUp(kind: Kind, key: string, spec: object): DesiredObject {
  return { address: { kind, key }, spec: spec as Record<string, unknown>, mustExist, because: 'live' };
}

/** It is found, nothing is written for it, and another of that name is missed in words. */
async function isFound(want: DesiredObject, stage: Stage): Promise<void> {
  expect(await stage.due([want])).toEqual([]);
  await stage.make([want]);
  const missing = { ...want, address: { ...want.address, key: stage.names.own('missing') }, mustExist };
  const changes = pending(await stage.plan([missing]));
  expect(changes.map(({ verb, reason }) => [verb, reason])).toEqual([['refuse', mustExist]]);
  expect(stage.written).toEqual([]);
}

/** The kinds that are only looked up. */
export const lookupStories: readonly Story[] = [
  {
    about: 'authentik/version',
    name: 'found, and nothing else',
    reconcilers: all(version),
    act: (stage) => isFound(lookedUp('authentik/version', 'server', { supported: true }), stage),
  },
  ...flows.map((want, n) => ({
    about: 'authentik/flow',
    name: ['for authorization', 'for invalidation'][n] ?? '',
    reconcilers: all(flow),
    act: (stage: Stage) => isFound(want, stage),
  })),
  {
    about: 'authentik/flow',
    name: 'for something else is refused',
    reconcilers: all(flow),
    act: async (stage) => {
      const [first] = flows as readonly [DesiredObject];
      const changes = pending(await stage.plan([{ ...first, spec: { designation: 'enrollment' } }]));
      expect(changes).toMatchObject([
        { verb: 'refuse', reason: expect.stringContaining('for authorization') },
      ]);
    },
  },
  {
    about: 'authentik/scope-mapping',
    name: 'of Authentik itself',
    reconcilers: all(scopeMapping),
    act: (stage) => isFound(stockMapping, stage),
  },
  {
    about: 'authentik/certificate',
    name: 'of somebody else',
    reconcilers: all(certificate, certificateKeyPair),
    act: async (stage) => {
      const { person, names } = stage;
      const body = { common_name: names.own('theirs'), validity_days: 1 };
      await person.post('/crypto/certificatekeypairs/generate/', body);
      await isFound(lookedUp('authentik/certificate', names.own('theirs'), { privateKey: true }), stage);
    },
  },
];
