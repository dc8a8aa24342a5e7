import { beforeEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runProcess, unfinished } from '../stage/stage.ts';

const account = '0123456789abcdef0123456789abcdef';
const access = `/accounts/${account}/access`;
const traefik = 'http://traefik.lan:80';

const file = `version: 1
owner: home
cloudflare:
  account: ${account}
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth }
groups: { family: {} }
origins:
  traefik: { tunnel: homelab, url: "${traefik}", forwardAuth: true }
services:
  photos: { host: photos.example.dev, origin: traefik, gate: { authentik: { groups: [family] } } }
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
`;

let sandbox: Sandbox;
let disk: Disk;

beforeEach(async () => {
  sandbox = await createSandbox({ zones: ['example.dev'] });
  disk = newDisk();
  await origin([]);
});

const origin = (forwardAuth: readonly string[]) =>
  askAdmin(sandbox, 'PUT', '/origins', { url: traefik, kind: 'traefik', forwardAuth });

const edit = (method: string, path: string, body?: object) =>
  askAdmin(sandbox, 'POST', '/edit', { actor: 'ann', system: 'cloudflare', method, path, body });

async function probeToken(): Promise<string> {
  const { result } = (await edit('GET', `${access}/service_tokens`)) as {
    readonly result: readonly { readonly id: string; readonly name: string }[];
  };
  const found = result.find(({ name }) => name.startsWith('gates:home/probe'));
  if (found === undefined) throw new Error('there is no token of the probe');
  return found.id;
}

const run = async () => unfinished((await runProcess(sandbox, disk, file)).report);

describe('a covered host whose probe token somebody changed in the dashboard', () => {
  it.each([
    { strict: true, says: /refused by Access with 401: Access does not know the secret/ },
    { strict: false, says: /refused by Access with 403: the cover .*, or Access does not know the secret/ },
  ])('waits, and the run says so, with strict wrong tokens: $strict', async ({ strict, says }) => {
    await edit('PUT', `${access}/organizations`, { strict_service_token_auth: strict });
    await run();
    await edit('POST', `${access}/service_tokens/${await probeToken()}/rotate`);
    expect((await run())[0]).toMatch(says);
  });

  it('opens after its file has been removed from the vault, as the run advises', async () => {
    await run();
    await edit('POST', `${access}/service_tokens/${await probeToken()}/rotate`);
    await origin(['photos.example.dev']);
    const [advice = ''] = await run();
    const [, name = ''] = /vault\/(service-token-\S+)/.exec(advice.replace('<owner>', 'home')) ?? [];
    await disk.vault.remove(decodeURIComponent(name));
    expect(await run()).toEqual([]);
    // The old token goes once nothing uses it any more.
    await run();
    const { writes } = await runProcess(sandbox, disk, file);
    expect(writes).toBe(0);
  });
});
