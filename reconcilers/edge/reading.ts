import type { Verdict } from './verdict.ts';

/** What an answer says of a gate that is not as it should be. */
export interface Reading {
  readonly answered: string;
  readonly advice: string;
  /**
   * `open`: somebody got through whom the gate should have asked. `person`: it stays as it is until a person does
   * something. `passing`: it may be gone in a minute.
   */
  readonly weight: 'open' | 'person' | 'passing';
}

/** The answers that tell something of the gate. */
export type Telling = Exclude<Verdict, InTheWay>;
type InTheWay = Extract<
  Verdict,
  { readonly by: 'elsewhere' | 'challenge' | 'block' | 'edge-error' | 'closed' }
>;

export function isTelling(verdict: Verdict): verdict is Telling {
  return !['elsewhere', 'challenge', 'block', 'edge-error', 'closed'].includes(verdict.by);
}

/** What keeps a request from the gate. */
export function inTheWay(verdict: InTheWay): Reading {
  switch (verdict.by) {
    case 'elsewhere':
      return {
        answered: 'was not answered by Cloudflare',
        advice:
          'its record is not proxied (yet), or a name server of the house leads it elsewhere: then set GATES_PROBE_EDGE',
        // A record that was not proxied before is told for some seconds more.
        weight: 'passing',
      };
    case 'challenge':
      return {
        answered: 'met the bot challenge',
        advice:
          'Bot Fight Mode stops the probe: turn it off, admit the address of gates by an IP Access rule, or skip Super Bot Fight Mode by a rule',
        weight: 'person',
      };
    case 'block':
      return {
        answered: `was refused with ${verdict.status}`,
        advice:
          'a WAF rule, a rate limit or the application itself refuses before the gate asks, or the tunnel does not run the newest rules yet',
        weight: 'passing',
      };
    case 'edge-error':
      return {
        answered: `was answered with Cloudflare's error ${verdict.status}`,
        advice:
          'the tunnel has no connector, or its origin does not answer: start cloudflared, check the origin',
        weight: 'passing',
      };
    case 'closed':
      return {
        answered: 'was answered with 503',
        advice: 'the host is closed still, or Authentik is starting',
        weight: 'passing',
      };
  }
}
