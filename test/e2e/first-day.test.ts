import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../programs.ts';
import { browserOf } from './browser.ts';
import { DifficultAccount, longestLag, slowly } from './difficult-account.ts';
import { asPrinted, type Desk, deskIn, follow, type Step, stepsOf, Terminal } from './followed-page.ts';
import { remove, type SandboxProcess, startSandboxProcess, temporaryDirectory } from './processes.ts';

const steps = stepsOf(readFileSync('docs/first-day.md', 'utf8'));
/** Step 1 sends the reader there for the token of Authentik. */
const tokens = stepsOf(readFileSync('docs/first-hour.md', 'utf8')).find(({ title }) =>
  title.startsWith('2. A token'),
);

let sandbox: SandboxProcess;
let account: DifficultAccount;
let directory: string;
let desk: Desk;
let terminal: Terminal;

beforeAll(async () => {
  directory = await temporaryDirectory();
  desk = deskIn(directory);
  sandbox = await startSandboxProcess(slowly);
  account = new DifficultAccount(sandbox);
  await account.begin();
  terminal = new Terminal(desk.work, { ...desk.env, ...sandbox.env, GATES_EDGE_LAG: longestLag });
  await sandbox.admin('PUT', '/guards', [
    { host: 'auth.example.dev', admit: { public: true } },
    { host: 'grafana.example.dev', admit: { groups: ['admins'] } },
  ]);
});

afterAll(async () => {
  await terminal.close();
  await sandbox.stop();
  await remove(directory);
});

/** What a person does whom a row of the page tells to, by the row's first column; and what the page must tell. */
const remedies: Readonly<Record<string, { readonly told: string; readonly deed: () => Promise<unknown> }>> = {
  '`does not let this token do that`': { told: 'Add the permission', deed: () => account.permit() },
  '`organization/reachable`': { told: 'Exempt the zone', deed: () => account.exempt() },
  '`bots/gates`': { told: 'Turn Bot Fight Mode off', deed: () => account.stopFighting() },
  '`tunnel/connected`': { told: 'Start cloudflared', deed: () => account.connect() },
  '`✗`': { told: 'Do what follows its `→`', deed: () => account.startOutpost() },
  '`stands in its place`, `is not marked as ours`': {
    told: 'delete it in the dashboard',
    deed: async () => {
      await account.removeRecord();
      // Until then the name leads to a machine of somebody.
      await sandbox.admin('PUT', '/guards', {
        host: 'app.example.dev',
        admit: { emails: ['me@example.dev'] },
      });
    },
  },
  '`got through to the application`': { told: 'Give the router', deed: () => account.ask() },
  '`Somebody else wrote the rules`': {
    told: 'Ask that person to repeat the change',
    deed: () => account.writeRules(['wiki', 'ann']),
  },
};

/** Rows about what this account does not do. A new row belongs here or to the remedies. */
const elsewhere: readonly string[] = [
  '`The token sees no zone`, `The account has no tunnel`',
  '`tunnel/pick-up`',
  '`read as "access-login"`, `read as "access-refusal"`',
  '`cover/`, `cache/rule`, `paths/`, `authentik/gate-`, `authentik/binding-`',
  '`Scratch objects could not be removed`',
  'another line',
  'a line and a column of gates.yaml',
  '`blocks every host without an Access application`',
  '`could not be read`',
  '`- prune`',
  'another reason behind `failed`',
  '`open!`',
  '`was not answered by Cloudflare`',
  'the browser finds no such host',
  'the plan is not empty',
];

/** Rules of others at the tunnel, in their order. */
const others: readonly string[] = [
  'wiki.example.dev http://wiki.lan:3000',
  'ann.example.dev http://ann.lan:3000',
  '*.example.dev http://traefik.lan:80',
  ' http_status:404',
];

/** Rows that were followed, in their order. */
const followed: string[] = [];

/** What happens in the account just before a step. */
const meanwhile: Readonly<Record<string, () => Promise<void>>> = {
  '3. Write the file': () => account.coverAll(),
  '5. Apply': () => account.interfere(),
  '8. Undo': () => account.member('remove_user'),
};

/** Many lines name each other: those count that the end repeats. */
function whatDiffers(printed: string): string {
  const [, repeated] = printed.split(/ otherwise, \d+ not asked\.\n/);
  return repeated ?? printed;
}

/** Resolves with what was printed in place of what the page says; undefined where all is as it says. */
async function attempt(step: Step): Promise<string | undefined> {
  for (const block of step.blocks) {
    const printed = await follow(block, terminal, desk);
    if (!asPrinted(block.printed ?? '').test(printed)) return printed;
  }
  return undefined;
}

/** Set once a step did not come to what it says: nobody goes on from there. */
let stuckAt: string | undefined;

async function walk(step: Step): Promise<void> {
  expect(stuckAt).toBeUndefined();
  stuckAt = step.title;
  await meanwhile[step.title]?.();
  for (let printed = await attempt(step); printed !== undefined; printed = await attempt(step)) {
    const differs = whatDiffers(printed);
    const rows = step.rows.filter(({ says }) => says.some((text) => differs.includes(text)));
    expect(rows.length, `no row of "${step.title}" is about this:\n${printed}`).toBeGreaterThan(0);
    for (const { name, does } of rows) {
      const remedy = remedies[name];
      expect(does, `${name}:\n${printed}`).toContain(remedy?.told ?? 'a deed of this test');
      expect(followed, `${name} did not help:\n${printed}`).not.toContain(name);
      await remedy?.deed();
      followed.push(name);
    }
  }
  stuckAt = undefined;
}

describe('the first day, followed to the letter on a difficult account', needs('bash'), () => {
  it('begins with the tokens of the first hour', async () => {
    for (const block of tokens?.blocks.filter(({ mark }) => mark === '') ?? []) {
      expect(await follow(block, terminal, desk)).toMatch(asPrinted(block.printed ?? ''));
    }
  });

  it.each(steps.slice(0, 6))('$title', async (step) => {
    await walk(step);
    expect(await sandbox.admin('GET', '/exposures')).toEqual([]);
  });

  it('ends with two guarded hosts, and with those of others as they were', async () => {
    await account.member('add_user');
    const app = browserOf(sandbox, { email: 'me@example.dev' });
    expect(JSON.parse((await app.follow('https://app.example.dev/')).body)).toMatchObject({ path: '/' });
    const grafana = browserOf(sandbox, { username: 'jo' });
    expect(JSON.parse((await grafana.follow('https://grafana.example.dev/')).body)).toMatchObject({
      headers: { 'x-authentik-username': 'jo' },
    });
    for (const host of ['app', 'grafana']) {
      const { status, servedBy } = await sandbox.visit(`${host}.example.dev`);
      expect([host, status, servedBy]).not.toContain('origin');
    }
    expect((await account.left()).rules).toEqual(expect.arrayContaining([...others]));
  });

  it.each(steps.slice(6))('$title', async (step) => {
    await walk(step);
    expect(await sandbox.admin('GET', '/exposures')).toEqual([]);
  });

  it('needed every remedy once, and knows which rows this account does not come to', async () => {
    expect(followed.toSorted()).toEqual(Object.keys(remedies).sort());
    const rows = steps.flatMap(({ rows: own }) => own.map(({ name }) => name));
    expect([...new Set(rows)].filter((name) => !followed.includes(name))).toEqual(elsewhere);
  });

  it('leaves nothing of gates behind', async () => {
    for (const host of ['app', 'auth', 'grafana']) {
      expect(await sandbox.visit(`${host}.example.dev`)).toMatchObject({
        headers: { 'x-sandbox-error': 'does-not-resolve' },
      });
    }
    const { rules, ofGates } = await account.left();
    expect(rules.filter((rule) => !rule.endsWith('http_status:503'))).toEqual(others);
    expect(ofGates).toEqual([]);
  });
});
