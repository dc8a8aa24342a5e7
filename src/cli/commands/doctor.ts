import path from 'node:path';
import { createAuthentikWire } from '../../clients/authentik/authentik.ts';
import { createEdge } from '../../clients/edge.ts';
import { createClockOffsets } from '../../clients/http/clock-offset.ts';
import { nobodyWrites } from '../../clients/http/write-guard.ts';
import { systemClock } from '../../clients/state/clock.ts';
import { createNotes } from '../../clients/state/notes.ts';
import type { Config } from '../../config/model/config.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Scope } from '../../core/objects/object.ts';
import { zoneScope } from '../../desired/terms/zone-scope.ts';
import { examine, type Patient, type Unasked } from '../../doctor/examine.ts';
import { checkedConfig } from '../../expect/checked-config.ts';
import { recordedIds } from '../../observed/roster.ts';
import { type DoctorFinding, isHealthy } from '../../report/doctor/doctor.ts';
import { formatDoctor } from '../../report/doctor/doctor-text.ts';
import { widthOf } from '../../report/screen/screen.ts';
import type { DoctorCommandOptions } from '../finding/doctor-live.ts';
import { accountsIn, onlyAccount } from '../surroundings/accounts.ts';
import { cloudflareMaker } from '../surroundings/cloudflare-wires.ts';
import { readGatesFile } from '../surroundings/file.ts';
import { readSettings, type Settings } from '../surroundings/settings.ts';
import { print, printJson, redactor, tellMoving, wantsColor } from '../surroundings/terminal.ts';
import { UsageError } from '../surroundings/usage-error.ts';

/** Milliseconds for one question, so that a machine that does not answer does not delay the others. */
const patience = 15_000;

/** Looks for anything that can stop gates, and writes nothing. Exit codes: 0 = no problem, 1 = problems. */
export async function doctor(options: DoctorCommandOptions): Promise<number> {
  const { output, color, quiet } = options;
  refuseLiveOptions(options);
  const moving = process.stderr.isTTY === true && !quiet;
  const { settings, ...read } = await readFile(options);
  const patient = patientOf(read, settings);
  const onAnswer = (answered: number, all: number) => tellMoving(`asking ${answered}/${all}`);
  const document = await examine({ ...patient, ...(moving && { onAnswer }) });
  if (moving) tellMoving();
  const form = { color: wantsColor(process.stdout, color), width: widthOf(process.stdout), quiet };
  if (output === 'json') printJson(document);
  else print(formatDoctor(document, form));
  return isHealthy(document) ? 0 : 1;
}

/** @throws UsageError for an option that has a meaning only with `--live`. */
function refuseLiveOptions({ output, owner, zone, authentik }: DoctorCommandOptions): void {
  const isFormat = output === 'sarif' || output === 'markdown';
  const given = [
    ...(isFormat ? [`--output ${output}`] : []),
    ...(owner !== undefined ? ['--owner'] : []),
    ...(zone.length > 0 ? ['--zone'] : []),
    ...(authentik !== undefined ? ['--authentik'] : []),
  ];
  if (given.length > 0)
    throw new UsageError(`Only \`gates doctor --live\` takes ${given.join(', ')}`, {
      hint: 'Add --live, or leave it out',
    });
}

type ReadFile = Pick<Patient, 'config' | 'file' | 'fileFinding'>;

type FileOptions = Pick<DoctorCommandOptions, 'file' | 'color' | 'account'>;

/** Reads the file. Without a valid one, the doctor examines the systems nevertheless, for whatever a file may need. */
async function readFile({
  file,
  color,
  account,
}: FileOptions): Promise<ReadFile & { readonly settings: Settings }> {
  const environment = readSettings(process.env);
  const finding = (rest: Pick<DoctorFinding, 'state' | 'text'> & Partial<DoctorFinding>): DoctorFinding => ({
    check: 'file',
    area: 'file',
    about: file,
    ...rest,
  });
  let text: Uint8Array;
  try {
    text = await readGatesFile(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return {
      settings: environment,
      config: undefined,
      file: 'none',
      fileFinding: finding({
        state: 'warning',
        code: 'file-missing',
        text: 'It cannot be read, so that nobody knows what is needed: everything is looked at as if it were',
        hint: 'Name one with --file to have the systems held against it',
      }),
    };
  }
  // Mistakes are a finding; only of a file with several accounts is it unknown which one is meant.
  const asked = onlyAccount(accountsIn(text, { file, color, account }, environment), file);
  const settings = asked?.settings ?? environment;
  const read = checkedConfig(asked?.text ?? text);
  if (read.ok) {
    return {
      settings,
      config: read.parsed.config,
      file: 'read',
      fileFinding: finding({ state: 'ok', text: 'It is valid' }),
    };
  }
  const count = read.mistakes.filter(({ severity }) => severity === 'error').length;
  return {
    settings,
    config: undefined,
    file: 'mistakes',
    fileFinding: finding({
      state: 'problem',
      code: 'file-mistakes',
      text: `It has ${count === 1 ? 'a mistake' : `${count} mistakes`}, so that nothing of it is held against the systems`,
      hint: '`gates validate` shows where, and what would be right',
    }),
  };
}

function patientOf(read: ReadFile, settings: Settings): Patient {
  const { signal } = new AbortController();
  const clocks = createClockOffsets();
  const common = { clock: systemClock, redactor, signal, guard: nobodyWrites };
  const asking = (name: string) => clocks.around(name, timedFetch);
  const { cloudflareToken, cloudflareBaseUrl: baseUrl, tokenVariables: variables } = settings;
  const parts = { ...common, ...(baseUrl !== undefined && { baseUrl }), fetch: asking('cloudflare') };
  const wires = cloudflareToken === undefined ? undefined : cloudflareMaker(settings, systemClock)(parts);
  const zoneTokens = new Map(
    [...new Set(read.config?.cloudflare.zoneTokens.values())].flatMap((name) => {
      const wire = wires?.ofZone(name);
      return wire === undefined ? [] : [[name, wire] as const];
    }),
  );
  const authentikUrl = settings.authentikUrl ?? read.config?.authentik?.url;
  return {
    ...read,
    secretVariables: settings.secretVariables,
    recordedIds: (owner) => recordedIds(createNotes(path.join(settings.accountDir, 'notes')), owner),
    cloudflare:
      wires === undefined
        ? {
            missing: 'no token for Cloudflare',
            hint: `Set ${variables.cloudflare}, or ${variables.cloudflare}_FILE`,
          }
        : wires.of(scopeOf(read.config, zoneTokens)),
    workers: wires?.workers,
    zoneTokens,
    variables,
    authentik: authentikOf(read.config, authentikUrl, settings, (token, url) =>
      createAuthentikWire({
        ...common,
        token,
        variable: variables.authentik,
        url,
        fetch: asking('authentik'),
      }),
    ),
    authentikUrl,
    edge: createEdge(settings.probeEdge),
    now: new Date(),
    ahead: clocks.ahead,
    signal,
  };
}

/** The zones of the file. A token that is missing is a finding, and the zone is asked with that of the account. */
function scopeOf(
  config: Config | undefined,
  present: ReadonlyMap<string, unknown>,
): Pick<Scope, 'zones' | 'zoneTokens'> {
  if (config === undefined) return { zones: [] };
  const { zones, zoneTokens } = config.cloudflare;
  const known = [...zoneTokens].filter(([, name]) => present.has(name));
  return zoneScope({ zones, zoneTokens: new Map(known) });
}

function authentikOf(
  config: Config | undefined,
  url: string | undefined,
  { authentikToken: token, tokenVariables: { authentik: variable } }: Settings,
  wire: (token: string, url: string) => Patient['authentik'],
): Patient['authentik'] {
  if (config !== undefined && config.authentik === undefined) return undefined;
  if (token === undefined) {
    return { missing: 'no token for Authentik', hint: `Set ${variable}, or ${variable}_FILE` };
  }
  if (url === undefined) return unaddressed;
  return wire(token, url);
}

const unaddressed: Unasked = {
  missing: 'nobody says where Authentik is',
  hint: 'Set AUTHENTIK_URL, or `authentik.url` in the file',
};

function timedFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const late = AbortSignal.timeout(patience);
  return fetch(input, { ...init, signal: init.signal ? AbortSignal.any([init.signal, late]) : late });
}
