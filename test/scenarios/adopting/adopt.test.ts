import { describe, expect, it } from 'vitest';
import { accessHost, authentikHost, type HandMade, handMadeHome } from '../homes/hand-made-home.ts';
import { runCommand, unfinished } from '../stage/stage.ts';
import type { Meddling } from '../stage/trouble.ts';
import { adopted, finishedAfter, pendingIn } from './adopted.ts';

describe('adopting a host that somebody guards with Access', () => {
  it.each(['inline', 'reusable'] as const)('leaves nothing to plan if its policy is %s', async (policy) => {
    const home = await handMadeHome({ policy });
    const before = await home.state();
    const cookie = await home.login(accessHost, 'me@example.dev');
    expect(await home.visit(accessHost)).toBe('302 access');
    expect(await home.visit(accessHost, cookie)).toBe('200 origin');
    await adopted(home, 'proxmox');
    const after = await home.state();
    expect(after.apps.map(({ id, aud }) => ({ id, aud }))).toEqual(
      before.apps.map(({ id, aud }) => ({ id, aud })),
    );
    expect(after.apps[0]).toMatchObject({ tags: ['gates-home'] });
    expect(JSON.stringify(after.apps)).toContain('Go away');
    expect(after.policies).toEqual([
      {
        ...before.policies[0],
        appId: null,
        name: `gates:home/${accessHost}`,
        updatedAt: expect.anything(),
      },
    ]);
    expect(await home.visit(accessHost)).toBe('302 access');
    expect(await home.visit(accessHost, cookie)).toBe('200 origin');
    expect(after.records.find(({ name }) => name === accessHost)?.comment).toBe(
      `gates:home set up by hand: ${accessHost}`,
    );
  });
});

describe('adopting a host that somebody guards with Authentik', () => {
  it('finds provider, application, binding and entry by what they do', async () => {
    const home = await handMadeHome();
    const before = await home.state();
    await adopted(home, 'grafana');
    const after = await home.state();
    expect(after.authentik.bindings).toEqual(before.authentik.bindings);
    expect(after.authentik.outposts).toEqual(before.authentik.outposts);
    expect(after.authentik.applications).toMatchObject([{ slug: 'grafana-example-dev' }, { slug: 'vault' }]);
    expect(after.authentik.providers).toMatchObject([
      { name: 'gates:home/grafana-example-dev', client_id: before.authentik.providers[0]?.client_id },
      { name: 'Provider for Vaultwarden' },
    ]);
    expect(await home.visit(authentikHost)).toBe('302 authentik');
  });
});

describe('adopting a client that somebody made in Authentik', () => {
  it('keeps its id and secret, and gates knows both', async () => {
    const home = await handMadeHome();
    const [, before] = (await home.state()).authentik.providers;
    await adopted(home, 'vault');
    const [, after] = (await home.state()).authentik.providers;
    expect(after).toEqual({ ...before, name: 'gates:home/vault' });
    expect(home.disk.vault.entries.get('client-vault')).toMatchObject({
      clientId: before?.client_id,
      clientSecret: before?.client_secret,
    });
  });
});

describe('adopting a whole file', () => {
  it('leaves nothing to plan, and changes only marks, names and what the file asks for besides', async () => {
    const home = await handMadeHome();
    const before = await home.state();
    const cookie = await home.login(accessHost, 'me@example.dev');
    const seen = new Set<string>();
    await runCommand('adopt', home, undefined, watched(home, seen, cookie));
    expect([...seen]).toEqual(['302 access, 302 authentik, 200 origin']);
    expect(pendingIn(await runCommand('plan', home, undefined))).toEqual([]);
    const after = await home.state();
    const credentials = ({ authentik: { providers } }: typeof before) =>
      providers.map(({ pk, client_id, client_secret }) => [pk, client_id, client_secret]);
    expect(credentials(after)).toEqual(credentials(before));
  });
});

describe('adopting what differs from the file', () => {
  it('lets nobody in on the way if the policy admits other people', async () => {
    const home = await handMadeHome({ emails: ['you@example.dev'] });
    const cookie = await home.login(accessHost, 'you@example.dev');
    await home.guard([{ host: accessHost, admit: { emails: ['me@example.dev', 'you@example.dev'] } }]);
    const { report } = await runCommand('adopt', home, 'proxmox');
    expect(unfinished(report)).toEqual([]);
    expect(report?.plan?.changes.find(({ address }) => address.kind.endsWith('policy'))).toMatchObject({
      verb: 'adopt',
      drift: [{ field: 'include' }],
      reason: expect.stringContaining('Just me'),
    });
    expect(pendingIn(await runCommand('plan', home, 'proxmox'))).toEqual([]);
    expect(home.sandbox.exposures()).toEqual([]);
    expect(await home.visit(accessHost, cookie)).toBe('302 access');
  });

  it('leaves a binding that the file does not have to the next apply', async () => {
    const home = await handMadeHome();
    const { applications, groups } = (await home.state()).authentik;
    const target = applications.find(({ slug }) => slug === 'grafana')?.pk;
    const other = groups.find(({ name }) => name !== 'admins')?.pk;
    const path = '/api/v3/policies/bindings/';
    await home.edit('authentik', 'POST', path, { target, group: other, order: 1 });
    expect(unfinished((await runCommand('adopt', home, 'grafana')).report)).toEqual([]);
    expect(pendingIn(await runCommand('plan', home, 'grafana'))).toEqual([
      expect.stringMatching(/^prune authentik\/binding:grafana-example-dev\/authentik Admins/),
    ]);
  });

  it('makes a policy of its own in place of one that two applications share', async () => {
    const home = await handMadeHome({ policy: 'reusable' });
    const [policy] = (await home.state()).policies;
    await home.edit('cloudflare', 'POST', `/accounts/${home.sandbox.accountId}/access/apps`, {
      type: 'self_hosted',
      name: 'Another one',
      domain: 'other.example.dev',
      policies: [{ id: policy?.id, precedence: 1 }],
    });
    await adopted(home, 'proxmox');
    expect((await home.state()).policies.find(({ id }) => id === policy?.id)).toEqual(policy);
  });

  it('refuses a service with two providers of which nobody knows which is meant', async () => {
    const home = await handMadeHome();
    const [provider] = (await home.state()).authentik.providers;
    const { authorization_flow, invalidation_flow } = provider ?? {};
    await home.edit('authentik', 'POST', '/api/v3/providers/proxy/', {
      ...{ authorization_flow, invalidation_flow, mode: 'forward_single', name: 'Second' },
      external_host: `https://${authentikHost}`,
    });
    const { report, writes } = await runCommand('adopt', home, 'grafana');
    expect(writes).toBe(0);
    expect(report?.plan?.changes.map(({ reason }) => reason)).toContainEqual(
      expect.stringMatching(/^G101: /),
    );
  });
});

/** A run that is watched: after each of its writes, a visitor asks every host. */
function watched(home: HandMade, seen: Set<string>, cookie: string): Meddling {
  return {
    meddle: async ({ request }, send) => {
      const reply = await send();
      if (request.method !== 'GET') {
        const strangers = await Promise.all([accessHost, authentikHost].map((host) => home.visit(host)));
        seen.add([...strangers, await home.visit(accessHost, cookie)].join(', '));
      }
      return reply;
    },
  };
}

describe.each(['proxmox', 'grafana', 'vault', 'auth'])('adopting %s', (service) => {
  it('closes no door and ends no session, after any of its writes', async () => {
    const home = await handMadeHome();
    const cookie = await home.login(accessHost, 'me@example.dev');
    const seen = new Set<string>();
    const run = await runCommand('adopt', home, service, watched(home, seen, cookie));
    expect(unfinished(run.report)).toEqual([]);
    expect([...seen]).toEqual(['302 access, 302 authentik, 200 origin']);
  });

  it('is finished by the next adopt if a run is killed, after whichever write', async () => {
    await finishedAfter(service, ['kill']);
  });
});
