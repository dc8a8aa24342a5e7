import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The longest files, in their starting order. A checkout knows no earlier times, and vitest then begins with the files
 * that have most lines. The longest suites have few lines, so they would run alone at the end.
 */
export const longestFiles: readonly string[] = [
  ...[
    'e2e/whole/demo',
    'e2e/commands/conformance-authentik',
    'e2e/whole/first-day',
    'e2e/whole/package',
    'e2e/commands/rehearse',
    'e2e/whole/proxies',
  ],
  ...['e2e/commands/saved-plan', 'e2e/daemon/status-page', 'e2e/whole/home', 'e2e/commands/migration'],
  ...['scenarios/deeds/deeds.exhaustive', 'scenarios/moves/moves-bearer.exhaustive'],
  ...[
    'lab/sandbox/doors/planted.exhaustive',
    'scenarios/whole/home.exhaustive',
    'scenarios/late/lag-moves-random.exhaustive',
  ],
  ...[
    'lab/sandbox/doors/explanation.exhaustive',
    'lab/sandbox/doors/agreement.exhaustive',
    'conformance/planted.exhaustive',
  ],
  ...['scenarios/random-files/passing.exhaustive', 'scenarios/random-files/chains.exhaustive'],
  ...['scenarios/lists/lists.exhaustive', 'scenarios/writers/turns.exhaustive'],
  'scenarios/watch/watch-origin.exhaustive',
  ...[
    'scenarios/month/month.exhaustive',
    'scenarios/gates/jwt-month.exhaustive',
    'scenarios/late/lag-moves.exhaustive',
  ],
  ...['scenarios/lists/idle-run.exhaustive', 'scenarios/lists/changing-run.exhaustive'],
  ...['scenarios/lists/first-run.exhaustive', 'conformance/killed.exhaustive'],
  // Files of git start hundreds of programs, which takes longer the more memory a worker uses.
  ...[
    'daemon/observer',
    'clients/git/signature-ssh',
    'clients/git/git',
    'daemon/run',
    'clients/git/revision',
  ],
  ...[
    'clients/git/signature-gpg',
    'clients/git/git-bad-day.exhaustive',
    'clients/git/signature',
    'clients/git/file',
  ],
  ...['clients/git/included-files', 'clients/git/ssh', 'daemon/notices/told', 'docs/actions'],
  ...['daemon/actions/daemon', 'daemon/held-up'],
  ...['daemon/hostile-calls.exhaustive', 'expect/every-gate.exhaustive', 'live/authentik'],
  ...[
    'attribution/who-changed',
    'lab/rehearsal/rehearse.exhaustive',
    'scenarios/whole/side-by-side',
    'scenarios/gates/jwt-month',
  ],
].map((name) => `test/${name}.test.ts`);

/** Starts the longest files first. */
export class LongestFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(specifications)).sort((left, right) => rankOf(left) - rankOf(right));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = longestFiles.findIndex((file) => moduleId.endsWith(`/${file}`));
  return rank === -1 ? longestFiles.length : rank;
}
