import type { GateSeen, Paused } from '../status/status.ts';
import { isOrAre, listed, type RunEnd, type Trouble } from './trouble.ts';

/** The gates, and the origins behind them, with a trouble. */
export function gateTroubles({ status, paused }: Pick<RunEnd, 'status' | 'paused'>): readonly Trouble[] {
  return (status.gates ?? []).flatMap((gate) => [...gateTrouble(gate, paused), ...originTrouble(gate)]);
}

function gateTrouble(
  { host, verdict, since, reason }: GateSeen,
  paused: Paused | undefined,
): readonly Trouble[] {
  if (verdict === 'guarded') return [];
  const words = verdict === 'open' && paused !== undefined ? openInPause : gateWords[verdict];
  const { state, tone, title, advice, passing } = words;
  const details = reason === undefined ? [] : [reason];
  return [
    {
      topic: `gate ${host}`,
      state,
      tone,
      group: `${state} ${reason ?? ''}`,
      subject: host,
      title,
      details,
      advice,
      since,
      passing,
      good: `Good again: the gate of ${host} works`,
    },
  ];
}

type GateWords = Pick<Trouble, 'state' | 'tone' | 'title' | 'advice' | 'passing'>;

const shut: GateWords = {
  state: 'shut',
  tone: 'trouble',
  title: (hosts) =>
    `${listed(hosts)} ${hosts.length === 1 ? 'stays' : 'stay'} closed: could not confirm that the gate works`,
  advice:
    'Nobody is exposed. `gates probe` says what it found; once the gate works, the next run opens the host.',
  passing: false,
};

const gateWords: Readonly<Record<Exclude<GateSeen['verdict'], 'guarded'>, GateWords>> = {
  open: {
    state: 'open',
    tone: 'alarm',
    title: (hosts) => `OPEN: strangers get in at ${listed(hosts)}, and gates could not close it`,
    advice: 'Close it now: stop the application, or its tunnel. gates keeps trying.',
    passing: false,
  },
  closed: shut,
  covered: shut,
  unproved: {
    state: 'unproved',
    tone: 'trouble',
    title: (hosts) => `Could not check whether ${listed(hosts)} ${isOrAre(hosts)} guarded`,
    advice: 'gates opened and closed nothing. `gates probe` says what is in the way.',
    passing: true,
  },
};

/** The same state as without a pause, because the beginning and the end of a pause are no news of the host. */
const openInPause: GateWords = {
  ...gateWords.open,
  title: (hosts) => `OPEN: strangers get in at ${listed(hosts)}, and gates is paused`,
  advice: 'Close it now: run `gates resume`, or stop the application or its tunnel.',
};

/** The trouble of an origin that was asked from inside: the gate in front of it may still hold. */
function originTrouble({ host, origin }: GateSeen): readonly Trouble[] {
  if (origin?.verdict !== 'silent') return [];
  const { reason, since } = origin;
  return [
    {
      topic: `origin ${host}`,
      state: 'silent',
      tone: 'trouble',
      group: `origin ${reason ?? ''}`,
      subject: host,
      title: (hosts) => `Checked from inside, the origin of ${listed(hosts)} admits strangers`,
      details: reason === undefined ? [] : [reason],
      advice: 'Make the origin ask for a login; `gates outputs` prints what it needs.',
      since,
      passing: false,
      good: `Good again: the origin of ${host} asks for a login`,
    },
  ];
}
