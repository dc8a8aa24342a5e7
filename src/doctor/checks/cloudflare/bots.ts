import { verdictOn } from '../../../../reconcilers/edge/reading/verdict.ts';
import type { Config, Service } from '../../../config/model/config.ts';
import { GatesError } from '../../../core/errors.ts';
import { type Chart, type CheckJudgment, check, notKnown, ok, problem, warning } from '../../chart/check.ts';
import { ifPermitted, readAll, type ZoneReply, zonesOf } from '../../chart/cloudflare.ts';

interface SeenZone {
  readonly zone: string;
  /** Undefined: the token may not ask. */
  readonly fights: boolean | undefined;
  /** Addresses that IP Access rules admit: `203.0.113.7`. Undefined: the token may not ask. */
  readonly allowed: readonly string[] | undefined;
  /** Hosts that machines use. */
  readonly machines: readonly string[];
  /** The host that was asked from here, and whether the challenge answered; undefined if gates saw nothing. */
  readonly met: { readonly host: string; readonly challenge: boolean } | undefined;
}

const ways =
  'Turn it off (Security → Settings → Bot traffic → Bot Fight Mode), or allow the addresses of your machines and of gates by an IP Access rule (Security → Security rules → IP Access rules, Allow), or move to a plan with Super Bot Fight Mode and skip that by a WAF rule; Skip rules do nothing against Bot Fight Mode';

/** Checks whether the bot challenge stops machines before Access is even asked. */
export const botsCheck = check<readonly SeenZone[]>({
  name: 'bots',
  area: 'edge',
  asks: 'cloudflare',
  ask: async (chart) => Promise.all((await zonesOf(chart)).map((zone) => examinedZone(chart, zone))),
  judge: (zones) => zones.map(judgmentOf),
});

async function examinedZone(chart: Chart, zone: ZoneReply): Promise<SeenZone> {
  const { cloudflare, config } = chart;
  const path = `/zones/${zone.id}`;
  const management = await ifPermitted(cloudflare.get(`${path}/bot_management`));
  const fights = management.may
    ? (management.answer as { readonly fight_mode?: boolean } | undefined)?.fight_mode === true
    : undefined;
  const rules =
    fights === false
      ? undefined
      : await ifPermitted(readAll<IpRule>(cloudflare, `${path}/firewall/access_rules/rules`, 1000));
  const services = [...(config?.services.values() ?? [])].filter((service) => service.zone === zone.name);
  const machines = services
    .filter((service) => servesMachines(service) || isAskedByAccess(service, config))
    .map(({ host }) => host);
  const [host = services[0]?.host] = machines;
  return {
    zone: zone.name,
    fights,
    allowed: rules?.may ? rules.answer.filter(isAllowing).map((rule) => rule.configuration.value) : undefined,
    machines,
    met: host === undefined ? undefined : await look(chart, host, zone.name_servers ?? []),
  };
}

interface IpRule {
  readonly mode: string;
  readonly configuration: { readonly target: string; readonly value: string };
}

function isAllowing({ mode }: IpRule): boolean {
  return mode === 'whitelist';
}

function servesMachines({ gate, paths }: Service): boolean {
  return [gate, ...paths.map((path) => path.gate)].some(
    ({ visitors, tokens }) => visitors === 'machines' || tokens.length > 0,
  );
}

/** Access redeems each login at Authentik's public host: if it meets a challenge there, nobody can log in anywhere. */
function isAskedByAccess({ gate }: Service, config: Config | undefined): boolean {
  return gate.showsLogin && config?.cloudflare.access.identityProvider !== undefined;
}

/** One request without credentials, like that of any machine. */
async function look(chart: Chart, host: string, nameServers: readonly string[]): Promise<SeenZone['met']> {
  try {
    const answer = await chart.edge.get({ host, path: '/', nameServers }, chart.signal);
    const { by } = verdictOn(answer, host, '/');
    return by === 'elsewhere' ? undefined : { host, challenge: by === 'challenge' };
  } catch (error) {
    // A host that does not exist yet shows nothing about bots.
    if (error instanceof GatesError) return undefined;
    throw error;
  }
}

function judgmentOf({ zone: about, fights, allowed = [], machines, met }: SeenZone): CheckJudgment {
  const whom =
    machines.length === 0 ? 'The probe of gates and every machine' : `Machines at ${machines.join(', ')}`;
  if (met?.challenge === true) {
    if (fights !== false) {
      const why = fights === true ? 'Bot Fight Mode is on' : 'A bot challenge is on';
      const text = `${why}: ${met.host} answered this machine with it, before Access was asked`;
      return problem('bot-fight-mode', { about, text, hint: ways });
    }
    return problem('bot-challenge', {
      about,
      text: `${met.host} answered this machine with a bot challenge, though Bot Fight Mode is off`,
      hint: 'Look for Super Bot Fight Mode, Under Attack Mode, or a WAF rule that challenges (Security → Events names it), and except the host from it',
    });
  }
  if (fights === undefined) {
    return notKnown({
      about,
      text: 'The token may not ask whether Bot Fight Mode is on',
      hint: 'Give it "Zone / Bot Management / Read" to have this looked at',
    });
  }
  if (!fights) return ok('Bot Fight Mode is off', about);
  if (met !== undefined && allowed.length > 0) {
    const rule = `an IP Access rule lets machines by (${allowed.join(', ')})`;
    return ok(`Bot Fight Mode is on, and ${rule}: ${met.host} was not challenged from here`, about);
  }
  const say = machines.length > 0 ? problem : warning;
  return say('bot-fight-mode', {
    about,
    text: `Bot Fight Mode is on: ${whom} may get a challenge in place of an answer, before Access is asked`,
    hint: ways,
  });
}
