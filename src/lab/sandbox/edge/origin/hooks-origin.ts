import type { Origin } from '../../state/world.ts';
import { type Answer, answer, type Visit } from '../view/visit.ts';

const CALL = /^\/hooks\/(git|actions\/[a-z0-9-]+)$/;
const QUESTION = /^\/hooks\/actions\/[a-z0-9-]+\/[0-9a-f-]+$/;

/** True if the hooks listener of gates answers for `host` at this origin. */
export function hasHooks({ hooks }: Origin, host: string): boolean {
  return hooks === 'all' || hooks?.includes(host) === true;
}

/** The listener's answer to unsigned calls: it starts nothing, so nobody gets through. */
export function atHooks({ method, path }: Visit): Answer {
  const isKnown = method === 'POST' ? CALL.test(path) : method === 'GET' && QUESTION.test(path);
  const headers = { 'content-type': 'application/json' };
  if (!isKnown) return answer('origin', 404, '{"status":"unknown"}', headers);
  const refused = { status: 'refused', reason: 'not signed, or not with the right secret' };
  const challenge = { ...headers, 'www-authenticate': 'Gates realm="hooks"' };
  return answer('origin', 401, JSON.stringify(refused), challenge);
}
