import { selfOf } from '../../chart/authentik.ts';
import { check, ok, problem, warning } from '../../chart/check.ts';

interface TokenReply {
  readonly identifier: string;
  readonly expiring?: boolean;
  readonly expires?: string | null;
}

const day = 86_400_000;
/** Milliseconds before its end at which a token is reported, and at which it is urgent. */
const soon = 14 * day;
const urgent = 2 * day;

/** Checks when the API tokens of the account end. The API does not tell which of them is ours without showing keys. */
export const authentikExpiry = check<readonly TokenReply[]>({
  name: 'token-end',
  area: 'authentik',
  asks: 'authentik',
  async ask(chart) {
    const { username } = await selfOf(chart);
    const query = { user__username: username, intent: 'api' };
    return (await chart.authentik.list('/core/tokens/', query)) as readonly TokenReply[];
  },
  judge(tokens, { now, variables }) {
    const ending = tokens
      .flatMap(({ identifier, expiring, expires }) =>
        expiring !== false && typeof expires === 'string' ? [{ identifier, at: Date.parse(expires) }] : [],
      )
      // An expired token cannot be the one that asks.
      .filter(({ at }) => at > now)
      .sort((left, right) => left.at - right.at);
    const [first] = ending;
    if (first === undefined) return [ok('The token does not expire')];
    const end = new Date(first.at).toISOString();
    if (first.at - now >= soon) return [ok(`The token "${first.identifier}" lasts until ${end}`)];
    const certain = tokens.length === 1;
    const which = certain ? 'The token' : 'One of the API tokens of this account,';
    return [
      (certain && first.at - now < urgent ? problem : warning)('authentik-token-expires', {
        text: `${which} "${first.identifier}" ends at ${end}; its key is another one then`,
        hint: `Make one with \`expiring: false\` (Directory → Tokens and App passwords, "Expiring" off), and set ${variables.authentik}`,
      }),
    ];
  },
});
