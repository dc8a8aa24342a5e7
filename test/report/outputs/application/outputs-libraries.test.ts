import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatApplication } from '../../../../src/report/outputs/application/outputs-application.ts';
import type { AccessOutputs } from '../../../../src/report/outputs/outputs.ts';
import { IdentityHome, identityHost, identityStates } from '../../../scenarios/homes/identity-home.ts';

const known: AccessOutputs = {
  teamDomain: 'example.cloudflareaccess.com',
  issuer: 'https://example.cloudflareaccess.com',
  certsUrl: 'https://example.cloudflareaccess.com/cdn-cgi/access/certs',
  aud: 'aud1',
  header: 'Cf-Access-Jwt-Assertion',
};
const formats = ['jose', 'pyjwt', 'go-oidc'] as const;
const textOf = (format: (typeof formats)[number], access: AccessOutputs) =>
  formatApplication(format, {
    guarded: { service: 'mine', access },
    clients: [],
    samlClients: [],
    ldapClients: [],
  }).text;

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the code that checks the token of Access', () => {
  it.each(formats)('names keys, issuer, audience, header and type: %s', (format) => {
    const text = textOf(format, known);
    for (const value of [known.certsUrl, `"${known.issuer}"`, '"aud1"', '"app"'])
      expect(text.replaceAll("'", '"')).toContain(value);
    expect(text.toLowerCase()).toContain('cf-access-jwt-assertion');
  });

  it.each(formats)('is never without its audience: %s', (format) => {
    expect(
      textOf(format, { ...known, aud: null })
        .split('\n')
        .slice(1),
    ).toEqual([expect.stringContaining('is printed once gates has applied the service'), '']);
  });

  it.each(formats)('needs a service behind Access: %s', (format) => {
    const { text, missing } = formatApplication(format, {
      guarded: undefined,
      clients: [],
      samlClients: [],
      ldapClients: [],
    });
    expect([text, missing]).toEqual(['', [expect.stringContaining('--service NAME')]]);
  });

  it('works with jose, and refuses a token of another application, another team, or another type', async () => {
    const home = await IdentityHome.open();
    await home.settle(identityStates.plain);
    const headers = await home.visit('me@example.dev', {});
    const { apps } = JSON.parse(home.sandbox.snapshot()) as { apps: { name: string; aud: string }[] };
    const aud = apps.find(({ name }) => name === identityHost)?.aud ?? '';
    // The clock of the sandbox has gone on while gates waited.
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(home.sandbox.now()) });
    vi.stubGlobal('fetch', (url: string) => home.sandbox.edge(new Request(url)));
    const claimsOf = await loaded(textOf('jose', { ...known, aud }));
    expect(await claimsOf(headers)).toMatchObject({ email: 'me@example.dev', aud: [aud] });
    await expect(claimsOf({})).rejects.toThrow('Invalid Compact JWS');
    const others = [
      { ...known, aud: 'f'.repeat(64) },
      { ...known, aud, issuer: 'https://other.cloudflareaccess.com' },
    ];
    for (const access of others)
      await expect((await loaded(textOf('jose', access)))(headers)).rejects.toThrow('unexpected');
    const ofType = textOf('jose', { ...known, aud }).replace("'app'", "'org'");
    await expect((await loaded(ofType))(headers)).rejects.toThrow('This is no token for the application');
  });
});

type ClaimsOf = (headers: Readonly<Record<string, string>>) => Promise<object>;

/** The function of a module, which finds `jose` among the packages of gates. */
async function loaded(code: string): Promise<ClaimsOf> {
  const cache = path.resolve(import.meta.dirname, '../../../../node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'gates-jose-'));
  try {
    const file = path.join(folder, 'access.mjs');
    await writeFile(file, code);
    const { claimsOf } = (await import(file)) as { readonly claimsOf: ClaimsOf };
    return claimsOf;
  } finally {
    await rm(folder, { recursive: true });
  }
}
