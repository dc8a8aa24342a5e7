import { passedOn } from './view/proxy.ts';
import type { Delivery, Visit } from './view/visit.ts';

type Headers = readonly (readonly [name: string, value: string])[];

/** A GET to an address outside the sandbox, like `fetch`; rejects if nobody answers. */
export type Verifier = (
  url: string,
  request: { method: 'GET'; headers: [string, string][]; redirect: 'manual' },
) => Promise<Response>;

/**
 * The answer to Traefik's ForwardAuth about a visit: it sends the headers for the application, and reports the request
 * itself. Null if nobody answers.
 */
export async function askVerifier(
  verifier: Verifier,
  { url, told }: NonNullable<Delivery['verify']>,
  headers: Headers,
): Promise<Response | null> {
  const rest = headers.filter(([name]) => !['host', 'content-length', ...Object.keys(told)].includes(name));
  const sent = [...rest, ...Object.entries(told)].map(([name, value]): [string, string] => [name, value]);
  try {
    return await verifier(url, { method: 'GET', headers: sent, redirect: 'manual' });
  } catch {
    return null;
  }
}

/** The headers of one of the oracle's visits, as they would reach the application. */
export function playedHeaders(visit: Visit, { dropped }: Delivery): Headers {
  return passedOn(visit.headers).filter(([name]) => !dropped.includes(name));
}
