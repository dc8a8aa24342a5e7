import { describe, expect, it } from 'vitest';
import { guardsOf } from '../../../src/lab/rehearsal/guards.ts';
import { configOf } from '../../desired/sample.ts';

describe('a rehearsal of a gate of Authentik expects', () => {
  it.each([
    { gate: '{ users: [ada] }', admit: { users: ['ada'] } },
    { gate: '{ groups: [admins], users: [ada] }', admit: { groups: ['admins'], users: ['ada'] } },
    {
      gate: '{ users: [ada], policies: [office] }',
      admit: { rules: [{ include: [{ users: ['ada'] }], require: [{ passes: ['policy office'] }] }] },
    },
    { gate: '{ everyone: { reason: all } }', admit: { people: true } },
  ])('$admit', ({ gate, admit }) => {
    const host = 'wiki.example.dev';
    const config = configOf(
      `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
wiki: { host: ${host}, origin: app, gate: { authentik: ${gate} } }`,
      'authentik: { url: "http://authentik.lan:9000", service: auth }\ngroups: { admins: {} }',
    );
    expect(guardsOf(config, []).filter((guard) => guard.host === host)).toEqual([{ host, admit }]);
  });
});
