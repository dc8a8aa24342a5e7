import { probeKey } from '../../../reconcilers/cloudflare/access/policy/probe-key.ts';
import { rotateServiceToken } from '../../../reconcilers/cloudflare/service-token/rotation.ts';
import { serviceToken } from '../../../reconcilers/cloudflare/service-token/service-token.ts';
import { probeCredentials } from '../../../reconcilers/edge/probe.ts';
import { held } from '../belief.ts';
import { type Group, named } from '../group.ts';
import { described, type Seen } from '../seen.ts';

const beliefs = named('rotation', {
  both: {
    says: 'After a rotation with an overlap, the new secret and the old one are admitted',
    where: 'reconcilers/cloudflare/service-token/renewal.ts',
  },
  old: {
    says: 'Once the overlap is over, the old secret is refused',
    where: 'reconcilers/cloudflare/service-token/renewal.ts',
    needs: ['rotation/both'],
  },
  expiry: {
    says: 'A rotation of gates renews the end of the token',
    where: 'reconcilers/cloudflare/service-token/renewal.ts',
  },
});

/** Milliseconds for which the old secret stays valid. */
const overlap = 60_000;

/** A new secret for a service token. */
export const rotation: Group = {
  name: 'rotation',
  set: 'full',
  seconds: 150,
  makes: ['1 tag, 1 policy, 1 service token and 1 application of Access, at the scratch host'],
  needs: ['cover/admits'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    const { policy, headers: old } = await lab.probePolicy();
    await lab.application('', [policy.id]);
    await lab.open();
    const isIn = ({ by }: Seen) => by.by === 'application';
    const isOut = ({ by }: Seen) => by.by === 'access-refusal';
    await lab.visitUntil('/', {}, isOut);
    await lab.visitUntil('/', old, isIn);
    const before = await lab.read(serviceToken, probeKey);
    await answers.ask(beliefs.both, async () => {
      await rotateServiceToken(lab.world, probeKey, { overlap });
      lab.world.forget(serviceToken);
      const renewed = await probeCredentials(lab.world);
      const { done, value } = await lab.visitUntil('/', renewed, isIn);
      const second = await lab.visit('/', old);
      return held(done && isIn(second), `new: ${described(value)}; old: ${described(second)}`);
    });
    await answers.ask(beliefs.expiry, async () => {
      const { expiresAt } = await lab.read(serviceToken, probeKey);
      const isLater = Date.parse(expiresAt ?? '') >= Date.parse(before.expiresAt ?? '');
      return held(isLater, `it ends ${expiresAt}, and would have ended ${before.expiresAt}`);
    });
    await answers.ask(beliefs.old, async () => {
      const most = overlap + 2 * lab.world.longestLag;
      const { done, value } = await lab.visitUntil('/', old, isOut, { most });
      return held(done, described(value));
    });
  },
};
