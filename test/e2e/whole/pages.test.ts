import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../support/programs.ts';
import { asPrinted, type Block, blocksOf, type Desk, deskIn, Terminal } from '../support/followed-page.ts';
import {
  remove,
  type SandboxProcess,
  startSandboxProcess,
  temporaryDirectory,
} from '../support/processes.ts';

/** Pages that have their own test, which follows them from top to bottom. */
const followed = ['docs/first-hour.md', 'docs/first-day.md'];

interface Command extends Block {
  readonly page: string;
}

const pages = [
  'README.md',
  'SECURITY.md',
  ...['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(folder).flatMap((name) => (name.endsWith('.md') ? [`${folder}/${name}`] : [])),
  ),
];
const commands: readonly Command[] = pages.flatMap((page) =>
  blocksOf(readFileSync(page, 'utf8'))
    .filter(({ language }) => ['sh', 'bash', 'console'].includes(language))
    .map((block) => ({ ...block, page })),
);
const here = commands.filter(({ page, notRun }) => notRun === undefined && !followed.includes(page));
const left = commands.filter(({ notRun, mark }) => notRun !== undefined || mark === 'real');

const yamlOf = (page: string, number: number) =>
  blocksOf(readFileSync(page, 'utf8')).filter(({ language }) => language === 'yaml')[number]?.text ?? '';
/** The home of every page here: four hosts, one of them behind Authentik. */
const home = yamlOf('docs/first-hour.md', 1);

interface House {
  readonly directory: string;
  readonly desk: Desk;
  readonly sandbox: SandboxProcess;
  readonly env: Readonly<Record<string, string>>;
}

/** The assumptions of a page beyond that home. */
const assumed: Readonly<Record<string, (house: House) => void>> = {
  // The page shows two mistakes, which its file has here.
  'docs/gates.md': ({ desk }) =>
    writeFileSync(
      path.join(desk.work, 'gates.yaml'),
      yamlOf('docs/gates.md', 0)
        .replace('proxmox: { tunnel: homelab', 'proxmox: { tunnel: homelap')
        .replace('cloudflare: { emails', 'cloudflare: { emials'),
    ),
};

/** A curl for which `https://HOST.example.dev/…` is at the sandbox's edge. */
const curl = `#!/bin/bash
args=()
for arg; do
  if [[ $arg =~ ^https://([a-z]+[.]example[.]dev)(/.*)$ ]]; then
    args+=(-H "Host: \${BASH_REMATCH[1]}" "$GATES_PROBE_EDGE\${BASH_REMATCH[2]}")
  else
    args+=("$arg")
  fi
done
PATH=\${PATH#*:} exec curl "\${args[@]}"
`;

/**
 * The commands of a block. `gates apply` and `gates adopt` get `--yes`, since nobody can answer. The revision in the
 * pages becomes the newest one.
 */
function commandsOf({ language, text }: Block): string {
  const typed = language === 'console' ? text.replace(/^(?!\$ ).*\n/gm, '').replace(/^\$ /gm, '') : text;
  return typed
    .replace(/^gates (?:apply|adopt)\b(?! --yes)/gm, '$& --yes')
    .replaceAll('1a2b3c4d', '$(git rev-parse HEAD)');
}

/** Types a block, and returns its output and each command that failed. */
async function run(
  block: Block,
  terminal: Terminal,
): Promise<{ printed: string; failed: readonly string[] }> {
  const typed = `${commandsOf(block)}[ $? = 0 ] || echo 'failed: the last line'`;
  const lines = (await terminal.type(typed)).split('\n');
  const isFailure = (line: string) => line.startsWith('failed: ');
  return { printed: lines.filter((line) => !isFailure(line)).join('\n'), failed: lines.filter(isFailure) };
}

/** The output that a console block states. */
const answersOf = ({ text }: Block) => text.replace(/^\$ .*\n/gm, '');

describe('the commands of all pages', needs('bash', 'curl', 'gpg', 'jq', 'ssh-keygen'), () => {
  let house: House;
  let daemon: Terminal;

  beforeAll(async () => {
    const directory = await temporaryDirectory();
    const desk = deskIn(directory);
    writeFileSync(path.join(directory, 'bin/curl'), curl, { mode: 0o755 });
    const sandbox = await startSandboxProcess();
    await sandbox.admin('PUT', '/origins', {
      url: 'http://traefik.lan:80',
      kind: 'traefik',
      forwardAuth: ['grafana.example.dev'],
    });
    const state = path.join(directory, 'state');
    const env = {
      ...desk.env,
      ...sandbox.env,
      GATES_STATE_DIR: state,
      GATES_REPOSITORY: desk.work,
      ADMIN: sandbox.adminUrl,
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'user.name',
      GIT_CONFIG_VALUE_0: 'ada',
      GIT_CONFIG_KEY_1: 'user.email',
      GIT_CONFIG_VALUE_1: 'ada@example.dev',
    };
    house = { directory, desk, sandbox, env };
    writeFileSync(path.join(desk.work, 'gates.yaml'), home);
    daemon = new Terminal(desk.work, env);
    await daemon.type(`git init -q -b main . && git add gates.yaml && git commit -qm 'Four doors'
ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519
gates apply --yes > ../applied.txt
gates run 2> ../daemon.log &
until gates status 2> /dev/null | grep -q '^OK'; do sleep 0.2; done`);
  });

  afterAll(async () => {
    await daemon.close();
    await house.sandbox.stop();
    await remove(house.directory);
  });

  describe.each([...new Set(here.map(({ page }) => page))])('%s', (page) => {
    let terminal: Terminal;

    beforeAll(async () => {
      assumed[page]?.(house);
      terminal = new Terminal(house.desk.work, house.env);
      // Exit code 2 of `gates plan` would mean a change that nobody made.
      await terminal.type(`set -o pipefail; trap 'echo "failed: $BASH_COMMAND ($?)"' ERR`);
    });

    // Restores the state that the next page expects.
    afterAll(async () => {
      await terminal.close();
      writeFileSync(path.join(house.desk.work, 'gates.yaml'), home);
      await house.sandbox.admin('DELETE', '/faults');
      await daemon.type('gates resume 2> /dev/null');
    });

    it.each(here.filter((block) => block.page === page))('line $line: $text', async (block) => {
      const { printed, failed } = await run(block, terminal);
      const { language } = block;
      if (language === 'console') expect(printed).toMatch(asPrinted(answersOf(block)));
      else expect(failed, printed).toEqual([]);
    });
  });
});

describe('a block of commands that no test runs', () => {
  it('says why', () => {
    const reasons = left.map(({ page, line, notRun }) => `${page}:${line} ${notRun ?? 'a real account'}`);
    const elsewhere = commands.length - here.length - left.length;
    process.stdout.write(
      `${here.length} blocks of commands run here, ${elsewhere} in the tests of ${followed.join(' and ')}, ${left.length} are not run:\n${reasons.join('\n')}\n`,
    );
    expect(here.length).toBeGreaterThan(20);
    expect(left.filter(({ notRun }) => notRun !== undefined && notRun.length < 10)).toEqual([]);
  });

  it('names an existing test, if a test covers it', () => {
    const named = left.flatMap(({ notRun = '' }) => notRun.match(/test\/[\w/-]+\.test\.ts/g) ?? []);
    expect(named).not.toEqual([]);
    expect(named.filter((file) => !existsSync(file))).toEqual([]);
  });
});
