import { RejectedError } from '../../../core/errors.ts';
import { check, ok, problem } from '../../chart/check.ts';
import { zonesOf } from '../../chart/cloudflare.ts';

/** The code of Cloudflare's answer for a zone that is not entitled. */
const notEntitled = '10403';

interface SeenZone {
  readonly zone: string;
  readonly entitled: boolean;
}

/** Checks whether the zones with a gate `jwt` at the edge have API Shield, which checks the tokens there. */
export const apiShieldCheck = check<readonly SeenZone[]>({
  name: 'api-shield',
  area: 'cloudflare',
  asks: 'cloudflare',
  async ask(chart) {
    const needed = [...(chart.config?.services.values() ?? [])].filter(({ gate, paths }) =>
      [gate, ...paths.map((path) => path.gate)].some(({ enforcedBy }) => enforcedBy === 'shield'),
    );
    if (needed.length === 0) return [];
    const zones = (await zonesOf(chart)).filter(({ name }) => needed.some(({ zone }) => zone === name));
    return Promise.all(
      zones.map(async ({ id, name: zone }) => {
        try {
          await chart.cloudflare.get(`/zones/${id}/token_validation/config`);
          return { zone, entitled: true };
        } catch (error) {
          if (!(error instanceof RejectedError) || error.facts.code !== notEntitled) throw error;
          return { zone, entitled: false };
        }
      }),
    );
  },
  judge: (zones) =>
    zones.map(({ zone: about, entitled }) =>
      entitled
        ? ok('The zone has API Shield', about)
        : problem('api-shield', {
            about,
            text: 'The zone is not entitled to API Shield: nothing checks a JWT at the edge',
            hint: 'Write `at: origin` in the gate, or ask Cloudflare for API Shield (Enterprise)',
          }),
    ),
});
