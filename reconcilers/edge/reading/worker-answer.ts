/** The answer of the Worker of `identityHeader` about itself. */
export interface WorkerAnswer {
  /** A hash of its script. */
  readonly version: string;
  readonly team: string;
  readonly audience: string;
  /** The headers that it removes from every request, in lower case. */
  readonly removes: readonly string[];
  /** The identity headers that the application would have got with this request. */
  readonly passes: readonly string[];
}

/** The Worker's own answer in a body; `refused`: it got no valid token. Undefined for any other body. */
export function workerAnswerIn(body: string): WorkerAnswer | 'refused' | undefined {
  if (!body.startsWith('{"gates":"identity"')) return undefined;
  try {
    const answer = JSON.parse(body) as Partial<WorkerAnswer>;
    const { version, team = '', audience = '', removes = [], passes = [] } = answer;
    return version === undefined ? 'refused' : { version, team, audience, removes, passes };
  } catch {
    return undefined;
  }
}
