import { check, ok, problem } from '../../chart/check.ts';
import { chartedAccountPath, ifPermitted, zonesOf } from '../../chart/cloudflare.ts';

interface WorkersRights {
  readonly hasToken: boolean;
  /** Permissions that the token lacks, in the words of the dashboard. */
  readonly lacking: readonly string[];
}

/** Checks the token for Workers, which only a file with `identityHeader` needs. */
export const workersToken = check<WorkersRights | undefined>({
  name: 'workers-token',
  area: 'cloudflare',
  asks: 'cloudflare',
  async ask(chart) {
    const wanted = chart.desired?.scope.workerZones ?? [];
    if (wanted.length === 0) return undefined;
    const { workers } = chart;
    if (workers === undefined) return { hasToken: false, lacking: [] };
    const zones = (await zonesOf(chart)).filter(({ name }) => wanted.includes(name));
    const questions: readonly (readonly [string, string])[] = [
      ['Account / Workers Scripts', `${await chartedAccountPath(chart)}/workers/scripts`],
      ...zones.map(({ id }) => ['Zone / Workers Routes', `/zones/${id}/workers/routes`] as const),
    ];
    const answers = await Promise.all(
      questions.map(async ([name, path]) => ((await ifPermitted(workers.get(path))).may ? [] : [name])),
    );
    return { hasToken: true, lacking: [...new Set(answers.flat())] };
  },
  judge(rights, { variables: { workers: variable } }) {
    if (rights === undefined) return [];
    const { hasToken, lacking } = rights;
    if (!hasToken) {
      const text = 'The file has `identityHeader`, and there is no token for Workers';
      const hint = `Set ${variable}, or ${variable}_FILE: docs/identity-header.md`;
      return [problem('workers-token', { text, hint })];
    }
    const found = lacking.map((name) =>
      problem('workers-token', {
        text: `The token for Workers may not read what "${name}" is about`,
        hint: `Give ${variable} "${name} / Edit": My Profile → API Tokens → Edit`,
      }),
    );
    return found.length > 0 ? found : [ok('The token for Workers may read Workers and their routes')];
  },
});
