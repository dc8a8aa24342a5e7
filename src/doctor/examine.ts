import type { Config } from '../config/model/config.ts';
import { describeError, GatesError, RejectedError } from '../core/errors.ts';
import type { Edge, Query } from '../core/world.ts';
import { compile } from '../desired/compile.ts';
import type { DoctorDocument, DoctorFinding } from '../report/doctor/doctor.ts';
import type { AnyCheck, Asker, Chart, CheckJudgment, TokenVariables } from './chart/check.ts';
import { checks, gatekeepers } from './checks/index.ts';

/** The reason why a system cannot be asked at all, and what to do. */
export interface Unasked {
  readonly missing: string;
  readonly hint: string;
}

/** The input of an examination. */
export interface Patient {
  /** Undefined if there is no valid file. */
  readonly config: Config | undefined;
  /** The readable part of the file, and its mistakes. */
  readonly file: DoctorDocument['file'];
  readonly fileFinding?: DoctorFinding;
  /** Secret variables that contain the secret itself and not the name of a file. */
  readonly secretVariables: readonly string[];
  readonly cloudflare: Asker | Unasked;
  readonly workers?: Asker | undefined;
  /** The tokens of zones, by their names; absent: there are none. */
  readonly zoneTokens?: ReadonlyMap<string, Asker>;
  /** The variables of the tokens; absent: those of an account without a name. */
  readonly variables?: TokenVariables;
  /** Undefined: the file does not use Authentik. */
  readonly authentik: Asker | Unasked | undefined;
  readonly authentikUrl: string | undefined;
  /** The id of the account, if there is no file and the token sees several. */
  readonly account?: string | undefined;
  /** Names of the only checks to make; undefined: all. */
  readonly only?: readonly string[];
  readonly edge: Edge;
  readonly now: Date;
  /** Milliseconds that the clock of a system is ahead of this machine's, once it has answered. */
  readonly ahead: Chart['ahead'];
  readonly recordedIds?: Chart['recordedIds'];
  readonly signal: AbortSignal;
  /** Called with the number of answered questions, of all. */
  readonly onAnswer?: (answered: number, all: number) => void;
}

const usualVariables: TokenVariables = {
  cloudflare: 'CLOUDFLARE_API_TOKEN',
  workers: 'CLOUDFLARE_WORKERS_TOKEN',
  authentik: 'AUTHENTIK_TOKEN',
};

type System = 'cloudflare' | 'authentik';

/** Asks everything once, and writes nothing: no check gets a way to write. */
export async function examine(patient: Patient): Promise<DoctorDocument> {
  const { config, now, authentikUrl, account, only, edge, ahead, signal, file, fileFinding, recordedIds } =
    patient;
  const { variables = usualVariables } = patient;
  const desired = config && compile(config);
  const need = { config, desired, now: now.getTime(), authentikUrl, account, variables };
  const ways = { cloudflare: wayTo(patient.cloudflare), authentik: wayTo(patient.authentik) };
  const { workers, zoneTokens = new Map() } = patient;
  const chart = { ...need, ...ways, workers, zoneTokens, edge, ahead, signal, recordedIds };
  const wanted = (one: AnyCheck) =>
    !(patient.authentik === undefined && one.area === 'authentik') &&
    only?.includes(one.name) !== false &&
    one.isNeeded?.(need) !== false;
  const all = [...gatekeepers, ...checks].filter(wanted).length;
  let answered = 0;
  const examineOne = async (one: AnyCheck): Promise<Examined> => {
    const found = await examined(one, chart);
    answered += 1;
    patient.onAnswer?.(answered, all);
    return found;
  };
  const first = await Promise.all(gatekeepers.filter(wanted).map(examineOne));
  const closed = new Map<System, CheckJudgment>(
    first.flatMap(({ check, judgments }) => {
      const reason = reasonNotToAsk(judgments);
      return check.asks === undefined || reason === undefined ? [] : [[check.asks, reason] as const];
    }),
  );
  const rest = await Promise.all(
    checks.filter(wanted).map(async (one) => {
      const reason = one.asks && closed.get(one.asks);
      return reason === undefined ? examineOne(one) : { check: one, judgments: [reason] };
    }),
  );
  return {
    version: 1,
    file,
    findings: [
      ...(fileFinding === undefined ? [] : [fileFinding]),
      ...secretsShown(patient.secretVariables),
      ...[...first, ...rest].flatMap(findingsOf),
    ],
  };
}

/** While a program runs, the system shows the variables with which it began to its account and to root. */
function secretsShown(names: readonly string[]): readonly DoctorFinding[] {
  if (names.length === 0) return [];
  const list = names.join(', ');
  return [
    {
      check: 'environment',
      area: 'file',
      state: 'warning',
      code: 'secret-variables',
      about: list,
      text: 'The secret itself is in the environment: other programs of the same account can read it there while gates runs',
      hint: `Put it into a file, and name that in ${names.map((name) => `${name}_FILE`).join(', ')}`,
    },
  ];
}

interface Examined {
  readonly check: AnyCheck;
  readonly judgments: readonly CheckJudgment[];
}

async function examined(one: AnyCheck, chart: Chart): Promise<Examined> {
  try {
    return { check: one, judgments: await one.examine(chart) };
  } catch (error) {
    if (!(error instanceof GatesError)) throw error;
    return { check: one, judgments: [notAsked(error)] };
  }
}

/** The words of the failure, without its advice. */
function notAsked(error: GatesError): CheckJudgment {
  const { hint } = error;
  const whole = describeError(error).replace(/ \[request [^\]]*\]/, '');
  if (hint === undefined) return { state: 'unknown', text: whole };
  return { state: 'unknown', text: whole.slice(0, -`. ${hint}`.length), hint };
}

/** Without a valid token, or without an answer, every further question would have the same result. */
function reasonNotToAsk(judgments: readonly CheckJudgment[]): CheckJudgment | undefined {
  const [first] = judgments;
  if (first?.state === 'unknown') return first;
  const isRefused = first?.code === 'cloudflare-token' || first?.code === 'authentik-token';
  return isRefused ? { state: 'unknown', text: 'the token is not valid' } : undefined;
}

function findingsOf({ check: { name, area }, judgments }: Examined): readonly DoctorFinding[] {
  return judgments.map((judgment) => ({ check: name, area, ...judgment }));
}

/** Asks each question once. A system that cannot be asked refuses with its reason. */
function wayTo(way: Asker | Unasked | undefined): Asker {
  if (way === undefined || 'missing' in way) {
    const refuse = async () => {
      throw new RejectedError(way?.missing ?? 'The file has no Authentik', way && { hint: way.hint });
    };
    return { get: refuse, list: refuse };
  }
  const answers = new Map<string, Promise<unknown>>();
  const once = <Answer>(how: 'get' | 'list', path: string, query: Query | undefined) => {
    const key = `${how} ${path} ${JSON.stringify(query)}`;
    const answer = answers.get(key) ?? way[how](path, query);
    answers.set(key, answer);
    return answer as Promise<Answer>;
  };
  return {
    get: (path, query) => once('get', path, query),
    list: (path, query) => once('list', path, query),
  };
}
