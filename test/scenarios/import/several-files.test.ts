import { describe, expect, it } from 'vitest';
import { accessHost, authentikHost, file as handMadeFile, handMadeHome } from '../homes/hand-made-home.ts';
import { importedInto } from './imported.ts';

const [head = ''] = handMadeFile.split('services:');
const main = `include: [dns.yaml, more/hosts.yaml]\n${head}`;
const auth = '  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }\n';
const grafana = `  charts: { host: ${authentikHost}, origin: traefik, gate: { authentik: { groups: [admins] } } }\n`;

describe('importing into a file that includes two others', () => {
  it('adds to gates.yaml what none of the three has', async () => {
    const included = { 'dns.yaml': 'dns: {}\n', 'more/hosts.yaml': `services:\n${auth}${grafana}` };
    const home = await handMadeHome();
    const { text, draft, mistakes } = await importedInto(main, home, included);
    expect({ leftovers: draft.leftovers, mistakes }).toEqual({ leftovers: [], mistakes: [] });
    expect(text.startsWith(main.trimEnd())).toBe(true);
    expect([...draft.hosts.values()]).toEqual([accessHost, 'vault.example.dev']);
    expect(text).toContain(`host: ${accessHost}`);
    expect(text).not.toContain(`host: ${authentikHost}`);
    expect((await importedInto(text, home, included)).text).toBe(text);
  });

  it('gives a new service another name than those of the included files', async () => {
    const taken = `${auth}  proxmox: { host: other.example.dev, origin: app, gate: { public: { reason: mine } } }\n`;
    const included = { 'dns.yaml': 'dns: {}\n', 'more/hosts.yaml': `services:\n${taken}` };
    const { text, mistakes } = await importedInto(main, await handMadeHome(), included);
    expect(mistakes).toEqual([]);
    expect(text).toMatch(new RegExp(`proxmox-example-dev:\\n +host: ${accessHost}`));
  });

  it('leaves out a host for which an included file has a record, and not the host of the record before it', async () => {
    const records = [
      '{ name: spare, type: A, content: 192.0.2.8 }',
      '{ name: proxmox, type: A, content: 192.0.2.9 }',
    ];
    const included = {
      'dns.yaml': `dns:\n  example.dev:\n${records.map((record) => `    - ${record}\n`).join('')}`,
      'more/hosts.yaml': `services:\n${auth}`,
    };
    const own = `${main}dns: { example.dev: [{ name: first, type: A, content: 192.0.2.7 }] }\n`;
    const { text, draft, mistakes } = await importedInto(own, await handMadeHome(), included);
    expect(mistakes).toEqual([]);
    expect(draft.leftovers.map(({ what }) => what)).toEqual([accessHost]);
    expect(text).toContain(`host: ${authentikHost}`);
  });
});
