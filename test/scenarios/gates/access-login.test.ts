import { beforeEach, describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { type Login, loginHome, loginStates, settlePeople } from '../homes/access-login-home.ts';
import { Moves } from '../moves/moves.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { type Pass, unfinished } from '../stage/stage.ts';

/** The file of the state with this name. */
function file(name: string, change: (text: string) => string = (text) => text): string {
  const found = loginStates.find((state) => state.name === name);
  if (found === undefined) throw new Error(`no state ${name}`);
  return change(loginHome(found));
}

const admins = 'admins, login through Authentik';
const both = (text: string) => text.replace('groups: [admins] } }', 'groups: [admins, family] } }');

let moves: Moves;
let disk: Disk;

beforeEach(async () => {
  moves = new Moves(await createSandbox({ zones: ['example.dev'] }), (of) => loginHome(of as Login));
  await settlePeople(moves);
  disk = newDisk();
});

async function apply(text: string, at = disk): Promise<Pass> {
  const pass = await moves.process(at, text);
  expect(unfinished(pass.report)).toEqual([]);
  const again = await moves.process(at, text);
  expect(again.writes).toBe(0);
  expect(again.report?.plan?.changes.filter(isPending)).toEqual([]);
  return pass;
}

const writesSince = (n: number) =>
  moves.sandbox
    .calls()
    .filter((call) => call.write && call.n > n)
    .map(({ method, path }) => `${method} ${path}`);
const lastCall = () => moves.sandbox.calls().at(-1)?.n ?? 0;
const place = (writes: readonly string[], part: RegExp) => writes.findIndex((write) => part.test(write));

interface Row {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly config: object;
}

const providers = `/accounts/0123456789abcdef0123456789abcdef/access/identity_providers`;

async function provider(): Promise<Row> {
  const { result } = (await moves.byHand('GET', providers, undefined)) as { readonly result: readonly Row[] };
  const found = result.find(({ type }) => type === 'oidc');
  if (found === undefined) throw new Error('there is no identity provider');
  return found;
}

const policies = async () => {
  const path = '/accounts/0123456789abcdef0123456789abcdef/access/policies';
  const { result } = (await moves.byHand('GET', path, undefined)) as {
    readonly result: readonly { readonly name: string; readonly include: readonly object[] }[];
  };
  return result;
};

describe('a home where Access asks Authentik', () => {
  it('is undone: applications are released, then the identity provider goes, then its client', async () => {
    await apply(file(admins));
    const before = lastCall();
    await apply(file('me, login its own'));
    const writes = writesSince(before);
    const [app, idp, client] = [
      place(writes, /^PUT .*\/access\/apps\//),
      place(writes, /^DELETE .*\/identity_providers\//),
      place(writes, /^DELETE .*\/providers\/oauth2\//),
    ];
    expect(app).toBeGreaterThanOrEqual(0);
    expect(idp).toBeGreaterThan(app);
    expect(client).toBeGreaterThan(idp);
    expect(place(writes, /^DELETE .*\/core\/applications\/access-home/)).toBeGreaterThan(idp);
    expect(place(writes, /^DELETE .*\/propertymappings\//)).toBeGreaterThan(client);
    await expect(provider()).rejects.toThrow('no identity provider');
    expect([...disk.vault.entries.keys()].filter((name) => /access-home/.test(name))).toEqual([]);
  });

  it('narrows a gate at once, also while Authentik does not answer', async () => {
    await apply(file(admins, both));
    await moves.admin('POST', '/faults', { match: { system: 'authentik' }, fault: 'status', status: 503 });
    await moves.process(disk, file(admins));
    const policy = (await policies()).find(({ name }) => name === 'gates:home/app.example.dev');
    expect(policy?.include).toHaveLength(1);
    await moves.admin('DELETE', '/faults');
    await apply(file(admins));
  });

  it('opens nothing before there is somebody to ask', async () => {
    const match = { system: 'authentik', method: 'POST', path: '/api/v3/providers/oauth2/' };
    await moves.admin('POST', '/faults', { match, fault: 'status', status: 400 });
    const { report } = await moves.process(disk, file(admins));
    const done = report?.outcomes
      ?.filter(({ status }) => status === 'done')
      .map(({ address }) => address.key);
    expect(done).not.toContain('CNAME app.example.dev');
    expect(done).not.toContain('app.example.dev');
    expect(done).toContain('CNAME machines.example.dev');
    await moves.admin('DELETE', '/faults');
    await apply(file(admins));
  });

  it('sends Access the secret again, in one run, when the vault has lost it', async () => {
    await apply(file(admins));
    // The secret of a service token is kept, since Cloudflare never shows it again.
    const empty = newDisk();
    for (const [name, secret] of disk.vault.entries) {
      if (name.startsWith('service-token-')) await empty.vault.put(name, secret);
    }
    const before = lastCall();
    await apply(file(admins), empty);
    expect(writesSince(before).filter((write) => write.includes('identity_providers'))).toHaveLength(1);
    const secrets = JSON.parse(moves.sandbox.snapshot()).identitySecrets;
    expect(secrets[(await provider()).id]).toBe(empty.vault.entries.get('client-access-home')?.clientSecret);
  });

  it('repairs a changed identity provider of Access, and ends the sessions there', async () => {
    await apply(file(admins));
    const { id, config, ...row } = await provider();
    await moves.byHand('PUT', `${providers}/${id}`, {
      name: row.name,
      type: row.type,
      config: { ...config, client_secret: 'x', certs_url: 'https://keys.example.net/certs' },
    });
    const before = lastCall();
    await apply(file(admins));
    const writes = writesSince(before).map((write) => write.split('/').slice(-2).join('/'));
    expect(writes[0]).toBe(`identity_providers/${id}`);
    expect(writes[1]).toMatch(/revoke_tokens$/);
    expect(writes[2]).toMatch(/revoke_tokens$/);
    expect(writes).toHaveLength(3);
  });

  it('binds the groups of its gates to the client, and nobody once a gate names an address', async () => {
    const bindings = async () => {
      const all = (await moves.byHand('GET', '/api/v3/policies/bindings/', undefined, 'authentik')) as {
        readonly results: readonly object[];
      };
      return all.results.length;
    };
    const before = await bindings();
    await apply(file(admins, both));
    expect(await bindings()).toBe(before + 2);
    await apply(file('me, login through Authentik'));
    expect(await bindings()).toBe(before);
    await apply(file(admins));
    expect(await bindings()).toBe(before + 1);
  });
});

describe('a client of the file', () => {
  it('that is deliberately open to everybody loses its last binding, and gets one back', async () => {
    const client = (who: string) =>
      file('none, login its own', (text) =>
        text.replace(
          'serviceTokens:',
          `clients: { vault: { redirectUris: ["https://v.example.dev/cb"], ${who} } }\nserviceTokens:`,
        ),
      );
    await apply(client('groups: [admins]'));
    await apply(client('everyone: { reason: all }'));
    await apply(client('groups: [admins]'));
  });
});
