import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CRUISER = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface Cruise {
  summary: {
    totalCruised: number;
    violations: { from: string; to: string; rule: { name: string; severity: string } }[];
  };
}

/** Cruises `folders` of the tree at `root` with the rules that `npm run layers` uses. */
function cruise(root: string, folders: string[]): Cruise['summary'] {
  const rules = path.join(root, '.dependency-cruiser.cjs');
  const args = [CRUISER, '--config', rules, '--output-type', 'json', ...folders];
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 } as const;
  try {
    return (JSON.parse(execFileSync(process.execPath, args, options)) as Cruise).summary;
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (!stdout) throw error;
    return (JSON.parse(stdout) as Cruise).summary;
  }
}

/** A tree that keeps every rule, with one planted breach of each sort. */
const PLANTED: Record<string, string> = {
  'src/core/objects/address.ts': 'export const address = 1;\n',
  'src/plan/plan.ts': "import { address } from '../core/objects/address.ts';\nexport const plan = address;\n",
  'src/apply/apply.ts': "import { plan } from '../plan/plan.ts';\nexport const apply = plan;\n",
  'src/lab/sandbox/index.ts': "export { world } from './state/world.ts';\n",
  'src/lab/sandbox/state/world.ts': 'export const world = 1;\nexport interface World { n: number }\n',
  'src/cli/commands/sandbox.ts':
    "import { world } from '../../lab/sandbox/index.ts';\nexport const command = world;\n",
  'src/core/upward.ts': "import { plan } from '../plan/plan.ts';\nexport const upward = plan;\n",
  'src/plan/sideways.ts': "import { apply } from '../apply/apply.ts';\nexport const sideways = apply;\n",
  'src/daemon/upward.ts':
    "import { command } from '../cli/commands/sandbox.ts';\nexport const up = command;\n",
  'src/doors/judging.ts': "import { world } from '../lab/sandbox/index.ts';\nexport const judge = world;\n",
  'src/doors/reading.ts': "import { readFileSync } from 'node:fs';\nexport const parts = readFileSync;\n",
  'src/lab/sandbox/borrowing.ts':
    "import { address } from '../../core/objects/address.ts';\nexport const it = address;\n",
  'src/cli/peeking.ts':
    "import { world } from '../lab/sandbox/state/world.ts';\nexport const peek = world;\n",
  'src/clients/type-only.ts':
    "import type { World } from '../lab/sandbox/state/world.ts';\nexport type Peek = World;\n",
  'src/report/reading.ts': "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
  'reconcilers/cloudflare/calling.ts': "import http from 'node:http';\nexport const call = http.get;\n",
  'reconcilers/cloudflare/knowing.ts':
    "import { plan } from '../../src/plan/plan.ts';\nexport const know = plan;\n",
  'reconcilers/authentik/asking.ts':
    "import { call } from '../cloudflare/calling.ts';\nexport const ask = call;\n",
  'src/cli/commands/run.ts': "import { watch } from '../watching.ts';\nexport const run = watch;\n",
  'src/cli/watching.ts': "import { world } from '../lab/sandbox/index.ts';\nexport const watch = world;\n",
  'src/report/plan/step.ts': "import { paint } from '../screen/paint.ts';\nexport const step = paint;\n",
  'src/report/plan/name.ts': 'export const name = 1;\n',
  'src/report/screen/paint.ts': 'export const paint = 1;\n',
  'src/report/screen/title.ts': "import { name } from '../plan/name.ts';\nexport const title = name;\n",
  'src/config/here.ts': "import { there } from './there.ts';\nexport const here = there;\n",
  'src/config/there.ts': "import { here } from './here.ts';\nexport const there = (): unknown => here;\n",
  'src/page/asking.tsx':
    "import { up } from '../daemon/upward.ts';\nexport const Asking = () => <p>{up}</p>;\n",
  'src/desired/lost.ts': "import { gone } from './gone.ts';\nexport const lost = gone;\n",
  'src/desired/hashing.ts': "import { createHash } from 'node:crypto';\nexport const hash = createHash;\n",
};

describe('the layer rules', () => {
  let tree: string;
  let planted: Cruise['summary'];

  beforeAll(() => {
    tree = mkdtempSync(path.join(tmpdir(), 'gates-layers-'));
    copyFileSync(path.join(ROOT, '.dependency-cruiser.cjs'), path.join(tree, '.dependency-cruiser.cjs'));
    copyFileSync(path.join(ROOT, 'tsconfig.json'), path.join(tree, 'tsconfig.json'));
    for (const [file, text] of Object.entries(PLANTED)) {
      mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
      writeFileSync(path.join(tree, file), text);
    }
    planted = cruise(tree, ['src', 'reconcilers']);
  });

  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it.each([
    { from: 'src/core/upward.ts', rule: 'layer-core', because: 'core is the bottom' },
    { from: 'src/plan/sideways.ts', rule: 'layer-plan', because: 'a plan does not know how it is applied' },
    { from: 'src/daemon/upward.ts', rule: 'layer-daemon', because: 'the command line calls the daemon' },
    {
      from: 'src/lab/sandbox/borrowing.ts',
      rule: 'layer-lab/sandbox',
      because: 'a shared mistake would be unseen',
    },
    { from: 'src/doors/judging.ts', rule: 'layer-doors', because: 'the model would be judged by its judge' },
    { from: 'src/doors/reading.ts', rule: 'pure-no-io', because: 'the model answers from what it is given' },
    { from: 'src/cli/peeking.ts', rule: 'sandbox-entry', because: 'the sandbox has one public entry' },
    { from: 'src/clients/type-only.ts', rule: 'sandbox-entry', because: 'a shared type is sharing too' },
    { from: 'src/report/reading.ts', rule: 'pure-no-io', because: 'a report is made of what it is given' },
    { from: 'reconcilers/cloudflare/calling.ts', rule: 'pure-no-io', because: 'calls go through the client' },
    { from: 'reconcilers/cloudflare/knowing.ts', rule: 'layer-reconcilers', because: 'the engine decides' },
    {
      from: 'reconcilers/authentik/asking.ts',
      rule: 'layer-reconcilers/authentik',
      because: 'a system is read without the other',
    },
    { from: 'src/cli/commands/run.ts', rule: 'daemon-without-lab', because: 'no daemon loads the lab' },
    { from: 'src/report/plan', rule: 'folders-one-way', because: 'one of two folders is below the other' },
    { from: 'src/config/here.ts', rule: 'not-circular', because: 'a circle has no bottom' },
    { from: 'src/page/asking.tsx', rule: 'layer-page', because: 'the page shows what it is given' },
    { from: 'src/desired/lost.ts', rule: 'not-to-unresolvable', because: 'a lost import is seen by no rule' },
  ])('catch $rule in $from, because $because', ({ from, rule }) => {
    expect(planted.violations.map((violation) => `${violation.rule.name} ${violation.from}`)).toContain(
      `${rule} ${from}`,
    );
  });

  it('leave alone what is allowed', () => {
    const accused = new Set(planted.violations.map((violation) => violation.from));
    const allowed = [
      'src/plan/plan.ts',
      'src/apply/apply.ts',
      'src/cli/commands/sandbox.ts',
      'src/desired/hashing.ts',
    ];
    expect(allowed.filter((file) => accused.has(file))).toEqual([]);
  });

  // `npm run layers` reads the rest.
  it('are kept by the core, and the check really reads it', () => {
    const { totalCruised, violations } = cruise(ROOT, ['src/core']);
    expect(violations).toEqual([]);
    // With a TypeScript that has no compiler API the cruise passes with nothing seen.
    expect(totalCruised).toBeGreaterThan(20);
  });
});
