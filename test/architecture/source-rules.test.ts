import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBreaches, sourceFiles } from '../../scripts/source-rules.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The call is split, so that this file keeps the rule that it tests. */
const PRINT = ['console', "log('a');"].join('.');

const SCHEMA = JSON.parse(readFileSync(path.join(ROOT, 'schema/gates.schema.json'), 'utf8')) as {
  readonly $defs: { readonly gate: { readonly properties: Readonly<Record<string, unknown>> } };
};
const GATES = Object.keys(SCHEMA.$defs.gate.properties);

const PLANTED: Record<string, string> = {
  'src/core/utils.ts': 'const a = 1;\n',
  'src/core/DnsRecord.ts': 'const a = 1;\n',
  'src/core/dns-record.ts': `// ${PRINT} is not for here\nconst a = 1;\n`,
  'src/core/printing.ts': `const a = 1;\n${PRINT}\n`,
  'scripts/bench.mjs': `${PRINT}\n`,
  'src/core/verdict.ts': 'export interface Verdict {\n  readonly of: string;\n}\n',
  'src/daemon/verdict.ts':
    "/** Of a file. */\nexport type Verdict = 'good' | 'bad';\nexport const Moment = 1;\ntype Local = 1;\nexport type L = Local;\n",
  'reconcilers/edge/reading/verdict.ts':
    'export abstract class Verdict {}\nexport interface Moment {}\ntype Local = 1;\n',
  'src/page/verdict.ts': "export type { Verdict } from '../core/verdict.ts';\n",
  'src/lab/sandbox/verdict.ts': 'export interface Verdict {}\n',
  'src/lab/sandbox/edge/verdict.ts': 'export class Verdict {}\n',
  'test/verdict.ts': 'export interface Verdict {}\n',
  'src/lab/sandbox/index.ts': "export * from './state/world.ts';\n",
  'src/lab/sandbox/state/world.ts':
    "import type { A } from '../../../core/dns-record.ts';\nexport type B = A;\n",
  'src/lab/sandbox/npm.ts': "import { SignJWT } from 'jose';\nexport const sign = SignJWT;\n",
  'test/end.test.ts': "import { world } from '../src/lab/sandbox/state/world.ts';\nexport const w = world;\n",
  'test/lazy.test.ts': "export const w = () => import('../src/lab/sandbox/state/world.ts');\n",
  'test/good.test.ts': "import { world } from '../src/lab/sandbox/index.ts';\nexport const w = world;\n",
  'test/lab/sandbox/world.test.ts':
    "import { world } from '../../../src/lab/sandbox/state/world.ts';\nexport const w = world;\n",
  'src/report/gates.ts': `const a = (gate) => gate.type === 'jwt';
const b = ({ gate }) => 'proxy' !== gate?.mode;
const c = (door) => { switch (door.gate.type) {} };
const d = (door) => table[door.gate.mode];
const e = ({ gate }) => machines.has(gate.type);
const f = ({ type }) => type !== 'webhook';
const g = ({ at }) => at === 'edge';
`,
  'src/report/every-gate.ts': GATES.map((gate) => `((type) => type === '${gate}')();\n`).join(''),
  'src/report/terms.ts': `// The check of gate.type === 'jwt' is elsewhere.
const a = ({ gate }) => gate.login === 'authentik';
const b = (gate) => [...path, gate.type];
const c = (target) => target.type === 'serviceToken';
`,
  'src/gates/jwt/gate.ts': "const a = (gate) => gate.at === 'edge';\n",
  'src/lab/sandbox/edge/gate.ts': "const a = (gate) => gate.type === 'jwt';\n",
  'src/why/words.ts': "import { line } from './text/line.ts';\nconst a = line;\n",
  'src/why/text/title.ts': "import type { Word } from '../word.ts';\ntype Title = Word;\n",
  ...Object.fromEntries(
    Array.from({ length: 21 }, (_, index) => [`src/plan/part-${index}.ts`, 'const a = 1;\n']),
  ),
};

describe('the source rules', () => {
  let tree: string;
  let found: string[];

  beforeAll(() => {
    tree = mkdtempSync(path.join(tmpdir(), 'gates-rules-'));
    for (const [file, text] of Object.entries(PLANTED)) {
      mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
      writeFileSync(path.join(tree, file), text);
    }
    found = findBreaches(tree).map(({ file, line, rule }) => `${file}:${line} ${rule}`);
  });

  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it.each([
    { breach: 'src/core/utils.ts:1 file-name', because: 'a drawer for anything holds everything' },
    { breach: 'src/core/DnsRecord.ts:1 file-name', because: 'file names are kebab-case' },
    { breach: 'src/core/printing.ts:2 no-console', because: 'output belongs to the rim' },
    {
      breach: 'reconcilers/edge/reading/verdict.ts:1 export-name',
      because: 'an interface and a class share a name',
    },
    {
      breach: 'reconcilers/edge/reading/verdict.ts:2 export-name',
      because: 'so do a constant and an interface',
    },
    { breach: 'src/daemon/verdict.ts:2 export-name', because: 'a type and a class share a name' },
    {
      breach: 'src/lab/sandbox/verdict.ts:1 export-name',
      because: 'the sandbox too has one type for a name',
    },
    { breach: 'src/lab/sandbox/state/world.ts:1 sandbox-shares-nothing', because: 'even a type is sharing' },
    { breach: 'test/end.test.ts:1 sandbox-entry', because: 'the sandbox has one public entry' },
    { breach: 'src/plan:1 full-folder', because: 'nobody looks through so many names' },
    { breach: 'src/report/gates.ts:1 gate-comparison', because: 'a gate is one folder' },
    { breach: 'src/report/gates.ts:2 gate-comparison', because: 'so are its modes' },
    { breach: 'src/report/gates.ts:3 gate-comparison', because: 'a switch compares' },
    { breach: 'src/report/gates.ts:4 gate-comparison', because: 'a table by gate is a switch' },
    { breach: 'src/report/gates.ts:5 gate-comparison', because: 'a set of gates compares' },
    { breach: 'src/report/gates.ts:6 gate-comparison', because: 'the field may have been taken out before' },
    { breach: 'src/report/gates.ts:7 gate-comparison', because: 'the place of a jwt gate is its own' },
    { breach: 'src/why/words.ts:1 folder-pair', because: 'one of two folders is below the other' },
    { breach: 'src/why/text/title.ts:1 folder-pair', because: 'also if one contains the other' },
    { breach: 'test/lazy.test.ts:1 sandbox-entry', because: 'a lazy import is an import' },
  ])('catch $breach, because $because', ({ breach }) => {
    expect(found).toContain(breach);
  });

  it('know each gate of the schema, but not `public`, which clients and destinations are too', () => {
    const lines = GATES.flatMap((gate, index) => (gate === 'public' ? [] : [index + 1]));
    const ofGates = found.filter((breach) => breach.startsWith('src/report/every-gate.ts:'));
    expect(ofGates).toEqual(lines.map((line) => `src/report/every-gate.ts:${line} gate-comparison`));
  });

  it('find nothing else in the planted tree', () => {
    expect(found.filter((breach) => !breach.startsWith('src/report/every-gate.ts:'))).toHaveLength(20);
  });

  it('are kept by this project, and the check really reads it', () => {
    expect(sourceFiles(ROOT, 'src').length).toBeGreaterThan(5);
    expect(findBreaches(ROOT)).toEqual([]);
  });
});
