import { describe, expect, it } from 'vitest';
import { identityCheckPath } from '../../reconcilers/cloudflare/worker/identity-script.ts';
import { ref } from '../../src/core/objects/reference.ts';
import { checkRequestsAt } from '../../src/desired/gate-checks.ts';
import { doorsOf } from '../../src/desired/terms/doors.ts';
import { builtGate } from '../../src/gates/index.ts';
import { compileFile, configOf } from '../desired/sample.ts';

const gate = 'gate: { cloudflare: { emails: [me@example.dev] } }';
const auth = 'auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }\n';
const top = 'authentik: { url: "http://authentik.lan:9000", service: auth }';

function fileOf(header: string, more = ''): Parameters<typeof configOf> {
  const service = `app: { host: app.example.dev, origin: app, ${gate}${header}${more} }`;
  return [`${auth}${service}`, top, ', identityProvider: authentik'];
}

const both = ', identityHeader: { user: X-User, groups: X-Groups }';

describe('a host that passes on who logged in', () => {
  const workers = (header: string) =>
    compileFile(...fileOf(header)).objects.filter(({ address }) => address.kind.includes('worker'));

  it('has a Worker, and its route after it', () => {
    const [script, route, ...others] = workers(both);
    expect(others).toEqual([]);
    expect(script).toMatchObject({
      spec: {
        host: 'app.example.dev',
        audience: ref('cloudflare/access-application:app.example.dev', '{aud}'),
        userHeader: 'X-User',
        groupsHeader: 'X-Groups',
      },
      because: 'services.app',
    });
    expect(route).toMatchObject({
      spec: { host: 'app.example.dev', failsOpen: false },
      needs: [`${script?.address.kind}:${script?.address.key}`],
      because: 'services.app',
    });
  });

  it('passes on no groups without a name for them', () => {
    expect(workers(', identityHeader: { user: X-User }')[0]?.spec).toMatchObject({ groupsHeader: '' });
  });

  it('has no Worker without the key', () => {
    expect(workers('')).toEqual([]);
  });

  function checkOf(header: string) {
    const config = configOf(...fileOf(header));
    const service = config.services.get('app');
    const [door] = service === undefined ? [] : doorsOf(service);
    if (service === undefined || door === undefined) throw new Error('the file of this test has no service');
    return { check: builtGate(door.gate).proof?.(door, config), requests: checkRequestsAt(service) };
  }

  it('is checked under a cover, until the Worker of this version removes what a visitor forged', () => {
    const { check, requests } = checkOf(both);
    expect(check).toMatchObject({
      kind: 'edge/proof',
      expect: { type: 'access', worker: { removes: ['x-user', 'x-groups'] } },
      covered: true,
    });
    expect(check?.inner).toHaveLength(2);
    expect(check?.needs).toEqual(
      expect.arrayContaining(['cloudflare/access-application:app.example.dev', ...(check?.inner ?? [])]),
    );
    expect(requests).toEqual([
      {
        path: identityCheckPath,
        headers: { 'x-user': 'forged', x_user: 'forged', 'x-groups': 'forged', x_groups: 'forged' },
      },
    ]);
  });

  it('is otherwise checked as every host of Access, without a cover', () => {
    const { check, requests } = checkOf('');
    expect(check).toEqual({
      kind: 'edge/proof',
      expect: { type: 'access', audience: ref('cloudflare/access-application:app.example.dev', '{aud}') },
      needs: ['cloudflare/access-application:app.example.dev'],
      covered: false,
    });
    expect(requests).toEqual([{ path: '/' }]);
  });
});
