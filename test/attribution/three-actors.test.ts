import { expect, it } from 'vitest';
import { isPending } from '../../src/core/change.ts';
import { homeFile } from './home-file.ts';
import { actorsIn, house } from './house.ts';

interface Rule {
  readonly hostname?: string;
  readonly path?: string;
  readonly service: string;
}

it('a plan attributes each change of three actors in both systems, and its own writes to none', async () => {
  const { gates, outside, hand, state, read, addToken, report } = await house();
  await addToken('ci');
  await gates.apply(homeFile());
  const second = await gates.apply(homeFile());
  expect(second.plan?.changes.filter(isPending).map(({ id }) => id)).toEqual([]);
  expect(gates.asked).toEqual([]);

  const { records, tunnels, policies, zones, account } = state();
  const isNas = ({ name }: { readonly name: string }) => name === 'nas.example.dev';
  const record = records.find(isNas);
  const policy = policies.find(({ name }: { readonly name: string }) => name.includes('proxmox'));
  const [{ id: tunnel }] = tunnels;
  await outside({
    actor: 'ann@example.dev',
    method: 'PUT',
    path: `/accounts/${account.id}/access/policies/${policy.id}`,
    body: { name: policy.name, decision: 'allow', include: [{ everyone: {} }] },
  });
  await outside({
    actor: 'ci',
    method: 'PATCH',
    path: `/zones/${zones[0].id}/dns_records/${record.id}`,
    body: { content: '192.0.2.10' },
  });
  const configuration = `/accounts/${account.id}/cfd_tunnel/${tunnel}/configurations`;
  const config = (await read(configuration)).config as { readonly ingress: readonly Rule[] };
  const ingress = config.ingress.map((rule) =>
    rule.hostname === 'grafana.example.dev' && rule.path === undefined
      ? { ...rule, service: 'http://elsewhere.lan:80' }
      : rule,
  );
  await outside({
    actor: 'ci',
    method: 'PUT',
    path: configuration,
    body: { config: { ...config, ingress } },
  });
  const binding = await hand.bindingOf('grafana-example-dev');
  await outside({
    ...{ actor: 'bob', system: 'authentik', method: 'DELETE' },
    path: `/api/v3/policies/bindings/${binding.pk}/`,
  });

  const expected = {
    'cloudflare/access-policy proxmox.example.dev': ['ann@example.dev dashboard'],
    'cloudflare/dns-record A nas.example.dev 192.0.2.9': ['the token "ci" API'],
    'cloudflare/dns-record A nas.example.dev 192.0.2.10': ['the token "ci" API'],
    'cloudflare/ingress-rule homelab/grafana.example.dev': ['the token "ci" API'],
    'authentik/binding grafana-example-dev/admins': ['bob dashboard'],
  };
  expect(await gates.whoChanged(homeFile())).toEqual(expected);
  // The run asks about the token of gates because some token was at work in the log.
  expect(gates.asked.map((path) => path.split('/').slice(-2).join('/')).sort()).toEqual([
    'events/',
    'logs/audit',
    'tokens/verify',
  ]);
  // A daemon later reads its own repair in the log; the repair counts as no actor.
  expect(actorsIn(await gates.apply(homeFile()))).toEqual(expected);

  // Nobody did anything since.
  expect(await gates.whoChanged(homeFile())).toEqual({});
  expect(gates.asked).toEqual([]);
  // A change of the file has no actor either.
  expect(await gates.whoChanged(homeFile(', comment: mine'))).toEqual({});
  expect(gates.asked).toEqual([]);
  const { id: made } = state().records.find(isNas);
  const again = { actor: 'ann@example.dev', method: 'DELETE' };
  await outside({ ...again, path: `/zones/${zones[0].id}/dns_records/${made}` });
  expect(await gates.whoChanged(homeFile())).toEqual({
    'cloudflare/dns-record A nas.example.dev 192.0.2.9': ['ann@example.dev dashboard'],
  });
  expect(report?.mistakes ?? []).toEqual([]);
});
