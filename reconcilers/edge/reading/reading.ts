import type { WrongTokens } from '../../cloudflare/account/organization.ts';
import type { EdgeVerdict } from './verdict.ts';

/** The fault that an answer shows in a gate. */
export interface EdgeReading {
  readonly answered: string;
  readonly advice: string;
  /**
   * `open`: somebody whom the gate should have asked got through. `person`: only a person can change it. `passing`: it
   * may be over in a minute.
   */
  readonly weight: 'open' | 'person' | 'passing';
}

/** The answers that say something about the gate. */
export type Telling = Exclude<EdgeVerdict, InTheWay>;
type InTheWay = Extract<
  EdgeVerdict,
  { readonly by: 'elsewhere' | 'challenge' | 'cache' | 'worker' | 'block' | 'edge-error' | 'closed' }
>;

export function isTelling(verdict: EdgeVerdict): verdict is Telling {
  return !['elsewhere', 'challenge', 'cache', 'worker', 'block', 'edge-error', 'closed'].includes(verdict.by);
}

/**
 * The reading if Access answers to a token that it does not know, sent to a cover that admits it; undefined if the
 * answer says nothing about the token. If Access refuses wrong tokens, a 401 concerns the token and a 403 the cover;
 * if it ignores them, a 401 concerns a missing token.
 */
export function refusedToken(verdict: EdgeVerdict, wrongTokens: WrongTokens): EdgeReading | undefined {
  if (verdict.by === 'access-refusal') {
    const { status } = verdict;
    if ((wrongTokens === 'refused') !== (status === 401)) return undefined;
    return unknownToken(`was refused by Access with ${status}`, wrongTokens);
  }
  if (verdict.by !== 'access-login' || wrongTokens === 'refused') return undefined;
  return unknownToken('was sent to the login of Access', wrongTokens);
}

function unknownToken(answered: string, wrongTokens: WrongTokens): EdgeReading {
  const isSure = wrongTokens === 'refused';
  return {
    answered,
    advice: `${isSure ? '' : 'the cover does not admit the probe (yet), another Access application stands before the host, or '}Access does not know the secret of the probe's service token (yet): where somebody changed it in the dashboard, remove the file vault/service-token-<owner>%2Fprobe from the state folder, and the next run makes another token`,
    weight: 'passing',
  };
}

/** The obstacle that keeps a request from the gate. */
export function inTheWay(verdict: InTheWay): EdgeReading {
  switch (verdict.by) {
    case 'elsewhere':
      return {
        answered: 'was not answered by Cloudflare',
        advice:
          'its record is not proxied (yet), or a name server in your network resolves it to another address: then set GATES_PROBE_EDGE',
        // A record that became proxied just now still looks so for some seconds.
        weight: 'passing',
      };
    case 'challenge':
      return {
        answered: 'met the bot challenge',
        advice:
          'Bot Fight Mode or a WAF rule stops the probe: turn it off, admit the address of gates by an IP Access rule, or skip Super Bot Fight Mode by a rule',
        weight: 'person',
      };
    case 'cache':
      return {
        answered: `was answered from Cloudflare's cache (${verdict.sign})`,
        advice:
          'a foreign cache rule stores pages of this host, or copies from before are left: `gates doctor` names such rules; purge the host in the dashboard',
        // An earlier copy disappears when our rule reaches the edge.
        weight: 'passing',
      };
    case 'worker':
      return {
        answered: 'was answered by the Worker that passes on the identity',
        advice: 'Access does not ask before it (yet), or its removal has not reached the edge',
        weight: 'passing',
      };
    case 'block':
      return {
        ...refusalSaid(verdict),
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

type Block = Extract<EdgeVerdict, { readonly by: 'block' }>;

/** True if Cloudflare refuses a request before any rule of ours or any gate. */
export function isForeign({ refusal }: Block): boolean {
  return refusal !== undefined && 'code' in refusal;
}

/** The part that refuses, as far as the answer shows it. */
export function refusalSaid({ status, refusal }: Block): Pick<EdgeReading, 'answered' | 'advice'> {
  const answered = `was refused with ${status}`;
  if (refusal === undefined) {
    return {
      answered,
      advice:
        'a WAF rule, a rate limit or the application itself refuses before the gate asks, or the tunnel does not run the newest rules yet',
    };
  }
  if ('rule' in refusal) {
    return {
      answered: `${answered} by a WAF rule of gates`,
      advice:
        'it goes, or has gone and answers still; with `reconcile.prune: false` it stays, so let gates remove it',
    };
  }
  const { by, advice } = foreignRefusals[refusal.code] ?? otherRefusal;
  return { answered: `${answered} by Cloudflare's error ${refusal.code} (${by})`, advice };
}

const otherRefusal = {
  by: 'a refusal of Cloudflare before the gate',
  advice: 'look the number up at Cloudflare, and at Security → Events of the zone',
};
const ipBlock = {
  by: 'a block by address',
  advice:
    'the address of gates is blocked at Cloudflare: look at IP Access rules, at Zone Lockdown and at Security → Events of the zone',
};

/** Errors with which Cloudflare refuses a visitor, whatever gate the host has. */
const foreignRefusals: Readonly<Record<number, { readonly by: string; readonly advice: string }>> = {
  1005: ipBlock,
  1006: ipBlock,
  1007: ipBlock,
  1008: ipBlock,
  1009: {
    by: 'a block by country',
    advice: 'an IP Access rule refuses the country that gates asks from: allow the address of gates there',
  },
  1010: {
    by: 'Browser Integrity Check',
    advice:
      'it refuses gates by its User-Agent, before any rule: turn it off for the host by a Configuration Rule, or for the zone under Security → Settings',
  },
  1012: ipBlock,
  1015: {
    by: 'a rate limit',
    advice: 'a rate limiting rule of the zone refuses: exempt the address of gates',
  },
  1020: {
    by: 'a custom rule of the zone',
    advice: 'another WAF rule than ours refuses: see Security → Events, and exempt the address of gates',
  },
  1106: ipBlock,
};
