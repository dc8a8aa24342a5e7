import { beforeAll, expect, it } from 'vitest';
import { answerTo, liveGround, offlineGround } from '../../../src/cli/commands/why.ts';
import {
  askedPlace,
  askedState,
  askedVisitor,
  type VisitorOptions,
} from '../../../src/cli/surroundings/why-question.ts';
import { formatWhy } from '../../../src/why/why-text.ts';
import { configOf, file, type House, house } from '../house.ts';

const text = file.replace(
  'gate: { cloudflare: { emails: [me@example.dev] } } }',
  'gate: { cloudflare: { emails: [me@example.dev] } }, identityHeader: { user: X-User } }',
);
let made: House;

/** A house whose `proxmox` has a Worker of gates, and whose `docs` and `machine` one of somebody else. */
beforeAll(async () => {
  made = await house();
  await made.apply(text);
  const edit = (method: string, path: string, body: object) =>
    made.admin('POST', '/edit', { actor: 'eve', system: 'cloudflare', method, path, body });
  const stored = JSON.parse(made.sandbox.snapshot()) as { workerScripts: readonly object[] };
  const workerScripts = [...stored.workerScripts, { ...stored.workerScripts[0], id: 'theirs', tags: [] }];
  made.sandbox.restore(JSON.stringify({ ...stored, workerScripts }));
  const routes = `/zones/${made.sandbox.zones[0]?.id}/workers/routes`;
  for (const pattern of ['docs.example.dev/api*', '*machine.example.dev/*'])
    await edit('POST', routes, { pattern, script: 'theirs' });
});

async function linesOf(url: string, by: VisitorOptions = {}, from: 'live' | 'file' = 'live') {
  const config = configOf(text);
  const ground =
    from === 'live' ? await liveGround(config, made.reach, askedState('live')) : offlineGround(config);
  const visitor = askedVisitor(by, config);
  const asked = { place: askedPlace(url), state: askedState(from), isOffline: from === 'file' };
  const answer = answerTo({ ...asked, method: 'GET', visitor }, config, ground);
  if (!('layers' in answer)) throw new Error('a map');
  return formatWhy(answer, { color: false, width: 200, quiet: false }).split('\n');
}

const lineAbout = (lines: readonly string[]) => lines.filter((line) => /^ {2}Worker/.test(line));

it.each(['live', 'file'] as const)('names our Worker and its entry of the file: %s', async (from) => {
  const lines = await linesOf('https://proxmox.example.dev/', { as: 'me@example.dev' }, from);
  expect(lineAbout(lines)).toEqual([
    expect.stringMatching(
      /lets through +proxmox\.example\.dev\/\* → Worker gates-home-proxmox-\S+ {2}\(services\.proxmox\)$/,
    ),
  ]);
  expect(lines).toContainEqual(expect.stringMatching(/^allow: /));
});

it.each([
  ['https://docs.example.dev/api', 'docs.example.dev/api*'],
  ['https://machine.example.dev/', '*machine.example.dev/*'],
])('does not know what a Worker of somebody else does: %s', async (url, pattern) => {
  const by = url.includes('machine') ? { token: 'ci' } : {};
  const lines = await linesOf(url, by);
  expect(lineAbout(lines)).toEqual([
    expect.stringContaining(`${pattern} → Worker theirs  (not in the file)`),
  ]);
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^unknown: .* because gates does not know what a Worker answers that gates does not know \(theirs at /,
    ),
  );
});

it('does not reach a Worker behind a gate that refuses the visitor', async () => {
  const lines = await linesOf('https://machine.example.dev/', { as: 'me@example.dev' });
  expect(lineAbout(lines)).toEqual([expect.stringContaining('not reached')]);
  expect(lines).toContainEqual(expect.stringMatching(/^deny: Access /));
});

it('says nothing of Workers at other paths', async () => {
  expect(lineAbout(await linesOf('https://docs.example.dev/'))).toEqual([]);
});
