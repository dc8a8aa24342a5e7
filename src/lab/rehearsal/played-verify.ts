import { verifyChallenge } from '../../core/verify-challenge.ts';
import type { Verifier } from '../sandbox/index.ts';

/** The address that an imitated Traefik asks about a host; only {@link playedVerify} answers there. */
export function verifyAddress(host: string): string {
  return `http://gates.invalid/verify?host=${host}`;
}

/** `/verify` of the daemon in a rehearsal: no visitor there has a token that the file's keys would accept. */
export const playedVerify: Verifier = async (url, { headers }) => {
  const sent = new Map(headers);
  const call = { method: sent.get('x-forwarded-method') ?? '', uri: sent.get('x-forwarded-uri') ?? '' };
  const challenge = verifyChallenge(new URL(url).searchParams.get('host') ?? '', call);
  return new Response('not admitted\n', { status: 401, headers: { 'www-authenticate': challenge } });
};
