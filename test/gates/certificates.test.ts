import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { admittedTexts } from '../../src/config/model/file-door.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Mistake } from '../../src/core/mistake.ts';
import type { Observation } from '../../src/core/objects/object.ts';
import { compile } from '../../src/desired/compile.ts';
import { heed } from '../../src/desired/live/heed.ts';
import { fileDoors } from '../../src/gates/file-doors.ts';
import { guardsOf } from '../../src/lab/rehearsal/guards.ts';
import { formatMistake } from '../../src/report/mistakes/mistakes-text.ts';
import { LEAF, MACHINES, STRANGERS } from '../lab/sandbox/cloudflare/access/authorities.ts';

const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const secretLine = privateKey.split('\n')[1] ?? '';

function indented(pem: string): string {
  return pem.trimEnd().replaceAll('\n', '\n      ');
}

function fileWith(gate: string, authorities: Readonly<Record<string, string>>, service = ''): string {
  return `version: 1
owner: home
cloudflare: { account: mine, zones: [example.dev], tunnels: { homelab: {} } }
origins: { app: { tunnel: homelab, url: "http://app.lan" } }
certificateAuthorities:
${Object.entries(authorities)
  .map(([name, pem]) => `  ${name}:\n    pem: |\n      ${indented(pem)}\n`)
  .join('')}
services:
  wiki: { host: wiki.example.dev, origin: app, gate: { cloudflare: ${gate} }${service} }
`;
}

const both = { laptops: MACHINES, phones: STRANGERS };
const me = 'emails: [me@example.dev]';

function mistakesIn(text: string): readonly Mistake[] {
  const read = parseConfig(text);
  return read.ok ? [] : read.mistakes;
}

/** Everything that gates could print about a mistake. */
function printed(text: string): string {
  const shown = mistakesIn(text).map((mistake) =>
    formatMistake(mistake, 'gates.yaml', text, { color: false, width: 100 }),
  );
  return [...shown, JSON.stringify(mistakesIn(text))].join('\n');
}

describe('the certificate of an authority', () => {
  const gate = `{ ${me}, require: { certificateAuthorities: [laptops] } }`;

  it.each([
    { because: 'a private key', pem: privateKey, says: 'this PEM has a private key' },
    { because: 'a private key behind it', pem: MACHINES + privateKey, says: 'this PEM has a private key' },
    { because: 'several certificates', pem: MACHINES + STRANGERS, says: 'several certificates' },
    { because: 'a text', pem: 'laptops.pem', says: 'no certificate as PEM' },
    { because: 'words around it', pem: `Subject: me\n${MACHINES}`, says: 'no certificate as PEM' },
    { because: 'a broken line', pem: MACHINES.replace('MIIB', 'AAAA'), says: 'cannot be read' },
    { because: 'a certificate that may issue none', pem: LEAF, says: 'may not issue others' },
  ])('is refused with its place, and never shown: $because', ({ pem, says }) => {
    const text = fileWith(gate, { laptops: pem });
    const line = text.split('\n').findIndex((each) => each.includes('pem: |')) + 1;
    expect(mistakesIn(text)).toMatchObject([
      { message: expect.stringContaining(says), path: 'certificateAuthorities.laptops.pem', line },
    ]);
    expect(printed(text)).not.toMatch(/[A-Za-z0-9+/]{40}/);
    expect(printed(text)).not.toContain(secretLine);
  });

  it.each([
    { because: 'under an unknown key', wrong: `  laptops: { pem: x, key: "${secretLine}" }` },
    { because: 'in place of the map', wrong: `  laptops: "${secretLine}"` },
    {
      because: 'with broken indentation',
      wrong: `  laptops:\n    pem: |\n      ${privateKey.replaceAll('\n', '\n ')}`,
    },
  ])('is not shown where somebody wrote a key: $because', ({ wrong }) => {
    const text = fileWith(gate, {}).replace('certificateAuthorities:', `certificateAuthorities:\n${wrong}`);
    expect(mistakesIn(text)).not.toEqual([]);
    expect(printed(text)).not.toContain(secretLine);
  });

  it('has one name', () => {
    const found = mistakesIn(fileWith(gate, { laptops: MACHINES, others: MACHINES }));
    expect(found).toMatchObject([
      {
        message: 'this is the certificate of `certificateAuthorities.laptops`',
        hint: 'remove one of the two',
        path: 'certificateAuthorities.others.pem',
      },
    ]);
  });

  it('may be missing in no entry', () => {
    const text = fileWith(gate, {}).replace(
      'certificateAuthorities:',
      'certificateAuthorities:\n  laptops: {}',
    );
    expect(mistakesIn(text).map(({ rule }) => rule)).toContain('missing-key');
  });
});

describe('a rule with certificate authorities', () => {
  it.each([
    { gate: `{ ${me}, require: { certificateAuthorities: [] } }`, says: 'certificateAuthorities' },
    { gate: `{ ${me}, require: { certificateAuthorities: [tablets] } }`, says: 'no certificate authority' },
    { gate: `{ ${me}, exclude: { certificateAuthorities: [laptops] } }`, says: 'nobody can be excluded' },
    { gate: `{ ${me}, certificateAuthorities: [laptops] }`, says: 'below `require:`' },
    { gate: '{ require: { certificateAuthorities: [laptops] } }', says: 'admits nobody' },
    {
      gate: `{ anyOf: [{ ${me}, require: { certificateAuthorities: [laptops] } }, { tokens: [ci], require: { certificateAuthorities: [phones] } }] }`,
      says: 'has other authorities',
    },
    {
      gate: `{ ${me}, require: { certificateAuthorities: [laptops] }, exclude: { commonNames: [lost] } }`,
      says: 'this excludes the same people',
    },
  ])('is refused: $says', ({ gate, says }) => {
    expect(JSON.stringify(mistakesIn(fileWith(gate, both)))).toContain(says);
  });

  const at = 'services.wiki.gate.cloudflare';
  const laptops = `{ ${me}, require: { certificateAuthorities: [laptops] } }`;
  it.each([
    {
      gate: `{ ${me}, exclude: { certificateAuthorities: [laptops] } }`,
      said: [
        `${at}.exclude.certificateAuthorities: Access cannot tell which authority issued a certificate, so nobody can be excluded by it (write \`certificate: true\`, which excludes everybody with a certificate that is valid at the host)`,
      ],
    },
    {
      gate: `{ anyOf: [${laptops}, { ${me}, require: { certificateAuthorities: [phones, laptops] } }] }`,
      said: [
        `${at}.anyOf[1].require.certificateAuthorities: another rule of services.wiki has other authorities, and Access accepts a certificate of any of them in both (write the same list in both, or use a host for each)`,
      ],
    },
    {
      gate: `{ anyOf: [${laptops}, { ${me}, exclude: { certificate: true, commonNames: [lost] } }] }`,
      said: ['certificate', 'commonNames'].map(
        (key) =>
          `${at}.anyOf[1].exclude.${key}: a certificate admits people at services.wiki, and this excludes the same people (use a host for each of the two rules)`,
      ),
    },
    { gate: `{ ${me}, exclude: { certificate: true, commonNames: [lost] } }`, said: [] },
    {
      gate: `{ anyOf: [{ ${me}, require: { certificateAuthorities: [phones, laptops] } }, { domains: [example.dev], require: { certificateAuthorities: [laptops, phones] } }] }`,
      said: [],
    },
  ])('says what to write instead of $gate', ({ gate, said }) => {
    const found = mistakesIn(fileWith(gate, both));
    expect(found.map(({ path, message, hint }) => `${path}: ${message} (${hint})`)).toEqual(said);
  });

  it('has the same authorities at every path of the host', () => {
    const path = `, paths: { "/a/**": { cloudflare: { ${me}, require: { certificateAuthorities: [phones] } } } }`;
    const gate = `{ ${me}, require: { certificateAuthorities: [laptops] } }`;
    expect(mistakesIn(fileWith(gate, both, path)).map(({ path: at }) => at)).toEqual([
      'services.wiki.paths["/a/**"].cloudflare.require.certificateAuthorities',
    ]);
  });

  it('asks Access once for a certificate, and has each authority at the host', () => {
    const gate = `{ ${me}, require: { certificateAuthorities: [phones, laptops], commonNames: [mine] } }`;
    const read = parseConfig(fileWith(gate, both));
    if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
    const { objects, scope } = compile(read.parsed.config);
    expect(scope.certificates).toBe(true);
    const [policy] = objects.filter(({ address }) => address.key === 'wiki.example.dev');
    expect(policy?.spec).toMatchObject({
      require: [{ certificate: {} }, { common_name: { common_name: 'mine' } }],
    });
    const authorities = objects.filter(({ address }) => address.kind === 'cloudflare/certificate-authority');
    expect(authorities.map(({ spec, because }) => [(spec as { name: string }).name, because])).toEqual([
      ['laptops', 'certificateAuthorities.laptops'],
      ['phones', 'certificateAuthorities.phones'],
    ]);
    const hosts = objects.filter(({ address }) => address.kind === 'cloudflare/certificate-host');
    expect(hosts.map(({ because }) => because)).toEqual(['services.wiki', 'services.wiki']);
    expect(hosts.map(({ spec }) => (spec as { host: string }).host)).toEqual([
      'wiki.example.dev',
      'wiki.example.dev',
    ]);
  });
});

it('the words and the guard of a rule name its authorities', () => {
  const gate = `{ ${me}, require: { certificateAuthorities: [phones, laptops] } }`;
  const read = parseConfig(fileWith(gate, both));
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  const [door] = fileDoors(read.parsed.config);
  expect(admittedTexts(door?.admits ?? [], { addresses: false })).toEqual([
    '1 person, only with a client certificate of laptops or phones',
  ]);
  const fingerprints = [...read.parsed.config.certificateAuthorities.values()].map(
    (each) => each.fingerprint,
  );
  const [guard] = guardsOf(read.parsed.config, []);
  expect(guard?.admit.rules).toMatchObject([
    { include: [{ emails: ['me@example.dev'] }], require: [{ authorities: fingerprints }] },
  ]);
});

describe('a service whose rules name authorities', () => {
  const gate = `{ ${me}, require: { certificateAuthorities: [laptops] } }`;

  function heeded(observations: readonly Observation[], now: Date) {
    const read = parseConfig(fileWith(gate, { laptops: MACHINES }));
    if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
    return heed(read.parsed.config, compile(read.parsed.config), observations, now);
  }

  it('is refused while the authorities could not be read', () => {
    const error = new Error('403');
    const { refusals } = heeded(
      [{ kind: 'cloudflare/certificate-host', state: 'unknown', error }],
      new Date('2030-01-01'),
    );
    expect(refusals).toMatchObject([{ service: 'wiki', unread: 'cloudflare/certificate-host' }]);
  });

  it('is refused once its authority has expired, and announced a month before', () => {
    expect(heeded([], new Date('2127-01-01')).refusals).toMatchObject([
      { service: 'wiki', reason: expect.stringContaining('has expired') },
    ]);
    expect(heeded([], new Date('2030-01-01')).warnings).toEqual([]);
    expect(heeded([], new Date('2126-10-20')).warnings).toEqual([
      expect.stringContaining('certificateAuthorities.laptops ends on 2126-11-04'),
    ]);
  });
});
