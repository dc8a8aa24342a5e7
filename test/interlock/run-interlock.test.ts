import { describe, expect, it } from 'vitest';
import type { Change, ReadyChange } from '../../src/core/change.ts';
import { addressId, type Kind } from '../../src/core/objects/address.ts';
import type { Observed } from '../../src/core/objects/object.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { appliedHouse, file } from '../cli/house.ts';
import { begun, leavingDomain, withDomain } from './begun-run.ts';

function prune(have: Observed): ReadyChange<unknown> {
  const { address } = have;
  return { id: `prune ${addressId(address)}`, verb: 'prune', address, want: undefined, have, drift: [] };
}

function update(have: Observed, fields: object): ReadyChange<unknown> {
  const { address, spec } = have;
  const want = { ...(spec as object), ...fields };
  return {
    ...{ id: `update ${addressId(address)}`, verb: 'update', address, want, have },
    drift: Object.keys(fields),
  };
}

function planned({ drift, ...change }: ReadyChange<unknown>, needs: readonly string[] = []): Change {
  const fields = drift.map((field) => ({ field, before: undefined, after: undefined }));
  return { ...change, drift: fields, needs, doors: [], phase: 'prepare' } as Change;
}

function outcome({ id, address }: ReadyChange<unknown>, status: Outcome['status']): Outcome {
  return { change: id, address, status };
}

const everyone = { include: [{ everyone: {} }] };
const policy = ['cloudflare/access-policy', 'proxmox.example.dev'] as const;

const domain = 'domain-example-dev';

describe('the interlock of a run', () => {
  it('holds back a policy that would admit everybody, and names the place', async () => {
    const { interlock, at } = await begun();
    const change = update(at(...policy), everyone);
    const held = await interlock.withheld([change]);
    expect([...held.keys()]).toEqual([change.id]);
    expect(held.get(change.id)?.message).toContain('let somebody in at proxmox.example.dev/');
  });

  it('holds back the people of the next file as long as the tunnel leads to the origin of before', async () => {
    const text = file.replace(
      'proxmox: { host: proxmox.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }',
      'proxmox: { host: proxmox.example.dev, origin: next, gate: { cloudflare: { emails: [you@example.dev] } } }',
    );
    const next = text.replace('origins:', 'origins:\n  next: { tunnel: homelab, url: "http://next.lan:80" }');
    const { interlock, at } = await begun({ text: next });
    const others = update(at(...policy), { include: [{ email: { email: 'you@example.dev' } }] });
    expect([...(await interlock.withheld([others])).keys()]).toEqual([others.id]);
  });

  it('allows a narrowing change, and one that the file asks for', async () => {
    const { interlock, at } = await begun();
    const narrowed = update(at(...policy), { include: [] });
    expect((await interlock.withheld([narrowed, update(at(...policy), {})])).size).toBe(0);
  });

  it('holds back the binding of a host behind forward auth while its origin is unchecked', async () => {
    const { interlock, at } = await begun();
    const held = await interlock.withheld([prune(at('authentik/binding', 'grafana-example-dev/admins'))]);
    expect(held.size).toBe(1);
  });

  it('holds back the end of a login behind which the domain answers, unless it can read that this admits the same group', async () => {
    const { home, text } = await leavingDomain();
    const heldBy = async (unread?: Kind) => {
      const { interlock, at } = await begun({ home, text, ...(unread && { unread }) });
      return [
        ...(await interlock.withheld([prune(at('authentik/outpost-entry', 'grafana-example-dev'))])).keys(),
      ];
    };
    const id = 'prune authentik/outpost-entry:grafana-example-dev';
    expect(await heldBy('authentik/provider-link')).toEqual([id]);
    expect(await heldBy('authentik/binding')).toEqual([id]);
    expect(await heldBy()).toEqual([]);
  });

  it('holds back the repair of a domain while a host that leaves the file may ask there', async () => {
    const { home, text } = await leavingDomain();
    const { id } = (await begun({ home })).at('authentik/proxy-provider', domain).attributes;
    await home.admin('POST', '/edit', {
      ...{ actor: 'a person', system: 'authentik', method: 'PATCH' },
      path: `/api/v3/providers/proxy/${id}/`,
      body: { mode: 'forward_single' },
    });
    const { interlock, at } = await begun({ home, text });
    const repaired = update(at('authentik/proxy-provider', domain), { mode: 'forward_domain' });
    expect([...(await interlock.withheld([repaired])).keys()]).toEqual([repaired.id]);
    const closed = update(at('cloudflare/ingress-rule', 'homelab/wiki.example.dev'), {
      service: 'http_status:503',
    });
    interlock.wrote([{ change: closed, outcome: outcome(closed, 'done') }]);
    interlock.settled(['cloudflare/ingress-rule']);
    expect((await interlock.withheld([repaired])).size).toBe(0);
  });

  it('knows of a write that failed that it may have done nothing, also after a wait', async () => {
    const { interlock, at, wait } = await begun();
    const application = at('cloudflare/access-application', 'proxmox.example.dev');
    const closed = update(at(...policy), { include: [] });
    const unguarded = prune(application);
    interlock.wrote([{ change: closed, outcome: outcome(closed, 'failed') }]);
    wait(31);
    const held = await interlock.withheld([unguarded]);
    expect(held.get(unguarded.id)?.message).toContain('An earlier write of this run failed');
    const again = update(at(...policy), {});
    expect((await interlock.withheld([again])).size).toBe(0);
  });

  it('holds back the end of a gate until the name that led there is gone everywhere', async () => {
    const { interlock, at, wait } = await begun();
    const name = prune(at('cloudflare/dns-record', 'CNAME proxmox.example.dev'));
    const gate = prune(at('cloudflare/access-application', 'proxmox.example.dev'));
    interlock.wrote([{ change: name, outcome: outcome(name, 'done') }]);
    interlock.settled(['cloudflare/ingress-rule']);
    expect((await interlock.withheld([gate])).size).toBe(1);
    expect(interlock.arrivesBy()).toEqual(new Date('2026-06-01T00:00:30Z'));
    wait(30);
    expect((await interlock.withheld([gate])).size).toBe(0);
    expect(interlock.arrivesBy()).toBeUndefined();
  });

  it('allows what the file admits also where a gate is left over that would keep it out', async () => {
    const home = await appliedHouse();
    const gate = 'gate: { cloudflare: { emails: [me@example.dev] } }';
    await home.apply(
      file.replace(gate, `${gate}, paths: { /admin: { cloudflare: { emails: [me@example.dev] } } }`),
    );
    // The application at the path stays, and covers the paths below once the application of the host releases them.
    const text = file.replace(gate, 'gate: { cloudflare: { emails: [me@example.dev, you@example.dev] } }');
    const { interlock, at } = await begun({ home, text, prune: false });
    const include = ['me@example.dev', 'you@example.dev'].map((email) => ({ email: { email } }));
    expect((await interlock.withheld([update(at(...policy), { include })])).size).toBe(0);
  });

  it('holds back a new host behind a login that keeps a group by an earlier file', async () => {
    const home = await appliedHouse();
    await home.apply(withDomain('family'));
    const text = `${withDomain('admins')}
  wiki: { host: wiki.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
`;
    const { interlock, at, creates } = await begun({ home, text, prune: false });
    const left = prune(at('authentik/binding', 'domain-example-dev/family'));
    const [name, ...others] = creates('wiki.example.dev');
    const [bound] = creates('domain-example-dev/admins');
    if (name === undefined || bound === undefined) throw new Error('the file has no new host');
    const proof = { kind: 'edge/proof', key: 'wiki.example.dev' } as const;
    for (const change of [bound, ...others, { ...name, verb: 'verify' as const, address: proof }])
      interlock.wrote([{ change, outcome: outcome(change, 'done') }]);
    interlock.settled(['cloudflare/ingress-rule']);
    expect((await interlock.withheld([name])).get(name.id)?.message).toContain(
      'domain-example-dev/family admits them, which the file no longer asks for',
    );
    interlock.wrote([{ change: left, outcome: outcome(left, 'done') }]);
    expect((await interlock.withheld([name])).size).toBe(0);
  });

  it('foresees what would be held back by what stays, and what could be made once another change is made', async () => {
    const home = await appliedHouse();
    await home.apply(withDomain('family'));
    const text = `${withDomain('admins')}
  wiki: { host: wiki.example.dev, origin: traefik, gate: { authentik: { mode: domain } } }
`;
    const foreseen = async (isPruned: boolean, ...last: readonly ('name' | 'left')[]) => {
      const { interlock, at, creates } = await begun({ home, text, prune: isPruned });
      const [name, ...others] = creates('wiki.example.dev');
      const [bound] = creates('domain-example-dev/admins');
      if (name === undefined || bound === undefined) throw new Error('the file has no new host');
      const address = { kind: 'edge/proof', key: 'wiki.example.dev' } as const;
      const proof = { ...name, id: 'verify', verb: 'verify' as const, address };
      const ends = { name, left: prune(at('authentik/binding', 'domain-example-dev/family')) };
      const found = interlock.foreseen([
        ...[bound, ...others, proof, ...last.map((each) => ends[each])].map((each) => [planned(each)]),
        [planned({ ...proof, id: 'later' }, [name.id])],
      ]);
      return [...found].map(([id, { message }]) => `${id}: ${message}`);
    };
    expect(await foreseen(false, 'name')).toEqual([
      expect.stringMatching(
        /^create cloudflare\/dns-record:.*\/family admits them, which the file no longer asks for/,
      ),
    ]);
    expect(await foreseen(false, 'name', 'left')).toEqual([]);
    expect(await foreseen(true, 'name')).toEqual([]);
  });

  it('holds back such a host too if a run that was killed has left it closed, with its name and its rule', async () => {
    const home = await appliedHouse();
    await home.apply(withDomain('family'));
    const { at } = await begun({ home });
    const route = at('cloudflare/ingress-rule', 'homelab/notes.example.dev');
    const closed = { ...route, spec: { ...(route.spec as object), service: 'http_status:503' } };
    const { interlock, creates } = await begun({
      home,
      text: withDomain('admins'),
      prune: false,
      live: closed,
    });
    const [bound] = creates('domain-example-dev/admins');
    if (bound === undefined) throw new Error('the file has no new group');
    const { service } = route.spec as { readonly service: string };
    const opened = update(closed, { service });
    const proof = {
      ...opened,
      verb: 'verify',
      address: { kind: 'edge/proof', key: 'notes.example.dev' },
    } as const;
    for (const change of [bound, proof]) interlock.wrote([{ change, outcome: outcome(change, 'done') }]);
    expect((await interlock.withheld([opened])).get(opened.id)?.message).toContain(
      'domain-example-dev/family admits them, which the file no longer asks for',
    );
  });

  it('holds back a change by which people could log in at a client with less than it asks', async () => {
    const home = await appliedHouse();
    const clients = (settings: string) => `${file}clients:
  portal: { redirectUris: ["https://portal.example.net/callback"], ${settings} }
`;
    await home.apply(clients('groups: [admins]'));
    const { interlock, at } = await begun({ home, text: clients('everyone: { reason: test }, flow: mfa') });
    const asked = prune(at('authentik/binding', 'portal/admins'));
    expect((await interlock.withheld([asked])).get(asked.id)?.message).toContain(
      'let somebody in at the login of authentik/application:portal',
    );
    const { flow } = { flow: 'authentik/flow:mfa' };
    const stricter = update(at('authentik/oauth2-provider', 'portal'), { authorizationFlow: flow });
    expect((await interlock.withheld([stricter, asked])).size).toBe(0);
  });

  it('treats the rules of a tunnel as one write, and names those that open something', async () => {
    const { interlock, at } = await begun();
    const rule = (host: string) => at('cloudflare/ingress-rule', `homelab/${host}.example.dev`);
    const closing = update(rule('docs'), { service: 'http_status:503' });
    const demandsNothing = update(rule('machine'), { originRequest: {} });
    expect((await interlock.withheld([closing, demandsNothing])).size).toBe(0);
    const application = prune(at('cloudflare/access-application', 'machine.example.dev'));
    interlock.wrote([{ change: demandsNothing, outcome: outcome(demandsNothing, 'done') }]);
    expect([...(await interlock.withheld([application])).keys()]).toEqual([application.id]);
  });

  it('blames what it could not read, somebody else, or itself', async () => {
    const home = await appliedHouse();
    const { tunnels } = JSON.parse(home.sandbox.snapshot()) as { tunnels: { id: string }[] };
    const path = `/accounts/${home.sandbox.accountId}/cfd_tunnel/${tunnels[0]?.id}/configurations`;
    const { at: live } = await begun({ home });
    const rules = ['grafana', 'proxmox', 'machine', 'docs'].map((name) => ({
      hostname: `${name}.example.dev`,
      service: 'http_status:503',
    }));
    const foreign = { hostname: 'new.example.dev', service: 'http://app.lan:80' };
    await home.admin('POST', '/edit', {
      ...{ actor: 'a person', system: 'cloudflare', method: 'PUT', path },
      body: { config: { ingress: [...rules, foreign, { service: 'http_status:404' }] } },
    });
    const gate = 'gate: { cloudflare: { emails: [me@example.dev] } }';
    const text = `${file}  new: { host: new.example.dev, origin: app, ${gate} }\n`;
    const { spec } = live('cloudflare/dns-record', 'CNAME docs.example.dev');
    const address = { kind: 'cloudflare/dns-record', key: 'CNAME new.example.dev' } as const;
    const named: ReadyChange<unknown> = {
      ...{ id: 'create the name', verb: 'create', address, have: undefined, drift: [] },
      want: { ...(spec as object), name: 'new.example.dev' },
    };
    const messageOf = async (change: ReadyChange<unknown>, terms: Parameters<typeof begun>[0]) =>
      (await (await begun({ home, ...terms })).interlock.withheld([change])).get(change.id)?.message;
    expect(await messageOf(named, { text })).toContain(
      'cloudflare/ingress-rule:homelab/new.example.dev, which is not ours, admits them',
    );
    expect(await messageOf(named, { text, unread: 'cloudflare/access-application' })).toContain(
      'gates could not read cloudflare/access-application: the next run tries again',
    );
    const opened = update(live(...policy), everyone);
    const reopened = update(live('cloudflare/ingress-rule', 'homelab/proxmox.example.dev'), {});
    const { interlock } = await begun({ home });
    interlock.wrote([{ change: reopened, outcome: outcome(reopened, 'done') }]);
    const held = await interlock.withheld([opened]);
    expect(held.get(opened.id)?.message).toMatch(
      /^Bug in gates: this write would let somebody in at proxmox/,
    );
  });
});
