import { describe, expect, it } from 'vitest';
import type { DesiredObject, Observation, Observed } from '../../src/core/objects/object.ts';
import { ref } from '../../src/core/objects/reference.ts';
import { withRetiring } from '../../src/desired/live/retiring.ts';
import { compileFile } from './sample.ts';

const kind = 'cloudflare/service-token';

function token(key: string, fields: Partial<Observed> & { readonly beside?: string } = {}): Observed {
  const { beside, spec, ...others } = fields;
  return {
    ...{ address: { kind, key }, id: `id-of-${key}`, owner: 'home', uses: [], ...others },
    attributes: beside === undefined ? {} : { beside },
    spec: { duration: '8760h', enabled: true, secret: 'kept', deliver: [], ...(spec as object) },
  };
}

const policy = (include: readonly unknown[]): DesiredObject => ({
  address: { kind: 'cloudflare/access-policy', key: 'app.example.dev' },
  spec: { decision: 'non_identity', include },
  because: 'services.app',
});

const admits = (...names: readonly string[]) =>
  names.map((name) => ({ service_token: { token_id: ref(`${kind}:${name}`) } }));

const group: DesiredObject = {
  address: { kind: 'authentik/group', key: 'family' },
  spec: {},
  because: 'groups',
};
const compiled = () =>
  compileFile(
    'app: { host: app.example.dev, origin: app, gate: { serviceToken: { tokens: [ci, backup] } } }',
  );

function retired(...tokens: readonly Observed[]) {
  const desired = { ...compiled(), objects: [policy(admits('ci', 'backup')), group] };
  const known: Observation = { kind, state: 'known', objects: tokens };
  return { desired, after: withRetiring(desired, [known]) };
}

describe('a service token that another one replaces', () => {
  it('stays, and is admitted wherever the new one is', () => {
    const { after } = retired(token('ci'), token('ci#2', { beside: 'ci' }), token('backup'));
    expect(after.objects).toEqual([
      policy([...admits('ci', 'backup'), { service_token: { token_id: 'id-of-ci#2' } }]),
      group,
      { address: { kind, key: 'ci#2' }, spec: {}, because: 'serviceTokens.ci' },
    ]);
  });

  it('is admitted again by its id if nobody knows its newest secret', () => {
    const unheard = { secret: 'unheard', rotation: 'due' };
    const { after } = retired(token('ci', { spec: unheard }));
    expect(after.objects).toEqual([
      policy([...admits('ci', 'backup'), { service_token: { token_id: 'id-of-ci' } }]),
      group,
    ]);
  });

  it.each([
    ['each token is the only one of its name', [token('ci'), token('backup')]],
    ['it is another owner’s', [token('ci#2', { beside: 'ci', owner: 'work' })]],
    ['the file has no secret changed by itself', [token('ci', { spec: { secret: 'unheard' } })]],
  ])('changes nothing when %s', (_, tokens) => {
    const { desired, after } = retired(...tokens);
    expect(after).toBe(desired);
  });

  it('does not change a policy that admits neither', () => {
    const { after } = retired(token('other#2', { beside: 'other' }));
    expect(after.objects.slice(0, 2)).toEqual([policy(admits('ci', 'backup')), group]);
  });

  it('is unknown if tokens could not be read', () => {
    const unknown = { kind, state: 'unknown', error: new Error('403') } as const;
    const desired = compiled();
    expect(withRetiring(desired, [unknown])).toBe(desired);
  });
});
