import { type Chart, type CheckJudgment, check, type Need, ok, problem, warning } from '../../chart/check.ts';
import { chartedAccountPath, type TunnelReply, tunnelsOf } from '../../chart/cloudflare.ts';

interface SeenTunnel {
  readonly name: string;
  readonly status: string | undefined;
  readonly isLocal: boolean;
  /** The configuration version of each connector. */
  readonly running: readonly number[];
  /** The version that was written last, and its time (epoch milliseconds). */
  readonly written: { readonly version: number; readonly at: number };
}

/** Milliseconds that a connector may take to run a new configuration. */
const pickUp = 60_000;

/** Checks whether the tunnels exist, get their rules from the API, are connected, and run the newest ones. */
export const tunnels = check<readonly SeenTunnel[]>({
  name: 'tunnel',
  area: 'tunnel',
  asks: 'cloudflare',
  async ask(chart) {
    const { config } = chart;
    const all = await tunnelsOf(chart);
    const wanted = all.filter(({ name }) => config === undefined || config.cloudflare.tunnels.has(name));
    return Promise.all(wanted.map((tunnel) => examinedTunnel(chart, tunnel)));
  },
  judge(found, need) {
    const wanted = [...(need.config?.cloudflare.tunnels.values() ?? [])];
    const missing = wanted.filter(({ name }) => !found.some((tunnel) => tunnel.name === name));
    return [
      ...missing.map(({ name, create }) =>
        create
          ? ok('The tunnel is not there yet: `gates apply` makes it', name)
          : problem('tunnel-missing', {
              about: name,
              text: 'There is no tunnel of this name in the account',
              hint: 'Make it (Zero Trust → Networks → Tunnels), or write `create: true` below it in the file',
            }),
      ),
      ...found.flatMap((tunnel) => judgmentsOf(tunnel, need)),
    ];
  },
});

async function examinedTunnel(
  chart: Chart,
  { id, name, status, config_src: source }: TunnelReply,
): Promise<SeenTunnel> {
  const path = `${await chartedAccountPath(chart)}/cfd_tunnel/${id}`;
  const [connectors, configuration] = await Promise.all([
    chart.cloudflare.get(`${path}/connections`),
    chart.cloudflare.get(`${path}/configurations`),
  ]);
  const { version = 0, created_at: at = '' } = (configuration ?? {}) as Partial<ConfigurationReply>;
  return {
    name,
    status,
    isLocal: source === 'local',
    running: ((connectors ?? []) as readonly ConnectorReply[]).map((one) => one.config_version ?? 0),
    written: { version, at: Date.parse(at) },
  };
}

interface ConnectorReply {
  readonly config_version?: number;
}

interface ConfigurationReply {
  readonly version: number;
  readonly created_at: string;
}

/** A tunnel that no file asks for may be unused. */
function judgmentsOf(tunnel: SeenTunnel, { config, now }: Need): readonly CheckJudgment[] {
  const { name: about, isLocal, running, status, written } = tunnel;
  const say = config === undefined ? warning : problem;
  if (isLocal) {
    return [
      say('tunnel-local', {
        about,
        text: 'The tunnel is configured by a file on its machine: what gates writes does nothing there',
        hint: 'Move it: Zero Trust → Networks → Tunnels → the tunnel → Migrate; then start cloudflared with the token alone, without config.yml',
      }),
    ];
  }
  if (running.length === 0) {
    return [
      say('tunnel-disconnected', {
        about,
        text: 'No cloudflared is connected: every host behind the tunnel answers 530',
        hint: 'Start cloudflared with the token of this tunnel, and see that it reaches port 7844 (its log says more)',
      }),
    ];
  }
  const behind = Math.min(...running) < written.version;
  if (behind && now - written.at > pickUp) {
    return [
      say('tunnel-behind', {
        about,
        text: `A cloudflared runs configuration ${Math.min(...running)}, and ${written.version} was written at ${new Date(written.at).toISOString()}`,
        hint: 'Start that cloudflared again; where it comes back, update it, and see that its machine reaches Cloudflare',
      }),
    ];
  }
  if (status === 'degraded') {
    return [
      warning('tunnel-degraded', {
        about,
        text: 'The tunnel is connected, and not by all of its connections',
        hint: 'See the log of cloudflared: mostly a firewall or a way to Cloudflare that breaks off',
      }),
    ];
  }
  const count = running.length === 1 ? 'one cloudflared' : `${running.length} cloudflareds`;
  return [
    ok(`Configured from here, ${count} connected, running configuration ${Math.min(...running)}`, about),
  ];
}
