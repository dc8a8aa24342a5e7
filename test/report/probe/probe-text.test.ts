import { describe, expect, it } from 'vitest';
import type { ProbeDocument, ProbedService } from '../../../src/report/probe/probe.ts';
import { formatProbe } from '../../../src/report/probe/probe-text.ts';

const hosts: readonly ProbedService[] = [
  {
    service: 'auth',
    host: 'auth.example.dev',
    gate: 'identityProvider',
    verdict: 'login',
    seen: 'answers 200, as Authentik',
  },
  {
    service: 'grafana',
    host: 'grafana.example.dev',
    gate: 'authentik (forwardAuth)',
    verdict: 'open',
    seen: 'GET / got through to the application (200)',
    advice: 'the origin does not send the host through the outpost: add the middleware',
  },
  { service: 'proxmox', host: 'proxmox.example.dev', gate: 'cloudflare', verdict: 'guarded' },
  {
    service: 'vault',
    host: 'vault.example.dev',
    gate: 'authentik (oidc)',
    verdict: 'answers',
    seen: 'answers 200; it asks itself',
  },
  { service: 'docs', host: 'docs.example.dev', gate: 'public', verdict: 'public', seen: 'answers 200' },
  { service: 'new', host: 'new.example.dev', gate: 'public', verdict: 'absent' },
];

function text(services: readonly ProbedService[], changes: Partial<ProbeDocument> = {}, width = 200): string {
  return formatProbe(
    { version: 1, asked: 'edge', services, unknown: [], ...changes },
    { color: false, width, quiet: false },
  );
}

describe('the text of a probe', () => {
  it('has a line for each host, with the finding and the advice below it', () => {
    expect(
      text(hosts),
    ).toBe(`✓ auth.example.dev     identityProvider         login page: answers 200, as Authentik
✗ grafana.example.dev  authentik (forwardAuth)  open!
    GET / got through to the application (200)
    → the origin does not send the host through the outpost: add the middleware
✓ proxmox.example.dev  cloudflare               guarded
✓ vault.example.dev    authentik (oidc)         answers 200; it asks itself
✓ docs.example.dev     public                   public: answers 200
! new.example.dev      public                   not there yet

\`gates plan\` shows what is missing, and \`gates apply\` creates it.
4 of 6 hosts answered as the file says.
`);
  });

  it.each([
    { verdict: 'covered' as const, word: "hidden: so far, only gates' own probe can reach it", sign: '!' },
    { verdict: 'closed' as const, word: 'closed', sign: '!' },
    { verdict: 'unproved' as const, word: 'not confirmed', sign: '!' },
    { verdict: 'silent' as const, word: 'does not ask', sign: '!' },
    { verdict: 'asks' as const, word: 'asks for a login', sign: '✓' },
  ])('calls $verdict "$word"', ({ verdict, word, sign }) => {
    const [line] = text([{ service: 'a', host: 'a.example.dev', gate: 'public', verdict }]).split('\n');
    expect(line).toBe(`${sign} a.example.dev  public  ${word}`);
  });

  it('fits the terminal, broken between words and indented', () => {
    const lines = text(hosts.slice(1, 2), {}, 58).split('\n');
    expect(lines.slice(1, 4)).toEqual([
      '    GET / got through to the application (200)',
      '    → the origin does not send the host through the',
      '      outpost: add the middleware',
    ]);
  });

  it('breaks no word that fits into a line, however narrow the terminal', () => {
    const lines = text(hosts.slice(1, 2), {}, 24).split('\n');
    expect(lines).toContain('      middleware');
    expect(lines).toContain('    the application');
  });

  it('says what an answer from inside proves', () => {
    expect(text(hosts.slice(2, 3), { asked: 'inside' })).toContain(
      'Checked from inside, without Cloudflare: this says nothing about what the internet reaches.\n1 of 1 host answered from inside as they should.',
    );
  });

  it('lists only failures on request', () => {
    const document: ProbeDocument = { version: 1, asked: 'edge', services: hosts.slice(0, 3), unknown: [] };
    const quiet = formatProbe(document, { color: false, width: 200, quiet: true });
    expect(quiet.split('\n')[0]).toBe('✗ grafana.example.dev  authentik (forwardAuth)  open!');
    expect(quiet).not.toContain('proxmox');
    expect(quiet).toContain('2 of 3 hosts answered as the file says.');
    const right = { ...document, services: hosts.slice(2, 3) };
    expect(formatProbe(right, { color: false, width: 200, quiet: true })).toBe(
      '1 of 1 host answered as the file says.\n',
    );
  });

  it('lists unreadable kinds', () => {
    expect(text([], { unknown: ['cloudflare/zone could not be read: 403'] })).toContain(
      'unknown: cloudflare/zone could not be read: 403',
    );
  });

  it('highlights by color what a person looks for', () => {
    const painted = formatProbe(
      { version: 1, asked: 'edge', services: hosts, unknown: [] },
      { color: true, width: 200, quiet: false },
    );
    expect(painted).toContain('\u001b[31mopen!\u001b[39m');
    expect(painted).toContain('\u001b[32mguarded\u001b[39m');
  });
});
