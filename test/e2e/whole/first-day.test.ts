import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../support/programs.ts';
import { browserOf } from '../support/browser.ts';
import { DifficultAccount, longestLag, slowly } from '../support/difficult-account.ts';
import {
  asPrinted,
  type Desk,
  deskIn,
  follow,
  type Step,
  stepsOf,
  Terminal,
} from '../support/followed-page.ts';
import {
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

const steps = stepsOf(readFileSync('docs/first-day.md', 'utf8'));
/** Step 1 sends the reader to this section for Authentik's token. */
const tokens = stepsOf(readFileSync('docs/first-hour.md', 'utf8')).find(({ title }) =>
  title.startsWith('2. A token'),
);

/** A person who follows the page at one account. */
interface Walk {
  readonly sandbox: SandboxProcess;
  readonly account: DifficultAccount;
  readonly directory: string;
  readonly desk: Desk;
  readonly terminal: Terminal;
  /** The rows that the person followed, in order. */
  readonly followed: string[];
  /** The step that did not have its stated result; the person stops there. */
  stuckAt?: string;
}

interface Remedy {
  /** The words that the page must contain. */
  readonly told: string;
  readonly deed: (walk: Walk) => Promise<unknown>;
}

/** The remedies of rows, by first column: the person's actions, and the words that the page must contain. */
const remedies: Readonly<Record<string, Remedy>> = {
  '`does not let this token do that`': {
    told: 'Add the permission',
    deed: ({ account }) => account.permit(),
  },
  '`organization/reachable`': { told: 'Exempt the zone', deed: ({ account }) => account.exempt() },
  '`bots/gates`': { told: 'Turn Bot Fight Mode off', deed: ({ account }) => account.stopFighting() },
  '`tunnel/connected`': { told: 'Start cloudflared', deed: ({ account }) => account.connect() },
  '`✗`': { told: 'Do what follows its `→`', deed: ({ account }) => account.startOutpost() },
  '`exists in its place`, `is not marked as ours`': {
    told: 'delete it in the dashboard',
    deed: async ({ account, sandbox }) => {
      await account.removeRecord();
      // Until then, the name leads to a foreign machine.
      await sandbox.admin('PUT', '/guards', {
        host: 'app.example.dev',
        admit: { emails: ['me@example.dev'] },
      });
    },
  },
  '`got through to the application`': { told: 'Give the router', deed: ({ account }) => account.ask() },
  '`Somebody else wrote the rules`': {
    told: 'Ask that person to repeat the change',
    deed: ({ account }) => account.writeRules(['wiki', 'ann']),
  },
};

/** Rows that do not apply to these accounts. A new row belongs here or into the remedies. */
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
  'a change of something else',
  'another reason behind `failed`',
  '`open!`',
  '`was not answered by Cloudflare`',
  'the browser finds no such host',
  'the plan is not empty',
];

/** The differing lines. Many lines name each other, so only those that the end repeats count. */
function whatDiffers(printed: string): string {
  const [, repeated] = printed.split(/ otherwise, \d+ not asked\.\n/);
  return repeated ?? printed;
}

interface Kind {
  readonly title: string;
  readonly options: readonly string[];
  /** The value of GATES_EDGE_LAG, in milliseconds. */
  readonly longestLag: string;
  readonly begin: (walk: Walk) => Promise<void>;
  /** Events in the account just before a step. */
  readonly meanwhile: Readonly<Record<string, (walk: Walk) => Promise<void>>>;
  /** The rows that a person at this account follows. */
  readonly rows: readonly string[];
}

const leave = ({ account }: Walk) => account.member('remove_user');

const kinds: readonly Kind[] = [
  {
    title: 'a difficult account',
    options: slowly,
    longestLag,
    begin: ({ account }) => account.begin(),
    meanwhile: {
      '3. Write the file': ({ account }) => account.coverAll(),
      '5. Apply': ({ account }) => account.interfere(),
      // Without the rest, the run of the next step may wait for as long.
      '7. Keep it so': ({ account }) => account.rest(),
      '8. Undo': leave,
    },
    rows: Object.keys(remedies),
  },
  {
    title: 'an account in order, with a login host',
    options: ['--lag', 'revocations=0'],
    longestLag: '0',
    begin: async ({ account, sandbox }) => {
      await account.beginWithLogin();
      await sandbox.admin('PUT', '/guards', {
        host: 'app.example.dev',
        admit: { emails: ['me@example.dev'] },
      });
    },
    meanwhile: { '8. Undo': leave },
    rows: ['`got through to the application`'],
  },
];

async function begin({ options, longestLag: lag, begin: prepare }: Kind): Promise<Walk> {
  const directory = await temporaryDirectory();
  const desk = deskIn(directory);
  const sandbox = await startSandboxProcess(options);
  const terminal = new Terminal(desk.work, { ...desk.env, ...sandbox.env, GATES_EDGE_LAG: lag });
  const walk = { sandbox, account: new DifficultAccount(sandbox), directory, desk, terminal, followed: [] };
  await prepare(walk);
  await sandbox.admin('PUT', '/guards', [
    { host: 'auth.example.dev', admit: { public: true } },
    { host: 'grafana.example.dev', admit: { groups: ['admins'] } },
  ]);
  return walk;
}

/** Follows a step, and returns the output if it differs from the page; undefined if everything matches. */
async function attempt({ blocks }: Step, { terminal, desk }: Walk): Promise<string | undefined> {
  for (const block of blocks) {
    const printed = await follow(block, terminal, desk);
    if (!asPrinted(block.printed ?? '').test(printed)) return printed;
  }
  return undefined;
}

async function take(step: Step, walk: Walk, { meanwhile }: Kind): Promise<void> {
  const { followed } = walk;
  expect(walk.stuckAt).toBeUndefined();
  walk.stuckAt = step.title;
  await meanwhile[step.title]?.(walk);
  for (let printed = await attempt(step, walk); printed !== undefined; printed = await attempt(step, walk)) {
    // A sentence may continue on the next line.
    const differs = whatDiffers(printed).replace(/\s+/g, ' ');
    const rows = step.rows.filter(({ says }) => says.some((text) => differs.includes(text)));
    expect(rows.length, `no row of "${step.title}" is about this:\n${printed}`).toBeGreaterThan(0);
    for (const { name, does } of rows) {
      const remedy = remedies[name];
      expect(does, `${name}:\n${printed}`).toContain(remedy?.told ?? 'a deed of this test');
      expect(followed, `${name} did not help:\n${printed}`).not.toContain(name);
      await remedy?.deed(walk);
      followed.push(name);
    }
  }
  delete walk.stuckAt;
}

describe.each(kinds)('the first day, followed literally on $title', needs('bash'), (kind) => {
  let walk: Walk;
  beforeAll(async () => {
    walk = await begin(kind);
  });

  afterAll(async () => {
    await walk.terminal.close();
    await walk.sandbox.stop();
    await remove(walk.directory);
  });

  const takes = async (step: Step) => {
    await take(step, walk, kind);
    expect(await walk.sandbox.admin('GET', '/exposures')).toEqual([]);
  };

  it('begins with the tokens of the first hour', async () => {
    for (const block of tokens?.blocks.filter(({ mark }) => mark === '') ?? []) {
      expect(await follow(block, walk.terminal, walk.desk)).toMatch(asPrinted(block.printed ?? ''));
    }
  });

  it.each(steps.slice(0, 6))('$title', takes);

  it('results in two guarded hosts', async () => {
    const { account, sandbox } = walk;
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
  });

  it.each(steps.slice(6))('$title', takes);

  it('needed each remedy once, and no other', () => {
    expect(walk.followed.toSorted()).toEqual([...kind.rows].sort());
  });

  it('leaves nothing of gates behind, and foreign objects unchanged', async () => {
    for (const host of ['app', 'grafana']) {
      expect(await walk.sandbox.visit(`${host}.example.dev`)).toMatchObject({
        headers: { 'x-sandbox-error': 'does-not-resolve' },
      });
    }
    const { rules, ofGates } = await walk.account.left();
    expect(rules.filter((rule) => !rule.endsWith('http_status:503'))).toEqual(walk.account.others);
    expect(ofGates).toEqual([]);
  });
});

it('every row of the page is followed, or listed as one that does not apply here', () => {
  const rows = new Set(steps.flatMap(({ rows: own }) => own.map(({ name }) => name)));
  expect([...rows].filter((name) => !(name in remedies))).toEqual(elsewhere);
});
