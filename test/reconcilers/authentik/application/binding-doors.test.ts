import { describe, expect, it } from 'vitest';
import { binding } from '../../../../reconcilers/authentik/application/binding.ts';
import type { BindingSpec } from '../../../../reconcilers/authentik/application/binding-form.ts';
import type { Observed } from '../../../../src/core/objects/object.ts';
import { host } from '../grafana.ts';

const spec: BindingSpec = {
  application: 'a',
  group: 'g',
  user: '',
  enabled: true,
  negated: false,
  hosts: [host],
};
const have = (changes: Partial<BindingSpec>): Observed<BindingSpec> => ({
  address: { kind: 'authentik/binding', key: 'grafana/admins' },
  id: 'b',
  owner: 'home',
  spec: { ...spec, ...changes },
  attributes: {},
  uses: [],
});

describe('the doors of a binding', () => {
  it.each([
    { because: 'it is made', want: spec, standing: undefined, steps: ['guard'] },
    { because: 'it is healed', want: spec, standing: have({ enabled: false }), steps: ['guard'] },
    { because: 'it goes and another stays', want: undefined, standing: have({}), steps: ['guard'] },
    { because: 'it is the last to go', want: undefined, standing: have({ last: true }), steps: ['unguard'] },
    { because: 'it counted for nothing', want: undefined, standing: have({ enabled: false }), steps: [] },
    { because: 'its application has no login', want: undefined, standing: have({ hosts: [] }), steps: [] },
  ])('$because: $steps', ({ want, standing, steps }) => {
    const effects = binding.doors?.(want, standing, { kind: 'authentik/binding', key: 'grafana/admins' });
    expect(effects?.map(({ step }) => step)).toEqual(steps);
  });

  it.each([
    {
      because: 'the last is exchanged rather than taken away while',
      standing: have({ last: true }),
      step: 'unguard',
    },
    { because: 'any other is a part of what stays where', standing: have({}), step: 'guard' },
  ])('$because its application keeps its login', ({ standing, step }) => {
    const effects = binding.doors?.(undefined, { ...standing, raw: { slug: 'grafana' } }, standing.address);
    expect(effects).toEqual([{ host: spec.hosts[0], step, exchangedFor: 'authentik/provider-link:grafana' }]);
  });

  it('admit others if a host is still behind its application that the file moves to another gate', () => {
    const wider = { ...spec, behind: ['leaving.example.dev', String(spec.hosts[0])] };
    expect(binding.doors?.(wider, undefined, { kind: 'authentik/binding', key: 'grafana/admins' })).toEqual([
      { host: spec.hosts[0], step: 'guard', admits: true },
      { host: 'leaving.example.dev', step: 'unguard' },
    ]);
  });

  it.each([
    { because: 'turned round: it narrows', changes: { negated: true }, leaving: [] },
    {
      because: 'disabled: its group is one more',
      changes: { enabled: false },
      leaving: ['leaving.example.dev'],
    },
  ])('of a binding that somebody $because, also for hosts that leave', ({ changes, leaving }) => {
    const wanted = { ...spec, behind: ['leaving.example.dev'] };
    const standing = have(changes);
    expect(binding.doors?.(wanted, standing, standing.address)).toEqual([
      { host: spec.hosts[0], step: 'guard', ...(leaving.length > 0 && { admits: true }) },
      ...leaving.map((at) => ({ host: at, step: 'unguard' })),
    ]);
  });
});

describe('the strictness of a login without a binding', () => {
  it.each<[because: string, changes: Partial<BindingSpec>, strictness: number]>([
    ['is the same if another one stays', {}, 0],
    ['asks for less if it is the last', { last: true }, 2],
    ['admits fewer people first if somebody negated the last', { last: true, negated: true }, 0],
    ['admits fewer people if all are asked for', { demanded: true, last: true }, 1],
    ['asks for less if it is a policy that is asked for', { demanded: true, policy: 'p' }, 2],
  ])('%s', (_, changes, strictness) => {
    const standing = have({ hosts: [], ...changes });
    expect(binding.login?.strictness?.(undefined, standing)).toBe(strictness);
    expect(binding.login?.strictness?.({ ...spec, hosts: [] }, standing)).toBe(0);
  });
});
