import { decideFor } from '../../../../src/doors/admission/decision.ts';
import { combined, explain } from '../../../../src/doors/explanation.ts';
import type { Case } from './corpus.ts';
import { type Model, modelled } from './model-answers.ts';
import { type Reached, reachedIn } from './sandbox-answers.ts';

/** The answers of both sides about one visitor at one door. */
export interface Comparison extends Omit<Reached, 'holds'> {
  readonly model: Model;
}

/** Answers each question with the sandbox and with the model. */
export async function compared({ world, store, asked }: Omit<Case, 'story'>): Promise<readonly Comparison[]> {
  return (await reachedIn({ world, asked })).map((answer) => {
    const { holds: _holds, ...told } = answer;
    return { ...told, model: modelled(store, answer) };
  });
}

/** A question, and the verdicts of its explanation about the visitor, for each of their possible identities. */
export interface Explained extends Comparison {
  /** The verdict of the complete model and that of the combined layers, which differ only by a bug. */
  readonly verdicts: readonly { readonly whole: Model['verdict']; readonly layers: Model['verdict'] }[];
}

/** Answers each question with the sandbox, and with the explanations of `gates why`. */
export async function explained({ world, store, asked }: Omit<Case, 'story'>): Promise<readonly Explained[]> {
  return (await reachedIn({ world, asked })).map((answer) => {
    const { holds: held, ...told } = answer;
    const { host, path, method } = answer;
    const found = held.map((holds) =>
      explain(store, { host, path, method }, (admits) => decideFor(admits, holds)),
    );
    const whole = found.map(({ verdict, to }): Model => {
      if (verdict === 'admitted') return { verdict, to, perhaps: [] };
      if (typeof verdict === 'string') return { verdict: 'refused' };
      return { verdict: 'unknown', reasons: [...new Set(verdict.unknown.map(({ reason }) => reason))] };
    });
    return {
      ...told,
      model: whole.find(({ verdict }) => verdict === 'admitted') ??
        whole.find(({ verdict }) => verdict === 'unknown') ?? { verdict: 'refused' },
      verdicts: found.map(({ layers }, index) => ({
        whole: (whole[index] as Model).verdict,
        layers: combined(layers),
      })),
    };
  });
}

/** True unless the sandbox does what the model excludes. A copy may answer in place of an origin that admits the visitor too. */
export function agrees({ host, reached, behindCopy, model }: Comparison): boolean {
  if (model.verdict === 'unknown') return true;
  if (model.verdict === 'refused') return reached === undefined;
  const isCopy = reached === `copies of ${host}`;
  const possible = isCopy && [...model.to, ...model.perhaps].includes(reached);
  const origin = possible ? behindCopy : reached;
  return origin !== undefined && model.to.some((to) => isSame(to, origin));
}

/** True for the same origin. The model names it as its rule does, and may add the host that it is asked for. */
function isSame(to: string, reached: string): boolean {
  return to === reached || to.startsWith(`${reached} `);
}
