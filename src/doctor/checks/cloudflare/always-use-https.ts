import { type CheckJudgment, check, notKnown, ok, warning } from '../../chart/check.ts';
import { ifPermitted, zonesOf } from '../../chart/cloudflare.ts';

interface SeenZone {
  readonly zone: string;
  /** Undefined: the token may not ask. */
  readonly value: string | undefined;
}

/** Checks whether visitors who type `http://` are sent to `https://` before anything else. */
export const alwaysUseHttps = check<readonly SeenZone[]>({
  name: 'https',
  area: 'edge',
  asks: 'cloudflare',
  ask: async (chart) =>
    Promise.all(
      (await zonesOf(chart)).map(async ({ id, name: zone }) => {
        const path = `/zones/${id}/settings/always_use_https`;
        const seen = await ifPermitted(chart.cloudflare.get(path));
        const value = seen.may ? (seen.answer as { readonly value?: string } | undefined)?.value : undefined;
        return { zone, value };
      }),
    ),
  judge: (zones) => zones.map(judgmentOf),
});

function judgmentOf({ zone: about, value }: SeenZone): CheckJudgment {
  if (value === 'on') return ok('Always Use HTTPS is on', about);
  if (value === undefined) {
    return notKnown({
      about,
      text: 'The token may not ask whether Always Use HTTPS is on',
      hint: 'Give it "Zone / Zone Settings / Read" to have this looked at',
    });
  }
  return warning('always-use-https', {
    about,
    text: 'Always Use HTTPS is off: visitors who type http:// get an unencrypted page, and logins can loop',
    hint: 'Switch it on (SSL/TLS → Edge Certificates), and let no entry point that the tunnel reaches redirect to https by itself',
  });
}
