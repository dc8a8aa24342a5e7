import { Ajv2020 } from 'ajv/dist/2020.js';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import schema from '../../../schema/why.schema.json' with { type: 'json' };
import { answerTo, liveGround, offlineGround } from '../../../src/cli/commands/why.ts';
import {
  askedPlace,
  askedState,
  askedVisitor,
  type VisitorOptions,
} from '../../../src/cli/surroundings/why-question.ts';
import type { DoorMapDocument } from '../../../src/why/door-map.ts';
import { formatDoorMap } from '../../../src/why/door-map-text.ts';
import type { WhyDocument } from '../../../src/why/why-document.ts';
import { formatWhy } from '../../../src/why/why-text.ts';
import { appliedHouse, configOf, file, type House, house } from '../house.ts';

const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);

interface Asked extends VisitorOptions {
  readonly from?: string;
  readonly text?: string;
  readonly method?: string;
}

/** Asks a question, and returns the answer as JSON. */
async function ask(
  made: House | undefined,
  url: string,
  { from = 'live', text = file, method = 'GET', ...by }: Asked = {},
) {
  const config = configOf(text);
  const state = askedState(from);
  const ground = made === undefined ? offlineGround(config) : await liveGround(config, made.reach, state);
  const visitor = askedVisitor(by, config);
  const question = { place: askedPlace(url), state, isOffline: made === undefined, method, visitor };
  const answer = answerTo(question, config, ground);
  expect(validate(answer), JSON.stringify(validate.errors)).toBe(true);
  return answer;
}

async function why(made: House | undefined, url: string, asked: Asked = {}): Promise<WhyDocument> {
  const answer = await ask(made, url, asked);
  if (!('layers' in answer)) throw new Error('a map');
  return answer;
}

const verdicts = ({ layers }: WhyDocument) =>
  Object.fromEntries(layers.map(({ layer, verdict }) => [layer, verdict]));
const lines = (document: WhyDocument, width: number) =>
  formatWhy(document, { color: false, width, quiet: false }).split('\n');

const rows: readonly (readonly [string, Asked, string])[] = [
  ['https://docs.example.dev/', {}, 'allow'],
  ['https://auth.example.dev/', {}, 'allow'],
  ['https://grafana.example.dev/', {}, 'login'],
  ['https://grafana.example.dev/api/health', {}, 'allow'],
  ['https://grafana.example.dev/', { groups: 'admins' }, 'allow'],
  ['https://grafana.example.dev/', { groups: '' }, 'deny'],
  ['https://grafana.example.dev/', { as: 'me@example.dev' }, 'unknown'],
  ['https://grafana.example.dev/', { as: 'me@example.dev', groups: 'admins' }, 'allow'],
  ['https://proxmox.example.dev/', {}, 'login'],
  ['https://proxmox.example.dev/', { as: 'me@example.dev' }, 'allow'],
  ['https://proxmox.example.dev/', { as: 'you@example.dev' }, 'deny'],
  ['https://machine.example.dev/', { token: 'ci' }, 'allow'],
  ['https://machine.example.dev/', { as: 'me@example.dev' }, 'deny'],
  ['https://nowhere.example.dev/', {}, 'deny'],
];

describe('gates why URL', () => {
  it('gives the same answer for the live state, the file, the file alone, and the end of a plan', async () => {
    const [before, after] = [await house(), await appliedHouse()];
    const { plan } = await liveGround(configOf(file), before.reach, 'live');
    const steps = plan.changes.filter(({ verb }) => verb !== 'keep').length;
    for (const [url, by, expected] of rows) {
      const found = [
        await why(after, url, by),
        await why(before, url, { ...by, from: 'file' }),
        await why(undefined, url, { ...by, from: 'file' }),
        await why(before, url, { ...by, from: `plan:${steps}` }),
      ].map(({ verdict }) => verdict);
      expect([url, by, ...found]).toEqual([url, by, expected, expected, expected, expected]);
    }
  });

  it('says that a live state without the file leads nowhere', async () => {
    const document = await why(await house(), 'https://grafana.example.dev/');
    expect(document.verdict).toBe('deny');
    expect(verdicts(document)).toMatchObject({ name: 'refuses', Access: 'not reached' });
    expect(lines(document, 80)).toContain('deny: the name lets nobody past.');
  });

  it('names the object, its line of the file and its verdict for each layer', async () => {
    const document = await why(await appliedHouse(), 'https://proxmox.example.dev/', {
      as: 'me@example.dev',
    });
    expect(verdicts(document)).toEqual({
      name: 'passes',
      'edge rules': 'passes',
      Access: 'passes',
      cache: 'passes',
      'tunnel rule': 'passes',
      origin: 'passes',
      Authentik: 'not met',
    });
    const access = document.layers.find(({ layer }) => layer === 'Access');
    expect(access?.objects).toEqual([
      {
        object: 'cloudflare/access-application:proxmox.example.dev',
        because: 'services.proxmox',
        text: 'application proxmox.example.dev',
      },
      {
        object: 'cloudflare/access-policy:proxmox.example.dev',
        because: 'services.proxmox',
        text: 'policy proxmox.example.dev (Allow)',
        verdict: 'allow',
        rule: 'email me@example.dev',
      },
    ]);
    expect(document.to).toEqual(['http://app.lan:80 for proxmox.example.dev']);
  });

  it('says why it does not know', async () => {
    const document = await why(await appliedHouse(), 'https://grafana.example.dev/', {
      as: 'me@example.dev',
    });
    const authentik = document.layers.find(({ layer }) => layer === 'Authentik');
    expect(authentik?.verdict).toBe('unknown');
    expect(document.unknown.map(({ text }) => text)).toEqual([
      'whether the visitor has an account at Authentik',
      'whether the visitor is in group admins',
    ]);
    const text = lines(document, 80).join(' ').replaceAll(/\s+/g, ' ');
    expect(text).toContain('because gates does not know whether the visitor is in group admins');
    expect(text).toContain('--groups admins');
  });

  it('names an object that no file asks for', async () => {
    const home = await appliedHouse();
    const { accountId } = home.sandbox;
    await home.admin('POST', '/edit', {
      ...{ actor: 'a person', system: 'cloudflare', method: 'POST' },
      path: `/accounts/${accountId}/access/apps`,
      body: {
        ...{ name: 'by hand', type: 'self_hosted', domain: 'docs.example.dev/private' },
        policies: [{ name: 'only me', decision: 'allow', include: [{ email: { email: 'me@example.dev' } }] }],
      },
    });
    const document = await why(home, 'https://docs.example.dev/private');
    expect(document.verdict).toBe('login');
    const access = document.layers.find(({ layer }) => layer === 'Access');
    expect(access?.objects[0]?.text).toContain('docs.example.dev/private');
    expect(access?.objects.map(({ because }) => because)).toEqual([undefined, undefined]);
    expect(lines(document, 100).filter((line) => line.includes('(not in the file)')).length).toBeGreaterThan(
      0,
    );
  });

  it('writes nothing', async () => {
    const home = await appliedHouse();
    const last = home.sandbox.calls().at(-1)?.n ?? 0;
    await why(home, 'https://grafana.example.dev/');
    await why(home, 'https://grafana.example.dev/', { from: 'plan:0' });
    const calls = home.sandbox.calls(last);
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter(({ write }) => write)).toEqual([]);
  });

  it('prints no secret, and lines that fit', async () => {
    const home = await appliedHouse();
    for (const [url, by] of rows) {
      const document = await why(home, url, by);
      const text = lines(document, 80);
      expect(JSON.stringify(document)).not.toContain('canary5f0c');
      expect(text.join('\n')).not.toContain('canary5f0c');
      expect(text.filter((line) => stringWidth(line) > 80)).toEqual([]);
    }
  });

  it('answers only for a step that the plan has', async () => {
    const home = await appliedHouse();
    await expect(why(home, 'https://docs.example.dev/', { from: 'plan:1' })).rejects.toThrow(
      'The plan has no step 1',
    );
  });

  it('answers only for a group that exists', async () => {
    const home = await appliedHouse();
    await expect(why(home, 'https://docs.example.dev/', { groups: 'admin' })).rejects.toThrow(
      'Neither Authentik nor the file has a group "admin"',
    );
    await expect(
      why(undefined, 'https://docs.example.dev/', { groups: 'admin', from: 'file' }),
    ).rejects.toThrow('Neither Authentik nor the file has a group "admin"');
  });
});

describe('gates why HOST', () => {
  const map = async (made: House | undefined, host: string, asked: Asked = {}): Promise<DoorMapDocument> => {
    const answer = await ask(made, host, asked);
    if (!('doors' in answer)) throw new Error('one door');
    return answer;
  };

  it('prints each class of paths with the people it admits', async () => {
    const document = await map(await appliedHouse(), 'grafana.example.dev');
    const doors = document.doors.map(({ paths, admits }) => [paths.join(), admits.join()]);
    expect(doors).toContainEqual(['/**', 'group admins']);
    expect(doors).toContainEqual(['/api/health', 'everybody']);
    expect(doors.every(([paths]) => paths !== '')).toBe(true);
    const text = formatDoorMap(document, { color: false, width: 80 });
    expect(text.split('\n').filter((line) => stringWidth(line) > 80)).toEqual([]);
    expect(text).toContain('Who gets in at grafana.example.dev, as it is live');
  });

  it('says what a visitor gets at each', async () => {
    const document = await map(undefined, 'proxmox.example.dev', { from: 'file', as: 'me@example.dev' });
    expect(document.doors[0]).toMatchObject({ paths: ['/**'], admits: ['me@example.dev'], verdict: 'allow' });
    const text = formatDoorMap(document, { color: false, width: 100 });
    expect(text).toContain('with what me@example.dev gets');
    expect(text).toContain('From the file alone');
  });
});

describe('the place and the visitor of a question', () => {
  it.each([
    ['https://App.example.dev/a/b?c#d', 'app.example.dev', '/a/b'],
    ['app.example.dev/%2e%2E/x', 'app.example.dev', '/%2e%2E/x'],
    ['http://app.example.dev', 'app.example.dev', undefined],
    ['app.example.dev:443/', 'app.example.dev', '/'],
  ])('%s is a host, perhaps with a path', (text, host, path) => {
    expect(askedPlace(text)).toEqual({ host, path });
  });

  it.each(['docs', 'https://', 'ssh://app.example.dev', 'app.example.dev:8443/'])('%s is no host', (text) => {
    expect(() => askedPlace(text)).toThrow('is no address of a host');
  });

  it.each([
    [{ anonymous: true, as: 'me@example.dev' }, 'One visitor at a time'],
    [{ token: 'ci', groups: 'admins' }, 'One visitor at a time'],
    [{ as: 'me' }, '"me" is no email address'],
    [{ token: 'nobody' }, 'The file has no service token and no client "nobody"'],
  ])('%j is rejected as a visitor', (options, message) => {
    expect(() => askedVisitor(options, configOf(file))).toThrow(message);
  });
});
