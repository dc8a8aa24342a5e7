import { expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { Moves } from '../moves/moves.ts';
import { settle } from '../random-files/neighbours.ts';
import { newDisk } from '../stage/disk.ts';
import { Hand } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const host = 'h2.example.dev';

const file = `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
groups: { family: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  h: { host: ${host}, origin: traefik, gate: { authentik: { mode: forwardAuth, groups: [family] } } }
`;

interface Tunnel {
  readonly id: string;
  readonly versions: readonly {
    readonly config: { readonly ingress: readonly Readonly<Record<string, unknown>>[] };
  }[];
}

it('a host opens again after somebody put its rule for a path last and took it out of the outpost', async () => {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 });
  const moves = new Moves(sandbox, () => '');
  const disk = newDisk();
  // Others serve every host, and guard every host.
  const others = { wildcard: 'open', catchAll: 'open', accessForAll: true } as const;
  await settle(sandbox, { ...others, accessOn: 'none', guests: false });
  await moves.sendThroughOutpost([host]);
  expect(unfinished((await runProcess(sandbox, disk, file)).report)).toEqual([]);
  const [tunnel] = (JSON.parse(sandbox.snapshot()) as { readonly tunnels: readonly Tunnel[] }).tunnels;
  const rules = tunnel?.versions.at(-1)?.config.ingress ?? [];
  const index = rules.findIndex((rule) => rule.hostname === host && rule.path !== undefined);
  const ingress = rules.toSpliced(index, 1).toSpliced(-1, 0, ...rules.slice(index, index + 1));
  const configuration = `/accounts/${sandbox.accountId}/cfd_tunnel/${tunnel?.id}/configurations`;
  await moves.byHand('PUT', configuration, { config: { ingress } });
  await new Hand(sandbox).removeFromOutpost('h2-example-dev');
  const { report, writes } = await runProcess(sandbox, disk, file);
  expect(writes).toBeGreaterThan(0);
  expect(unfinished(report)).toEqual([]);
});
