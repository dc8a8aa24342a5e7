import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import schema from '../../schema/doctor.schema.json' with { type: 'json' };
import { checks, gatekeepers } from '../../src/doctor/checks/index.ts';
import { areas, type DoctorDocument, findingCodes } from '../../src/report/doctor/doctor.ts';
import { formatDoctor } from '../../src/report/doctor/doctor-text.ts';
import { type State, type Ward, ward } from './ward.ts';

const validate = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false }).compile(schema);
const item = schema.properties.findings.items.properties;

let house: Ward;
beforeAll(async () => {
  house = await ward();
});

const bad = (state: State) => {
  Object.assign(state.zones[0], { status: 'pending', fightMode: true, alwaysUseHttps: false });
  state.tunnels[0].connectors = [];
  state.apiTokens[0].permissions = ['Zone Read', 'DNS Read', 'Cloudflare Tunnel Read', 'Zone Settings Read'];
  state.authentik.outposts[0].silent = true;
};

describe('the document of the doctor', () => {
  it('follows the schema, with everything in order and with problems', async () => {
    for (const change of [() => {}, bad]) {
      expect([validate(await house.examine(change)), validate.errors]).toEqual([true, null]);
    }
    const [finding] = (await house.examine(bad)).findings.filter(({ state }) => state === 'problem');
    const { code, ...codeless } = finding ?? {};
    expect(code).toBeDefined();
    expect(validate({ version: 1, file: 'read', findings: [codeless] })).toBe(false);
    expect(validate({ version: 1, file: 'read', findings: [{ ...finding, state: 'ok' }] })).toBe(false);
  });

  it('has the areas and the codes of the schema', () => {
    expect(item.area.enum).toEqual(areas);
    expect(item.code.enum).toEqual(findingCodes);
  });

  it('contains no secret', async () => {
    const text = JSON.stringify([await house.examine(), await house.examine(bad)]);
    expect(text).not.toContain('canary5f0c');
    // The call that tests the permission to change a tunnel returned a secret.
    expect(house.sandbox.calls().some(({ path }) => path.endsWith('/token'))).toBe(true);
  });
});

describe('docs/doctor.md', () => {
  const page = readFileSync(new URL('../../docs/doctor.md', import.meta.url), 'utf8');

  it.each(findingCodes)('describes %s, with what to do', (code) => {
    expect(page).toMatch(new RegExp(`^\\| \`${code}\` \\| [^|]{10,} \\| [^|]{10,} \\|$`, 'm'));
  });

  it('names no unknown code', () => {
    const named = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
    expect(named.sort()).toEqual([...findingCodes].sort());
  });
});

it('the checks of one area have different names', () => {
  const names = [...gatekeepers, ...checks].map(({ area, name }) => `${area}/${name}`);
  expect(new Set(names).size).toBe(names.length);
});

describe('the text of the doctor', () => {
  const form = { color: false, width: 80, quiet: false };

  it('fits into 80 columns, and prints problems with what to do', async () => {
    const text = formatDoctor(await house.examine(bad), form);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toContain('  ✗ example.dev: The zone is pending: nobody asks Cloudflare for its names\n');
    expect(text).toContain('    → Set its name servers at the registrar to ada.ns.cloudflare.com and');
    expect(text).toContain('\nSkipped\n  ? ');
    expect(text).toMatch(/\n\d+ problems, \d+ warnings; \d+ passed, \d+ skipped\.\n$/);
  });

  it('has only problems when it should be quiet', async () => {
    const quiet = { ...form, quiet: true };
    expect(formatDoctor(await house.examine(), quiet)).toMatch(/^0 problems, 0 warnings; \d+ passed/);
    const text = formatDoctor(await house.examine(bad), quiet);
    expect(text).not.toMatch(/✓|Not looked at/);
    expect(text).toContain('✗');
  });

  it('prints a reason that many checks share once', () => {
    const finding = { area: 'tunnel', state: 'unknown', text: 'no token', hint: 'Set it' } as const;
    const document: DoctorDocument = {
      version: 1,
      file: 'none',
      findings: [
        { ...finding, check: 'tunnel' },
        { ...finding, check: 'bots', area: 'edge', about: 'example.dev' },
      ],
    };
    expect(formatDoctor(document, form)).toBe(`Skipped
  ? tunnel, bots of example.dev: no token
    → Set it

0 problems, 0 warnings; 0 passed, 2 skipped.
`);
  });
});
